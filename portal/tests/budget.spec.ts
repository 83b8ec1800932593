/** What a first view may weigh, and how long it may take on a slow machine. */
import { expect, test } from '@playwright/test';

import { giveWallet, world } from './world';

/** Compressed script of the first view, at most. */
const SCRIPT = 200_000;

/** From the request to a button that works, with a processor four times slower (ms). */
const INTERACTIVE = 2_000;

test('first view should be light and quick when the processor is slow', async ({ page }) => {
  await giveWallet(page, []);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.enable');
  await devtools.send('Network.setCacheDisabled', { cacheDisabled: true });
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  const scripts = new Map<string, string>();
  let bytes = 0;
  devtools.on('Network.responseReceived', ({ requestId, type, response }) => {
    if (type === 'Script') scripts.set(requestId, response.url);
  });
  devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (scripts.has(requestId)) bytes += encodedDataLength;
  });
  await page.goto(world.page, { waitUntil: 'commit' });
  const button = page.getByRole('button', { name: 'Continue with polkadot-js' });
  await button.waitFor();
  // The wallet that the test injects is made of a million characters, which no person's page has: its time does not count.
  const { wallet, shown } = await page.evaluate(() => ({
    wallet: performance.getEntriesByName('wallet')[0]?.duration ?? 0,
    shown: performance.now(),
  }));
  const blocked = await page.evaluate(() => new Promise<number>((resolve) => {
    const asked = performance.now();
    setTimeout(() => resolve(performance.now() - asked), 0);
  }));
  const interactive = shown - wallet + blocked;
  console.log(`first view: ${bytes} bytes of compressed script, interactive after ${Math.round(interactive)} ms at 4x`);
  expect(scripts.size).toBeGreaterThan(0);
  expect(bytes).toBeLessThan(SCRIPT);
  expect(interactive).toBeLessThan(INTERACTIVE);
});
