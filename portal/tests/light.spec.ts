/** The page on a network with a relay chain, without a node to ask: its own light client reads the chain, and sends what is signed. */
import { expect, test } from '@playwright/test';

import { enter, giveWallet, turnTo, watch, world } from './world';

/** Finding peers, following the relay chain, fetching the parachain's state: on a busy machine, minutes. */
const CATCHING_UP = 180_000;

/** A block each six seconds, final some twenty seconds later. */
const FINAL = 120_000;

test('page should read and stop sharing by a light client when it has no node', async ({ page }) => {
  test.setTimeout(2 * (CATCHING_UP + FINAL));
  const wrong = watch(page);
  await giveWallet(page, [{ name: 'One', suri: world.patient }]);
  await enter(page);
  await expect(page.getByText(/Last final block: \d+/)).toBeVisible({ timeout: CATCHING_UP });
  await page.getByRole('button', { name: 'Open my records' }).click({ timeout: CATCHING_UP });
  await expect(page.getByText('Verified').first()).toBeVisible({ timeout: FINAL });

  await turnTo(page, 'Sharing');
  const cards = page.locator('li.card');
  const rule = cards.filter({ hasText: world.viewer.slice(0, 6) });
  await expect(rule).toHaveCount(1, { timeout: FINAL });
  const before = await cards.count();
  await rule.getByRole('button', { name: 'Stop sharing' }).click();
  await expect(rule).toHaveCount(0, { timeout: FINAL });
  expect(await cards.count()).toBe(before - 1);
  expect(wrong).toEqual([]);
});
