/** The whole life of a grant, as people do it: open, read, share, look, stop. And enrolment by a ticket. */
import { expect, test } from '@playwright/test';

import { address, enter, giveWallet, look, lookOnPhone, PIETER, turnTo, watch, world } from './world';

test('grant should open exactly what its sentence says when signed and nothing when stopped', async ({ browser }) => {
  const patient = await (await browser.newContext()).newPage();
  const doctor = await (await browser.newContext()).newPage();
  const wrong = [...watch(patient), ...watch(doctor)];
  await giveWallet(patient, PIETER);
  await giveWallet(doctor, [{ name: 'Doctor', suri: world.doctor }]);

  await patient.goto(world.page);
  await expect(patient.getByRole('heading', { level: 1 })).toContainText('You decide');
  await expect(patient.getByRole('button', { name: 'Continue with polkadot-js' })).toBeVisible();
  await look(patient, 'welcome');
  await lookOnPhone(patient, 'welcome');

  await enter(patient);
  await patient.getByRole('button', { name: 'Open my records' }).click();
  await expect(patient.getByRole('heading', { level: 1 })).toContainText('van de Heuvel');
  await expect(patient.getByText('Verified')).toHaveCount(2);
  await look(patient, 'home');
  await lookOnPhone(patient, 'home');
  const signed = await patient.evaluate(() => (window as any).walletShown as { text?: string }[]);
  expect(signed).toHaveLength(2);
  for (const { text } of signed) expect(text).toContain('wants you to sign in');

  // Both hospitals in one timeline; a record opens and says where it comes from.
  await turnTo(patient, 'Records');
  await expect(patient.locator('.where', { hasText: 'Riverside General' }).first()).toBeVisible();
  await expect(patient.locator('.where', { hasText: 'Hillcrest Clinic' }).first()).toBeVisible();
  await expect(patient.getByText('A record that the hospital does not show')).toBeVisible();
  await patient.getByText('Hemoglobin').first().click();
  await expect(patient.getByText('Riverside General signed this on')).toBeVisible();
  await expect(patient.getByText('Usual: 7.5 to 10 g/dl')).toBeVisible();
  await patient.getByRole('button', { name: 'Check it against the chain' }).click();
  await expect(patient.getByText(/^(It stands on the chain|The hospital signed it, to the letter)/)).toBeVisible();
  await look(patient, 'records');
  await lookOnPhone(patient, 'records');
  await patient.getByRole('link', { name: 'Results as charts' }).click();
  await expect(patient.getByRole('heading', { level: 2, name: 'Glucose' })).toBeVisible();
  await look(patient, 'results');
  await lookOnPhone(patient, 'results');

  // The doctor sees nothing yet.
  await enter(doctor, '#/view');
  await doctor.getByLabel('number').fill('r0-0');
  await doctor.getByRole('button', { name: 'Sign in and look' }).click();
  await expect(doctor.getByText('Nothing is shared with this account')).toBeVisible();

  // One value of one test, for treatment, for a week.
  await turnTo(patient, 'Sharing');
  await expect(patient.getByText('You share nothing')).toBeVisible();
  await patient.getByRole('link', { name: 'Share something' }).click();
  await patient.getByLabel('Their address').fill('5Fnot-an-address');
  await expect(patient.getByText('This is not an address')).toBeVisible();
  await patient.getByLabel('Their address').fill(await address(doctor, 'Doctor'));
  await patient.getByLabel('Their name').fill('Dr Carol');
  await patient.getByText('Riverside General', { exact: true }).click();
  await patient.getByText('One test or medicine').click();
  await patient.getByLabel('Which one?').selectOption({ label: 'Glucose [Moles/volume] in Blood' });
  await patient.getByText('the value', { exact: true }).click();
  await patient.getByText('1 week').click();
  await expect(patient.locator('.sentence')).toContainText(
    'I let Dr Carol see only the name and the value of “Glucose [Moles/volume] in Blood” from Riverside General, for treatment, until',
  );
  await look(patient, 'share');
  await lookOnPhone(patient, 'share');
  await patient.getByRole('button', { name: 'Sign in my wallet' }).click();
  await expect(patient.getByRole('heading', { level: 1, name: 'Shared' })).toBeVisible({ timeout: 40_000 });
  await look(patient, 'shared');

  await doctor.getByRole('button', { name: 'Sign in and look' }).click();
  await expect(doctor.getByText('1 record, signed by Riverside General')).toBeVisible();
  await expect(doctor.getByRole('heading', { name: 'Glucose' })).toBeVisible();
  await expect(doctor.getByText('6.3 mmol/l')).toBeVisible();
  // What was shared of it is proven without the rest.
  await doctor.getByRole('button', { name: 'Check it against the chain' }).click();
  await expect(doctor.getByText(/^(It stands on the chain|The hospital signed it, to the letter)/)).toBeVisible();
  // The date was not shared.
  await expect(doctor.getByText('2013')).toHaveCount(0);
  await look(doctor, 'view');
  await lookOnPhone(doctor, 'view');

  await patient.getByRole('link', { name: 'Back to sharing' }).click();
  await expect(patient.getByRole('heading', { name: 'Dr Carol' })).toBeVisible();
  await expect(patient.getByText('only the name and the value')).toBeVisible();
  await look(patient, 'sharing');
  await lookOnPhone(patient, 'sharing');
  await patient.getByRole('link', { name: 'Show me a picture' }).click();
  await expect(patient.getByText('Dr Carol sees from Riverside General')).toBeVisible();
  await look(patient, 'picture');

  // Stopped: refused, and in the log.
  await turnTo(patient, 'Sharing');
  await patient.getByRole('button', { name: 'Stop sharing' }).click();
  await expect(patient.getByText('You share nothing')).toBeVisible({ timeout: 30_000 });
  await doctor.getByRole('button', { name: 'Sign in and look' }).click();
  await expect(doctor.getByText('Nothing is shared with this account')).toBeVisible();

  // Blocked, in the open, and unblocked.
  await patient.getByText('Block somebody').click();
  await patient.getByLabel('Their address').fill(await address(doctor, 'Doctor'));
  await patient.getByLabel('From which of your hospitals?').selectOption({ label: 'Riverside General' });
  await patient.getByRole('button', { name: 'Block in my wallet' }).click();
  await expect(patient.getByText('Blocked', { exact: true })).toBeVisible();
  await patient.getByRole('button', { name: 'Lift the block' }).click();
  await expect(patient.getByText('You share nothing')).toBeVisible();

  await turnTo(patient, 'Who looked');
  await patient.getByRole('button', { name: 'Open this log' }).last().click();
  // Read, and read again with its proof; what she read before by way of a group is in the same line.
  await expect(patient.getByText(/Dr Carol looked at results.*: \d+ records shown/).first()).toBeVisible();
  await expect(patient.getByText(/Dr Carol asked for results.* and was refused/).first()).toBeVisible();
  await look(patient, 'log');
  await lookOnPhone(patient, 'log');

  // Names and notes are kept under a password, and nothing of them lies open on the device.
  await turnTo(patient, 'More');
  await look(patient, 'more');
  await patient.getByRole('link', { name: 'Who takes part' }).click();
  await expect(patient.getByText('answers', { exact: true })).toHaveCount(2);
  await look(patient, 'network');
  await turnTo(patient, 'More');
  await patient.getByRole('link', { name: 'Accounts and notes' }).click();
  await patient.getByLabel('Choose a password').fill('short');
  await patient.getByRole('button', { name: 'Keep my notes' }).click();
  await expect(patient.getByText('at least 10 characters')).toBeVisible();
  await patient.getByLabel('Choose a password').fill('four words in a row');
  await patient.getByRole('button', { name: 'Keep my notes' }).click();
  await expect(patient.getByText('Your notes are open')).toBeVisible();
  const kept = await patient.evaluate(() => JSON.stringify({ ...localStorage }));
  for (const secret of ['Carol', 'r0-0', 'Glucose', await address(patient, 'One'), await address(doctor, 'Doctor')]) {
    expect(kept).not.toContain(secret);
  }
  await look(patient, 'keys');
  await patient.reload();
  await patient.goto(`${world.page}#/keys`);
  await expect(patient.getByRole('heading', { name: 'Dr Carol' })).toHaveCount(0);
  await patient.getByLabel('Password').fill('something else');
  await patient.getByRole('button', { name: 'Open my notes' }).click();
  await expect(patient.getByText('does not fit')).toBeVisible();
  await patient.getByLabel('Password').fill('four words in a row');
  await patient.getByRole('button', { name: 'Open my notes' }).click();
  await expect(patient.getByText('Dr Carol').first()).toBeVisible();

  // German, by message files.
  await patient.getByLabel('Language').selectOption('de');
  await expect(patient.getByRole('heading', { level: 1, name: 'Konten und Notizen' })).toBeVisible();
  await look(patient, 'keys-de');
  expect(wrong).toEqual([]);
});

