/** The rooms of a hospital: health, tickets, staff; and the votes of the consortium. */
import { expect, test, type Page } from '@playwright/test';

import { carry } from './votes';
import { address, COUNCIL, enter, giveWallet, look, lookOnPhone, visit, watch, world } from './world';

/** A day of the form that date fields take, so many days from now. */
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

test('hospital should see that all is well and change its staff when its account is in the wallet', async ({ browser }) => {
  const page = await (await browser.newContext()).newPage();
  const nurse = await (await browser.newContext()).newPage();
  const wrong = watch(page);
  await giveWallet(page, [{ name: 'Riverside', suri: world.hospital }]);
  await giveWallet(nurse, [{ name: 'Noor', suri: `${world.doctor}//noor` }]);
  await enter(nurse);
  await enter(page, '#/hospital');
  await expect(page.getByText('Riverside General', { exact: true })).toBeVisible();
  await expect(page.getByText('ready', { exact: true })).toBeVisible();
  await expect(page.getByText('MDR').first()).toBeVisible();
  await page.getByLabel('The ticket', { exact: true }).fill('medrec-ticket:v1:nothing');
  await expect(page.getByText('This is not a ticket')).toBeVisible();
  await page.getByLabel('The ticket', { exact: true }).fill(world.ticket);
  await expect(page.getByRole('img', { name: 'The ticket as a code' })).toBeVisible();
  await look(page, 'hospital');
  await lookOnPhone(page, 'hospital');

  await visit(page, '#/hospital/patients');
  await expect(page.getByRole('heading', { name: 'r0-0' })).toBeVisible();
  await look(page, 'hospital-patients');
  await lookOnPhone(page, 'hospital-patients');

  await visit(page, '#/hospital/staff');
  await page.getByLabel('The address of their account').fill(await address(nurse, 'Noor'));
  await page.getByLabel('Their name').fill('Dr Noor');
  await page.getByText('Emergency staff').click();
  await expect(page.getByText('An emergency role starts 24 hours after it was given')).toBeVisible();
  await page.getByLabel('Last day').fill(inDays(4_000));
  await expect(page.getByText('Choose a day after the role starts')).toBeVisible();
  await page.getByLabel('Last day').fill(inDays(90));
  await expect(page.locator('.sentence')).toContainText('Dr Noor may act for Riverside General until');
  await look(page, 'hospital-staff');
  await lookOnPhone(page, 'hospital-staff');
  await page.getByRole('button', { name: 'Add in my wallet' }).click();
  const entry = page.locator('li', { hasText: 'Dr Noor' });
  await expect(entry.getByText('starts')).toBeVisible();
  await page.getByRole('button', { name: 'Remove Dr Noor' }).click();
  await expect(page.getByRole('button', { name: 'Remove Dr Noor' })).toHaveCount(0);
  expect(wrong).toEqual([]);
});

/** Proposes, and has it carried. */
async function propose(page: Page, member: string, deed: string, motion: string) {
  await page.getByLabel('About whom?').selectOption({ label: member });
  await page.getByText(deed, { exact: true }).click();
  await page.getByRole('button', { name: 'Propose in my wallet' }).click();
  await carry(page, motion, () => look(page, 'council'));
}

test('consortium should do what it agreed when two thirds of the seats voted for it', async ({ page }) => {
  const wrong = watch(page);
  await giveWallet(page, COUNCIL);
  await enter(page, '#/council');
  await expect(page.getByText('Nothing is being voted on.')).toBeVisible();
  await propose(page, 'Hillcrest Clinic (takes part)', 'Pause', 'Pause Hillcrest Clinic: nothing of it or for it works meanwhile.');
  await lookOnPhone(page, 'council');
  await propose(page, 'Hillcrest Clinic (paused)', 'Take back in', 'Take Hillcrest Clinic back in.');
  await visit(page, '#/network');
  await expect(page.getByText('takes part', { exact: true })).toHaveCount(2);
  expect(wrong).toEqual([]);
});
