/** More than thirty days after `custody.spec.ts`: silence is over, a week has passed, and who has managed for a week has a say. */
import { expect, test } from '@playwright/test';

import { address, enter, giveWallet, HEIR, look, lookOnPhone, MARIA, PIETER, visit, watch, world } from './world';

test('custodian should act after silence when the hospital agrees, and no longer when the patient is back', async ({ browser }) => {
  const patient = await (await browser.newContext()).newPage();
  const heir = await (await browser.newContext()).newPage();
  const hospital = await (await browser.newContext()).newPage();
  const wrong = [...watch(patient), ...watch(heir), ...watch(hospital)];
  await giveWallet(patient, PIETER);
  await giveWallet(heir, HEIR);
  await giveWallet(hospital, [{ name: 'Riverside', suri: world.hospital }]);

  await enter(heir, '#/care');
  await heir.getByRole('button', { name: 'Ask to step in' }).click();
  await expect(heir.getByText('You have asked. Now Riverside General (r0-0) has to agree.')).toBeVisible();

  await enter(hospital, '#/hospital/patients');
  await expect(hospital.getByRole('heading', { name: 'r0-0: somebody asks to step in' })).toBeVisible();
  await look(hospital, 'hospital-waits');
  await hospital.getByRole('button', { name: 'Agree in my wallet' }).click();
  await expect(hospital.getByRole('heading', { name: 'r0-0: somebody has stepped in' })).toBeVisible();

  await visit(heir, '#/care');
  await expect(heir.getByText('You have stepped in')).toBeVisible();
  await look(heir, 'stepped-in');
  await visit(heir, '#/records');
  await heir.getByRole('button', { name: 'Open my records' }).click();
  await expect(heir.getByText('Hemoglobin').first()).toBeVisible();

  // The patient is back, and one click ends it.
  await enter(patient);
  await expect(patient.getByRole('heading', { name: 'Somebody acts for you' })).toBeVisible();
  await visit(patient, '#/care');
  await patient.getByRole('button', { name: 'I am here: end this' }).click();
  await expect(patient.getByRole('heading', { name: 'Somebody acts for you' })).toHaveCount(0);
  await visit(heir, '#/care');
  await heir.getByRole('button', { name: 'Ask to step in' }).click();
  await expect(heir.getByText('They have not been silent for long enough')).toBeVisible();
  expect(wrong).toEqual([]);
});

test('fresh key should have all that was the old one’s when a week has passed', async ({ page }) => {
  await giveWallet(page, [{ name: 'New', suri: `${world.fresh}//medrec//7` }]);
  await enter(page, '#/recover');
  await page.getByRole('button', { name: 'Finish in my wallet' }).click();
  await expect(page.getByRole('heading', { name: 'A new key at Riverside General' })).toHaveCount(0);
  await visit(page, '#/keys');
  await expect(page.getByRole('heading', { name: 'At Riverside General' })).toBeVisible();
  // The gatekeeper follows the finalised chain.
  await expect(async () => {
    await visit(page, '#/');
    await page.getByRole('button', { name: 'Open my records' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toContainText('Hello', { timeout: 8_000 });
  }).toPass({ timeout: 90_000 });
});

test('everything should rest when the key that is said to be lost says no', async ({ browser }) => {
  const patient = await (await browser.newContext()).newPage();
  const maria = await (await browser.newContext()).newPage();
  const wrong = [...watch(patient), ...watch(maria)];
  await giveWallet(patient, PIETER);
  await giveWallet(maria, [...MARIA, { name: 'Fresh', suri: `${world.patient}//medrec//9` }]);
  await enter(maria, '#/recover');
  await maria.getByText('Somebody I act for has lost a key').click();
  await maria.getByLabel('The address of the new account').fill(await address(maria, 'Fresh'));
  await expect(maria.getByText('shall take the place of the lost key')).toBeVisible();
  await maria.getByRole('button', { name: 'Ask in my wallet' }).click();
  await expect(maria.getByText('has agreed')).toBeVisible();
  await look(maria, 'rekey-asked');

  await enter(patient);
  await expect(patient.getByRole('heading', { name: 'Somebody wants to replace your key at Riverside General' })).toBeVisible();
  await look(patient, 'rekey-told');
  await visit(patient, '#/recover');
  await patient.getByRole('button', { name: 'No, my key is not lost' }).click();
  await expect(patient.getByText('Somebody said no with the old key. Nothing goes on until Riverside General has checked again')).toBeVisible();
  await look(patient, 'rekey-vetoed');
  await lookOnPhone(patient, 'rekey-vetoed');
  expect(wrong).toEqual([]);
});