test('patient should be enrolled when the ticket is signed by a fresh account', async ({ page }) => {
  const wrong = watch(page);
  await giveWallet(page, [{ name: 'Main', suri: world.fresh }]);
  await enter(page);
  await page.getByRole('link', { name: 'Enrol with a ticket' }).click();
  await page.getByLabel('Or paste its text').fill('medrec-ticket:v1:nothing');
  await expect(page.getByText('This is not a ticket')).toBeVisible();
  await page.getByLabel('Or paste its text').fill(world.ticket.replace('127.0.0.1', '127.0.0.2'));
  await expect(page.getByText('does not stand on the chain')).toBeVisible();
  await page.getByLabel('Or paste its text').fill(world.ticket);
  await expect(page.getByText('This is a ticket of Riverside General')).toBeVisible();
  await expect(page.getByText('//medrec//0')).toBeVisible();
  // The person makes the account in the wallet, not in the page.
  await page.evaluate((suri) => (window as any).walletDerive('Riverside', `${suri}//medrec//0`), world.fresh);
  const account = await address(page, 'Riverside');
  await page.getByLabel('The fresh account').selectOption(account);
  await look(page, 'enrol');
  await lookOnPhone(page, 'enrol');
  await page.getByRole('button', { name: 'Enrol', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'You are enrolled' })).toBeVisible({ timeout: 60_000 });
  await page.getByRole('link', { name: 'To my records' }).click();
  await page.getByRole('button', { name: 'Open my records' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Hello');
  expect(wrong).toEqual([]);
});

test('request should wait for the patient when it is made on the chain', async ({ browser }) => {
  const patient = await (await browser.newContext()).newPage();
  const doctor = await (await browser.newContext()).newPage();
  const wrong = [...watch(patient), ...watch(doctor)];
  await giveWallet(patient, PIETER);
  await giveWallet(doctor, [{ name: 'Doctor', suri: world.doctor }]);
  await enter(doctor, '#/view?r=r1-0');
  await doctor.getByRole('button', { name: 'Sign in and look' }).click();
  await expect(doctor.getByText('Nothing is shared with this account')).toBeVisible();
  // Break-glass is for emergency staff: nobody else is shown it.
  await expect(doctor.getByText('break the glass')).toHaveCount(0);
  await doctor.getByRole('button', { name: 'Ask the patient' }).click();
  await expect(doctor.getByText('A request waits for the patient')).toBeVisible();

  await enter(patient);
  await expect(patient.getByRole('heading', { name: 'asks to see your records' })).toBeVisible();
  await look(patient, 'request');
  // Approving opens nothing by itself, and the chain does not let anybody believe so.
  await patient.getByRole('button', { name: 'Approve once' }).click();
  await expect(patient.getByText('Nothing is shared with them yet')).toBeVisible();
  await patient.getByRole('link', { name: 'Share something first' }).click();
  await expect(patient.getByLabel('Their address')).toHaveValue(await address(doctor, 'Doctor'));
  await patient.getByText('Medicines').click();
  await patient.getByText('1 day').click();
  await expect(patient.locator('.sentence')).toContainText('see Medicines from Hillcrest Clinic, for treatment');
  await patient.getByRole('button', { name: 'Sign in my wallet' }).click();
  await expect(patient.getByRole('heading', { level: 1, name: 'Shared' })).toBeVisible();
  await turnTo(patient, 'Home');
  await patient.getByRole('button', { name: 'Approve once' }).click();
  await expect(patient.getByRole('heading', { name: 'asks to see your records' })).toHaveCount(0);
  await doctor.getByRole('checkbox', { name: 'Results and measurements' }).uncheck();
  await doctor.getByRole('checkbox', { name: 'Medicines' }).check();
  await doctor.getByRole('button', { name: 'Sign in and look' }).click();
  await expect(doctor.getByText('records, signed by Hillcrest Clinic')).toBeVisible();
  await expect(doctor.getByText('A request was approved')).toBeVisible();

  // And one that is declined.
  await doctor.getByRole('button', { name: 'Ask the patient' }).click();
  await expect(doctor.getByText('A request waits for the patient')).toBeVisible();
  await patient.reload();
  await patient.getByRole('button', { name: 'Decline' }).click();
  await expect(patient.getByRole('heading', { name: 'asks to see your records' })).toHaveCount(0);
  expect(wrong).toEqual([]);
});

test('guardian should read what the patient reads when appointed and nothing when removed', async ({ browser }) => {
  const patient = await (await browser.newContext()).newPage();
  const guardian = await (await browser.newContext()).newPage();
  const wrong = [...watch(patient), ...watch(guardian)];
  await giveWallet(patient, PIETER);
  await giveWallet(guardian, [{ name: 'For Pieter', suri: `${world.fresh}//for-pieter` }]);
  await enter(guardian, '#/care');
  await guardian.getByLabel('Their number').fill('r0-0');
  await guardian.getByLabel('Their name').fill('Pieter');
  await guardian.getByRole('button', { name: 'Act for them' }).click();
  await expect(guardian.getByText('This account may not act for that number')).toBeVisible();

  await enter(patient, '#/care');
  const mine = patient.locator('section', { hasText: 'Who may act for you at Riverside General' });
  await expect(mine.getByText('Nobody but you.')).toBeVisible();
  await mine.getByText('Appoint somebody').click();
  await mine.getByLabel('The address').fill(await address(guardian, 'For Pieter'));
  await mine.getByLabel('Their name').fill('Lena');
  await mine.getByText('share and stop sharing for you').click();
  await expect(mine.getByText('Lena may read what you read and share and stop sharing for you, without an end.')).toBeVisible();
  await look(patient, 'care');
  await lookOnPhone(patient, 'care');
  await mine.getByRole('button', { name: 'Appoint in my wallet' }).click();
  await expect(mine.getByRole('button', { name: 'Remove Lena' })).toBeVisible({ timeout: 40_000 });

  await guardian.getByRole('button', { name: 'Act for them' }).click();
  await expect(guardian.getByRole('button', { name: 'No longer show Pieter' })).toBeVisible();
  await turnTo(guardian, 'Records');
  await guardian.getByRole('button', { name: 'Open my records' }).click();
  await expect(guardian.getByText('Hemoglobin')).toBeVisible();
  await expect(guardian.locator('.where', { hasText: 'Riverside General (Pieter)' }).first()).toBeVisible();
  await look(guardian, 'guardian');

  await mine.getByRole('button', { name: 'Remove Lena' }).click();
  await expect(mine.getByText('Nobody but you.')).toBeVisible({ timeout: 30_000 });
  await turnTo(guardian, 'Who looked');
  await guardian.getByRole('button', { name: 'Open this log' }).click();
  await expect(guardian.getByText('does not show its log')).toBeVisible();

  // What holds in an emergency is chosen in the open.
  await patient.getByText('Nobody may, not even then').first().click();
  await expect(patient.getByText('Done').first()).toBeVisible({ timeout: 30_000 });
  expect(wrong).toEqual([]);
});
