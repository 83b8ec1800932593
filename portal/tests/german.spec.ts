/** Every page in the other language, whose words are longer: axe finds nothing, and nothing hangs over the edge of a phone. */
import { expect, test } from '@playwright/test';

import { COUNCIL, enter, giveWallet, lookQuickly, PIETER, watch, world } from './world';

/** Every page that there is, by its address. */
const PAGES = [
  '/',
  '/records',
  '/results',
  '/sharing',
  '/share',
  '/log',
  '/picture',
  '/enrol',
  '/keys',
  '/care',
  '/recover',
  '/release',
  '/hospital',
  '/hospital/patients',
  '/hospital/staff',
  '/desk',
  '/council',
  '/research',
  '/network',
  '/view',
  '/more',
];

test('pages should be sound when they are in German and as narrow as a phone', async ({ page }) => {
  const wrong = watch(page);
  const hospital = { name: 'Riverside', suri: world.hospital };
  await giveWallet(page, [...PIETER, hospital, { name: 'Desk', suri: world.steward }, COUNCIL[0]!]);
  await enter(page);
  await page.getByLabel('Language').selectOption('de');
  await page.getByRole('button', { name: 'Meine Befunde öffnen' }).click();
  await expect(page.getByText('Geprüft')).toHaveCount(2);
  for (const path of PAGES) {
    await page.evaluate((path) => {
      location.hash = path;
    }, path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.locator('.wait')).toHaveCount(0);
    await lookQuickly(page, `de${path.replaceAll('/', '-')}`);
  }
  expect(wrong).toEqual([]);
});
