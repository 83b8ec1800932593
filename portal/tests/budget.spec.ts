/** What a first view may weigh, and how long it may take on a slow machine. */
import { expect, test, type Page } from '@playwright/test';

import { giveWallet, world } from './world';

/** Compressed script of the first view, at most. */
const SCRIPT = 200_000;

/** From the request to a button that works, with a processor four times slower (ms). */
const INTERACTIVE = 2_000;

/** Loads until the first is within the budget: whatever else the machine does makes some of them slow. */
const LOADS = 5;

async function load(page: Page): Promise<{ bytes: number; interactive: number }> {
  await giveWallet(page, []);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.enable');
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  const scripts = new Set<string>();
  let bytes = 0;
  devtools.on('Network.responseReceived', ({ requestId, type }) => {
    if (type === 'Script') scripts.add(requestId);
  });
  devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (scripts.has(requestId)) bytes += encodedDataLength;
  });
  await page.goto(world.page, { waitUntil: 'commit' });
  await page.getByRole('button', { name: 'Continue with polkadot-js' }).waitFor();
  const interactive = await page.evaluate(async () => {
    // The main thread is free when a task that is queued now runs.
    await new Promise((resolve) => setTimeout(resolve, 0));
    // The wallet that the test injects is a million characters, which no person's page has: its time does not count.
    const wallet = performance.getEntriesByName('wallet')[0]?.duration ?? 0;
    return performance.now() - wallet;
  });
  return { bytes, interactive };
}

test('first view should be light and quick when the processor is four times slower', async ({ browser }) => {
  let best = { bytes: 0, interactive: Infinity };
  for (let tries = 0; tries < LOADS && best.interactive >= INTERACTIVE; tries += 1) {
    const context = await browser.newContext();
    const found = await load(await context.newPage());
    await context.close();
    if (found.interactive < best.interactive) best = found;
  }
  console.log(`first view: ${best.bytes} bytes of compressed script, interactive after ${Math.round(best.interactive)} ms at 4x`);
  expect(best.bytes).toBeGreaterThan(10_000);
  expect(best.bytes).toBeLessThan(SCRIPT);
  expect(best.interactive).toBeLessThan(INTERACTIVE);
});
