/** The running world that the tests look at, and how they get into it. */
import { mkdirSync } from 'node:fs';

import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import { build } from 'esbuild';

/** What the test that starts everything says. */
export interface World {
  node: string;
  /** The page's one address. */
  page: string;
  /** Recovery phrases. */
  patient: string;
  doctor: string;
  fresh: string;
  ticket: string;
  /** Emergency staff of Hillcrest's, and a steward of Riverside's. */
  rescuer: string;
  steward: string;
  /** The number of a record at Riverside for which there is no ticket yet. */
  record: string;
  /** The account that signs for the hospital that serves the page. */
  hospital: string;
  /** The council's seats. */
  council: string[];
  /** For the lost key of the patient who has enrolled in the browser; once that has happened. */
  rekey: string;
  /** For the guardian of a child who comes of age in March 2040. */
  minor: string;
  /** Of the network with a relay chain alone: whom the patient shares with. */
  viewer: string;
  /** Of the research world alone: the researcher's secret, and the numbers as the command computed them. */
  researcher: string;
  rows: { name: string; value: number; low: number; high: number; shown: boolean }[];
}

/** All of it. */
export const world = JSON.parse(process.env.MEDREC_WORLD ?? '{}') as World;

/** An account of a wallet. */
export interface Secret {
  name: string;
  suri: string;
}

/** The patient of both hospitals. */
export const PIETER: Secret[] = [
  { name: 'Main', suri: world.patient },
  { name: 'One', suri: `${world.patient}//medrec//0` },
  { name: 'Two', suri: `${world.patient}//medrec//1` },
];

/** Steps in for Pieter after silence. */
export const HEIR: Secret[] = [{ name: 'Heir', suri: `${world.fresh}//heir` }];

/** Looks after Pieter's connection with Riverside. */
export const MARIA: Secret[] = [{ name: 'Maria', suri: `${world.fresh}//maria` }];

/** The council. */
export const COUNCIL: Secret[] = (world.council ?? []).map((suri) => ({ name: suri.replace('//', ''), suri }));

/** The address of an account in the page's wallet. */
export const address = (page: Page, name: string): Promise<string> =>
  page.evaluate(async (name) => {
    const injected = await (window as any).injectedWeb3['polkadot-js'].enable('test');
    const accounts = (await injected.accounts.get()) as { name: string; address: string }[];
    return accounts.find((account) => account.name === name)!.address;
  }, name);

let bundled: Promise<string> | undefined;

/** Puts a wallet with these accounts into a page, before anything of the page runs. */
export async function giveWallet(page: Page, secrets: Secret[]): Promise<void> {
  bundled ??= build({
    entryPoints: [new URL('./wallet/inject.ts', import.meta.url).pathname],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    logLevel: 'error',
    define: { global: 'globalThis' },
  }).then(({ outputFiles }) => outputFiles[0]!.text);
  const before = "const walletStarted = performance.now();";
  const after = "performance.measure('wallet', { start: walletStarted, end: performance.now() });";
  await page.addInitScript({ content: `${before}const WALLET_SECRETS = ${JSON.stringify(secrets)};\n${await bundled}\n${after}` });
}

/** What went wrong in a page: errors in its script, requests to anybody but our own servers, refusals by its policy. */
export function watch(page: Page): string[] {
  const wrong: string[] = [];
  page.on('pageerror', (error) => wrong.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (/Content Security Policy|Trusted/i.test(message.text())) wrong.push(message.text());
  });
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (!['data:', 'blob:'].includes(protocol) && hostname !== '127.0.0.1') wrong.push(`third party: ${request.url()}`);
  });
  return wrong;
}

/** Opens the page and connects the wallet. */
export async function enter(page: Page, path = '#/'): Promise<void> {
  // From another page, so that nothing is left of an earlier visit.
  await page.goto('about:blank');
  await page.goto(world.page + path);
  await page.getByRole('button', { name: 'Continue with polkadot-js' }).click();
}

/** Another visit with the wallet that was used before: nothing is left of the last one but what the device keeps. */
export async function visit(page: Page, path: string): Promise<void> {
  await page.goto('about:blank');
  await page.goto(world.page + path);
}

/** Turns to a page by the menu: links of the same name may come up in what a page shows, whenever the chain gives a reason for one. */
export async function turnTo(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name, exact: true }).click();
}

const SHOTS = new URL('../screenshots/', import.meta.url).pathname;

async function sound(page: Page, name: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('\n')}`);
  expect(found, name).toEqual([]);
}

/** In the light and in the dark, one after the other. */
async function inBothThemes(page: Page, what: (theme: 'light' | 'dark') => Promise<unknown>): Promise<void> {
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await what(theme);
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

/** Looks at a page in both themes: axe finds nothing, and a picture is kept. */
export async function look(page: Page, name: string): Promise<void> {
  mkdirSync(SHOTS, { recursive: true });
  await page.evaluate(() => scrollTo(0, 0));
  await inBothThemes(page, async (theme) => {
    await sound(page, `${name}, ${theme}`);
    await page.screenshot({ path: `${SHOTS}${name}-${theme}.png`, fullPage: true });
  });
}

/** At the width of a phone nothing may hang over the edge. A picture is kept, of the first screen or of all. */
export async function lookOnPhone(page: Page, name: string, fullPage = false): Promise<void> {
  mkdirSync(SHOTS, { recursive: true });
  const before = page.viewportSize()!;
  await page.setViewportSize({ width: 360, height: 740 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide, `${name} is wider than a phone`).toBeLessThanOrEqual(0);
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: `${SHOTS}${name}-phone.png`, fullPage });
  await page.setViewportSize(before);
}

/** For axe in both themes, and once on a phone. */
export async function lookQuickly(page: Page, name: string): Promise<void> {
  await inBothThemes(page, (theme) => sound(page, `${name}, ${theme}`));
  await lookOnPhone(page, name, true);
}
