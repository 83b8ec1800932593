/** Who acts when the patient cannot, and what becomes of a lost key: as far as it goes in one day. `later.spec.ts` goes on. */
import { expect, test } from '@playwright/test';

import { address, enter, giveWallet, HEIR, look, lookOnPhone, MARIA, PIETER, visit, watch, world } from './world';

test('custodian should stay named for silence when another one is appointed, and step in no earlier than the patient said', async ({ browser }) => {
  const patient = await (await browser.newContext()).newPage();
  const heir = await (await browser.newContext()).newPage();
  const maria = await (await browser.newContext()).newPage();
  const wrong = [...watch(patient), ...watch(heir)];
  await giveWallet(patient, PIETER);
  await giveWallet(heir, HEIR);
  await giveWallet(maria, MARIA);
  await enter(heir, '#/care');
  await enter(maria, '#/care');
  await enter(patient, '#/care');
  const mine = patient.locator('section', { hasText: 'Who may act for you at Riverside General' });
  const appoint = async (name: string, of: string, besides: string[]) => {
    await mine.getByText('Appoint somebody').click();
    await mine.getByLabel('The address').fill(of);
    await mine.getByLabel('Their name').fill(name);
    for (const text of besides) await mine.getByText(text, { exact: true }).click();
  };

  // Ends are half-years: no birthday shows in them.
  await appoint('Ben', await address(heir, 'Heir'), ['Only when I have been silent for long']);
  const ends = await mine.getByLabel('Until when?').locator('option').allTextContents();
  expect(ends).toHaveLength(61);
  for (const end of ends.slice(1)) expect(end).toMatch(/^until (30 June|31 December) 20\d\d$/);
  await expect(mine.getByText('Ben may read what you read, without an end, but only when you have been silent for long.')).toBeVisible();
  await mine.getByRole('button', { name: 'Appoint in my wallet' }).click();
  await expect(mine.getByRole('button', { name: 'Remove Ben' })).toBeVisible();

  await appoint('Maria', await address(maria, 'Maria'), ['share and stop sharing for you', 'look after the connection with the hospital, and appoint others']);
  await expect(mine.getByText('They also have a say if you lose your key')).toBeVisible();
  // Nothing of what was chosen for Ben is left in the form.
  await expect(mine.locator('.sentence')).toHaveText('Maria may read what you read, share and stop sharing for you, and look after the connection with the hospital, and appoint others, without an end.');
  await mine.getByRole('button', { name: 'Appoint in my wallet' }).click();
  await expect(mine.getByRole('button', { name: 'Remove Maria' })).toBeVisible();
  await expect(mine.getByRole('button', { name: 'Remove Ben' })).toBeVisible();

  const silence = patient.locator('section', { hasText: 'If you are silent for long, at Riverside General' });
  await silence.getByLabel('How long is long?').selectOption('30');
  await expect(silence.getByText('If I sign nothing here for 30 days')).toBeVisible();
  await silence.getByRole('button', { name: 'Sign in my wallet' }).click();
  await expect(silence.getByText('Done')).toBeVisible();
  await expect(silence.getByRole('button', { name: 'Sign in my wallet' })).toBeDisabled();
  await expect(silence.getByText('Your last sign of life here')).toBeVisible();
  await look(patient, 'custody');
  await lookOnPhone(patient, 'custody');

  // Too early, and the chain says so.
  await visit(heir, '#/care');
  await expect(heir.getByText('You may act only if they have been silent for 30 days.')).toBeVisible();
  await heir.getByRole('button', { name: 'Ask to step in' }).click();
  await expect(heir.getByText('They have not been silent for long enough')).toBeVisible();
  await look(heir, 'heir');

  // Who manages appoints nobody beyond their own rights, and sees who acts.
  await visit(maria, '#/care');
  await expect(maria.getByRole('heading', { name: 'Who acts at Riverside General (r0-0)' })).toBeVisible();
  await expect(maria.getByRole('button', { name: 'Stop acting here' })).toBeVisible();
  expect(wrong).toEqual([]);
});

test('fresh key should wait for a week when it is named by a ticket for a lost one', async ({ page }) => {
  const wrong = watch(page);
  await giveWallet(page, [
    { name: 'Old', suri: `${world.fresh}//medrec//0` },
    { name: 'New', suri: `${world.fresh}//medrec//7` },
  ]);
  await enter(page, '#/recover');
  await page.getByText('I have a ticket for a lost key').click();
  await page.getByLabel('Or paste its text').fill(world.rekey);
  await expect(page.getByText('This is a ticket of Riverside General')).toBeVisible();
  await page.getByLabel('The fresh account').selectOption(await address(page, 'New'));
  await expect(page.getByText('I hold this account, and Riverside General has checked who I am.')).toBeVisible();
  await look(page, 'recover');
  await page.getByRole('button', { name: 'Sign in my wallet' }).click();
  await expect(page.getByText('has said yes to your new key')).toBeVisible();
  const underway = page.locator('section', { hasText: 'A new key at Riverside General' });
  await expect(underway.getByText('A week has passed without a no')).toBeVisible();
  await expect(underway.getByText('nobody else has to agree')).toBeVisible();
  await expect(underway.getByRole('button', { name: 'Finish in my wallet' })).toBeDisabled();
  await look(page, 'rekey');
  await lookOnPhone(page, 'rekey');
  // Whoever still holds the old key is told where they start.
  await visit(page, '#/');
  await expect(page.getByRole('heading', { name: 'Somebody wants to replace your key at Riverside General' })).toBeVisible();
  await page.getByLabel('Language').selectOption('de');
  await visit(page, '#/recover');
  await expect(page.getByRole('heading', { level: 1, name: 'Ein verlorener Schlüssel' })).toBeVisible();
  await look(page, 'recover-de');
  expect(wrong).toEqual([]);
});

test('guardian should read for a child, and know when that ends, when enrolled by a ticket for a minor', async ({ page }) => {
  const wrong = watch(page);
  await giveWallet(page, [{ name: 'For my child', suri: `${world.fresh}//guardian//0` }]);
  await enter(page, '#/enrol');
  await page.getByLabel('Or paste its text').fill(world.minor);
  await page.getByLabel('The fresh account').selectOption(await address(page, 'For my child'));
  await page.getByRole('button', { name: 'Enrol', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'You are enrolled' })).toBeVisible();
  await page.getByRole('link', { name: 'Acting for one another' }).click();
  // Rounded to a half-year, so that it tells no birthday.
  await expect(page.getByRole('heading', { name: 'A child, until 1 July 2040' })).toBeVisible();
  await expect(page.getByText('On that day you can no longer act or read here')).toBeVisible();
  // Nobody is appointed for longer than the guardian.
  await page.getByText('Appoint somebody').click();
  const ends = await page.getByLabel('Until when?').locator('option').allTextContents();
  expect(ends.at(-1)).toBe('until 30 June 2040');
  await look(page, 'child');
  await lookOnPhone(page, 'child');
  await visit(page, '#/records');
  await page.getByRole('button', { name: 'Open my records' }).click();
  await expect(page.getByRole('button', { name: 'All (' })).toBeVisible();
  expect(wrong).toEqual([]);
});
