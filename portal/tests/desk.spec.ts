/** The desk of a hospital: a steward makes a ticket, files what was sent in, and sees what is kept back. */
import { expect, test } from '@playwright/test';

import { address, enter, giveWallet, look, lookOnPhone, PIETER, turnTo, visit, watch, world } from './world';

const STEWARD = [{ name: 'Desk', suri: world.steward }];

test('ticket should enrol a patient when a steward made it at the desk', async ({ browser }) => {
  const desk = await (await browser.newContext()).newPage();
  const patient = await (await browser.newContext()).newPage();
  const wrong = [...watch(desk), ...watch(patient)];
  await giveWallet(desk, STEWARD);
  await giveWallet(patient, [{ name: 'Chris', suri: `${world.steward}//chris//medrec//0` }]);
  await enter(desk, '#/desk');
  await desk.getByLabel('The number of the record').fill('RG-0');
  await desk.getByRole('button', { name: 'Make the ticket' }).click();
  await expect(desk.getByText('There is no patient with this number.')).toBeVisible();
  await desk.getByLabel('The number of the record').fill(world.record);
  await look(desk, 'desk');
  await lookOnPhone(desk, 'desk');
  await desk.getByRole('button', { name: 'Make the ticket' }).click();
  await expect(desk.getByRole('heading', { name: `A ticket for ${world.record}` })).toBeVisible();
  await expect(desk.getByRole('img', { name: 'The ticket as a code' })).toBeVisible();
  await look(desk, 'desk-ticket');
  await lookOnPhone(desk, 'desk-ticket');
  // The wallet showed a request to this gatekeeper and nothing else.
  const [signed] = (await desk.evaluate(() => (window as any).walletShown)) as { text: string }[];
  expect(signed!.text).toContain('medrec-request-v1\nPOST\n/desk/tickets\n');
  const ticket = (await desk.locator('details code').textContent())!;

  await enter(patient, '#/enrol');
  await patient.getByLabel('Or paste its text').fill(ticket);
  await expect(patient.getByText('This is a ticket of Riverside General')).toBeVisible();
  await patient.getByLabel('The fresh account').selectOption(await address(patient, 'Chris'));
  await patient.getByRole('button', { name: 'Enrol', exact: true }).click();
  await expect(patient.getByRole('heading', { name: 'You are enrolled' })).toBeVisible();

  // A second one for the same record is asked about.
  await desk.getByRole('button', { name: 'Take it off the screen' }).click();
  await desk.getByLabel('The number of the record').fill(world.record);
  await desk.getByRole('button', { name: 'Make the ticket' }).click();
  await expect(desk.getByText('This record is enrolled already')).toBeVisible();
  await expect(desk.getByText('Make one more, for a second connection')).toBeVisible();
  expect(wrong).toEqual([]);
});

test('what was sent in should be served or not as a steward decides', async ({ browser }) => {
  const desk = await (await browser.newContext()).newPage();
  const patient = await (await browser.newContext()).newPage();
  const wrong = [...watch(desk), ...watch(patient)];
  await giveWallet(desk, STEWARD);
  await giveWallet(patient, PIETER);
  await enter(desk, '#/desk');
  await desk.getByRole('button', { name: 'Look into the inbox' }).click();
  await expect(desk.getByText('2 items wait.')).toBeVisible();
  const first = desk.locator('li.card', { hasText: 'Item 1, for r0-0' });
  await expect(first.getByText('71.5 kg').first()).toBeVisible();
  await expect(first.getByRole('button', { name: 'Accept' })).toBeDisabled();
  await first.getByText('Nothing of this').click();
  await look(desk, 'desk-inbox');
  await lookOnPhone(desk, 'desk-inbox');
  await first.getByRole('button', { name: 'Accept' }).click();
  await expect(desk.getByText('1 item waits.')).toBeVisible();
  const second = desk.locator('li.card', { hasText: 'Item 2, for r0-0' });
  await second.getByRole('button', { name: 'Reject' }).click();
  await second.getByLabel('Why? It stays with the hospital.').fill('Sent twice');
  await second.getByRole('button', { name: 'Reject for good' }).click();
  await expect(desk.getByText('Nothing waits.')).toBeVisible();
  await desk.getByRole('button', { name: 'Show what is kept back' }).click();
  await expect(desk.getByText('Patients are told the ground').first()).toBeVisible();
  await expect(desk.getByText('No record rests.')).toBeVisible();
  await look(desk, 'desk-kept');

  await enter(patient, '#/records');
  await patient.getByRole('button', { name: 'Open my records' }).click();
  await expect(patient.getByText('71.5 kg')).toHaveCount(1);
  await turnTo(patient, 'Who looked');
  await patient.getByRole('button', { name: 'Open this log' }).last().click();
  await expect(patient.getByText('The hospital’s desk').first()).toBeVisible();
  expect(wrong).toEqual([]);
});

test('desk should be closed when the account is on the staff as something else', async ({ page }) => {
  await giveWallet(page, [{ name: 'Doctor', suri: world.doctor }]);
  await enter(page, '#/desk');
  await expect(page.getByRole('heading', { name: 'No account in your wallet is a steward' })).toBeVisible();
  await look(page, 'desk-none');
  await visit(page, '#/hospital');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
});
