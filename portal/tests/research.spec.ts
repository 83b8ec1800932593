/** The result of research: fetched sealed, verified, drawn with its errors, saved. In a world of its own, with a researcher and two providers. */
import { readFileSync } from 'node:fs';

import { expect, test } from '@playwright/test';

import { enter, giveWallet, look, lookOnPhone, watch, world } from './world';

test('researcher should see the numbers that the command computes when both providers have answered', async ({ page }) => {
  const wrong = watch(page);
  await giveWallet(page, [{ name: 'Institute', suri: world.researcher }]);
  await enter(page, '#/research');
  await expect(page.getByRole('heading', { name: 'Credits of Institute' })).toBeVisible();
  await expect(page.getByText('the answer stands')).toHaveCount(2);
  const fetch = page.getByRole('button', { name: 'Fetch and check the numbers' });
  await fetch.first().click();
  await expect(page.getByRole('heading', { name: 'Persons with a sugar test' })).toBeVisible();
  await expect(page.getByText('the very numbers that stand sealed on the chain')).toBeVisible();
  await fetch.last().click();
  const table = page.locator('section.card', { hasText: 'Persons with a sugar test' }).last();
  await expect(table.getByRole('button', { name: /Save the answer of/ })).toHaveCount(2);
  const [cohort, ...rows] = world.rows;
  await expect(table.getByText(`${cohort!.value} persons count in it, give or take: between ${cohort!.low} and ${cohort!.high}.`)).toBeVisible();
  for (const { name, value, low, high, shown } of rows) {
    const row = table.locator('li', { hasText: name.replace('Sugar, ', '') === 'male' ? /Sugar, male/ : name });
    await expect(row).toContainText(String(value));
    await expect(row).toContainText(`${low} to ${high}`);
    await expect(row.getByText('not for the public')).toHaveCount(shown ? 0 : 1);
    await expect(row.locator('.error')).toHaveCount(1);
  }
  await look(page, 'research-result');
  await lookOnPhone(page, 'research-result');

  const saving = page.waitForEvent('download');
  await table.getByRole('button', { name: 'Save as a table (CSV)' }).click();
  const saved = readFileSync(await (await saving).path(), 'utf8').split('\r\n');
  expect(saved).toHaveLength(world.rows.length + 2);
  for (const [place, { name, value, low, high, shown }] of world.rows.entries()) {
    expect(saved[place + 1]).toBe(`"${name}",${value},${low},${high},${shown ? 'yes' : 'no'}`);
  }
  expect(wrong).toEqual([]);
});
