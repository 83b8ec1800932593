/** Whether a patient counts in statistics, and the researcher's room. */
import { expect, test, type Page } from '@playwright/test';

import { enter, giveWallet, look, lookOnPhone, PIETER, visit, watch } from './world';

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
