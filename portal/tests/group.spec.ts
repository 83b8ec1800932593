/** Sharing with a group of hospitals. */
import { expect, test } from '@playwright/test';

import { enter, giveWallet, look, lookOnPhone, PIETER, watch, world } from './world';

test('staff of a hospital in the group should see what was shared with it, until that is stopped', async ({ browser }) => {
  const patient = await (await browser.newContext()).newPage();
  const doctor = await (await browser.newContext()).newPage();
  const wrong = [...watch(patient), ...watch(doctor)];
  await giveWallet(patient, PIETER);
  await giveWallet(doctor, [{ name: 'Doctor', suri: world.doctor }]);
  await enter(patient, '#/share');
  await patient.getByText('A group of hospitals').click();
  await patient.getByRole('combobox').filter({ hasText: 'Choose a group' }).selectOption({ label: 'All emergency rooms' });
  await expect(patient.getByText('In it now: Hillcrest Clinic')).toBeVisible();
  await patient.getByText('Riverside General', { exact: true }).click();
  await patient.getByText('Some kinds of records').click();
  await patient.getByText('Medicines', { exact: true }).click();
  await patient.getByText('1 day').click();
  await expect(patient.locator('.sentence')).toContainText('“All emergency rooms” see Medicines from Riverside General, for treatment');
  await look(patient, 'share-group');
  await lookOnPhone(patient, 'share-group');
  await patient.getByRole('button', { name: 'Sign in my wallet' }).click();
  await expect(patient.getByRole('heading', { level: 1, name: 'Shared' })).toBeVisible();

  await enter(doctor, '#/view?r=r0-0');
  await doctor.getByRole('checkbox', { name: 'Results and measurements' }).uncheck();
  await doctor.getByRole('checkbox', { name: 'Medicines' }).check();
  await doctor.getByRole('button', { name: 'Sign in and look' }).click();
  await expect(doctor.getByText('signed by Riverside General')).toBeVisible();

  await patient.getByRole('link', { name: 'Back to sharing' }).click();
  await expect(patient.getByRole('heading', { name: 'Staff of all in the group “All emergency rooms”' })).toBeVisible();
  await look(patient, 'sharing-group');
  await patient.getByRole('button', { name: 'Stop sharing' }).click();
  await expect(patient.getByText('You share nothing')).toBeVisible();
  await doctor.getByRole('button', { name: 'Sign in and look' }).click();
  await expect(doctor.getByText('Nothing is shared with this account')).toBeVisible();
  expect(wrong).toEqual([]);
});
