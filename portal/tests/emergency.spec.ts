/** Breaking the glass: by emergency staff alone, with a reason and a warning; seen, stopped and reviewed. */
import { expect, test } from '@playwright/test';

import { carry } from './votes';
import { COUNCIL, enter, giveWallet, look, lookOnPhone, PIETER, turnTo, visit, watch, world } from './world';

test('glass should open for emergency staff with a reason, and the patient should see and stop it', async ({ browser }) => {
  const rescuer = await (await browser.newContext()).newPage();
  const patient = await (await browser.newContext()).newPage();
  const council = await (await browser.newContext()).newPage();
  const wrong = [...watch(rescuer), ...watch(patient), ...watch(council)];
  await giveWallet(rescuer, [{ name: 'Rescuer', suri: world.rescuer }]);
  await giveWallet(patient, PIETER);
  await giveWallet(council, COUNCIL);

  await enter(rescuer, '#/view?r=r0-0');
  await rescuer.getByText('Medicines', { exact: true }).click();
  await rescuer.getByRole('button', { name: 'Sign in and look' }).click();
  await expect(rescuer.getByText('Nothing is shared with this account')).toBeVisible();
  await expect(rescuer.getByText('The patient is told at once, everybody can see it on the chain, and it is reviewed afterwards')).toBeVisible();
  const button = rescuer.getByRole('button', { name: 'Break the glass' });
  await expect(button).toBeDisabled();
  await rescuer.getByLabel('Why?').fill('No');
  await expect(button).toBeDisabled();
  await rescuer.getByLabel('Why?').fill('Found unconscious, no relative at hand');
  await look(rescuer, 'break-glass');
  await lookOnPhone(rescuer, 'break-glass');
  await button.click();
  await expect(rescuer.getByText('records, signed by Riverside General')).toBeVisible();
  await expect(rescuer.getByText('Keep this for the review')).toBeVisible();
  await look(rescuer, 'broken-glass');

  await enter(patient);
  await expect(patient.getByRole('heading', { name: 'Emergency access at Riverside General' })).toBeVisible();
  await expect(patient.getByText('Somebody on the emergency staff of Hillcrest Clinic')).toBeVisible();
  await look(patient, 'glass');
  await lookOnPhone(patient, 'glass');
  await turnTo(patient, 'Who looked');
  await patient.getByRole('button', { name: 'Open this log' }).last().click();
  await expect(patient.locator('li', { hasText: 'emergency' }).first()).toBeVisible();
  await visit(patient, '#/');
  await patient.getByRole('button', { name: 'Stop this access' }).click();
  await expect(patient.getByRole('heading', { name: 'Emergency access at Riverside General' })).toHaveCount(0);
  await rescuer.getByRole('button', { name: 'Sign in and look' }).click();
  await expect(rescuer.getByText('Nothing is shared with this account')).toBeVisible();

  // The consortium looks at every one of them.
  await enter(council, '#/council');
  await expect(council.getByRole('heading', { name: 'Emergency accesses to be reviewed' })).toBeVisible();
  await council.getByRole('button', { name: 'Propose: it was an emergency' }).click();
  await carry(council, 'was an emergency.', () => look(council, 'review'));
  await expect(council.getByRole('heading', { name: 'Emergency accesses to be reviewed' })).toHaveCount(0);
  expect(wrong).toEqual([]);
});
