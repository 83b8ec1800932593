/** Whether a patient counts in statistics, and the researcher's room. */
import { expect, test, type Page } from '@playwright/test';

import { enter, giveWallet, look, lookOnPhone, PIETER, visit, watch, world } from './world';

/** The call that the wallet signed last. */
const signed = (page: Page): Promise<string> => page.evaluate(() => ((window as any).walletShown.at(-1) as { method: string }).method);

test('choice should be sealed and be kept in the notes alone when a patient lets research count', async ({ page }) => {
  const wrong = watch(page);
  await giveWallet(page, PIETER);
  await enter(page, '#/release');
  const here = page.locator('section', { hasText: 'At Riverside General' });
  await expect(here.getByText('My records at Riverside General count in no statistic.')).toBeVisible();
  await here.getByText('Count me', { exact: true }).click();
  await here.getByText('making money with it').click();
  await here.getByText('For 1 year').click();
  await expect(here.locator('.sentence')).toContainText(
    'My records at Riverside General may count in statistics, for every approved purpose except: making money with it, until',
  );
  await look(page, 'release');
  await lookOnPhone(page, 'release');
  await here.getByRole('button', { name: 'Sign in my wallet' }).click();
  await expect(here.getByText('You chose: My records at Riverside General may count')).toBeVisible();
  const yes = await signed(page);

  // Another device knows that there is a choice, and not which.
  await visit(page, '#/release');
  await expect(here.getByText('There is a sealed choice here.')).toBeVisible();
  await here.getByRole('button', { name: 'Sign in my wallet' }).click();
  await expect(here.getByText('You chose: My records at Riverside General count in no statistic.')).toBeVisible();
  // Nobody tells one from the other by what is signed.
  const no = await signed(page);
  expect(no).toHaveLength(yes.length);
  expect(no).not.toEqual(yes);

  await visit(page, '#/research');
  await expect(page.getByText('No hospital has published a plan yet.')).toBeVisible();
  await look(page, 'research');
  await lookOnPhone(page, 'research');
  expect(wrong).toEqual([]);
});

test('plan should be what its sentence says when a hospital publishes it', async ({ page }) => {
  const wrong = watch(page);
  await giveWallet(page, [{ name: 'Riverside', suri: world.hospital }]);
  await enter(page, '#/research');
  await expect(page.getByText('No hospital has published a plan yet.')).toBeVisible();
  await page.getByLabel('Persons with a sugar test').check();
  await page.getByText('health and medicine').click();
  await expect(page.getByText('All answers together spend rho 0.02, of 0.1 that a year may spend.')).toBeVisible();
  await expect(page.getByText(/Each number is then off by \d+ persons at most/)).toBeVisible();
  await page.getByLabel('Privacy that each answer').fill('0.05');
  await expect(page.getByText('All answers together would spend rho 0.2.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Publish in my wallet' })).toBeDisabled();
  await page.getByLabel('How often is').selectOption({ label: '2 times, for 182 days each' });
  await expect(page.locator('.sentence')).toContainText('Riverside General answers 1 table for a year from');
  await look(page, 'plan');
  await lookOnPhone(page, 'plan');
  await page.getByRole('button', { name: 'Publish in my wallet' }).click();
  await expect(page.getByText('Done', { exact: true }).last()).toBeVisible();
  await visit(page, '#/research');
  await expect(page.getByText('2 of 182 days each')).toBeVisible();
  await look(page, 'plans');
  expect(wrong).toEqual([]);
});
