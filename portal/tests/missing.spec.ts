/** One of two hospitals is down. */
import { expect, test } from '@playwright/test';

import { enter, giveWallet, look, lookOnPhone, world } from './world';

test('page should show what the one has and say what is missing when the other does not answer', async ({ page }) => {
  await giveWallet(page, [
    { name: 'One', suri: `${world.patient}//medrec//0` },
    { name: 'Two', suri: `${world.patient}//medrec//1` },
  ]);
  await enter(page, '#/records');
  await page.getByRole('button', { name: 'Open my records' }).click();
  await expect(page.getByRole('heading', { name: 'The records of Hillcrest Clinic are missing' })).toBeVisible();
  await expect(page.getByText('Hillcrest Clinic does not answer at the moment')).toBeVisible();
  await expect(page.getByText('Hemoglobin').first()).toBeVisible();
  await look(page, 'missing');
  await lookOnPhone(page, 'missing');
});
