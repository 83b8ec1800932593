/** Sharing by a link: made in the page, opened by any reader of SMART Health Links, stopped in the page. */
import { webcrypto } from 'node:crypto';

import { expect, test } from '@playwright/test';

import { enter, giveWallet, look, lookOnPhone, PIETER, turnTo, watch } from './world';

const plain = (part: string) => Buffer.from(part, 'base64url');

/** Opens a compact JWE, as RFC 7516 says. */
async function decrypt(jwe: string, secret: string): Promise<fhir4.Bundle> {
  const [header, , iv, text, tag] = jwe.split('.');
  const key = await webcrypto.subtle.importKey('raw', plain(secret), 'AES-GCM', false, ['decrypt']);
  const sealed = Buffer.concat([plain(text!), plain(tag!)]);
  const file = await webcrypto.subtle.decrypt({ name: 'AES-GCM', iv: plain(iv!), additionalData: Buffer.from(header!) }, key, sealed);
  return JSON.parse(Buffer.from(file).toString()) as fhir4.Bundle;
}

test('link should show what its sentence says to whoever has it and the passcode, until it is stopped', async ({ page }) => {
  const wrong = watch(page);
  await giveWallet(page, PIETER);
  await enter(page);
  await page.getByRole('button', { name: 'Open my records' }).click();
  await expect(page.getByText('Verified')).toHaveCount(2);
  await turnTo(page, 'Sharing');
  await page.getByRole('link', { name: 'Share something' }).click();
  await page.getByText('Somebody without a wallet, by a link').click();
  await page.getByLabel('What the link is for').fill('For Dr Ng');
  await page.getByLabel('A passcode').fill('123');
  await expect(page.getByText('Answer the questions above')).toBeVisible();
  await page.getByLabel('A passcode').fill('blue horse');
  await page.getByText('Riverside General', { exact: true }).click();
  await page.getByText('Some kinds of records').click();
  await page.getByText('Medicines', { exact: true }).click();
  await page.getByText('1 week').click();
  await expect(page.getByText('Until I stop it')).toHaveCount(0);
  await expect(page.locator('.sentence')).toContainText('I let whoever has the link see');
  await look(page, 'link');
  await page.getByRole('button', { name: 'Sign in my wallet' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Your link' })).toBeVisible({ timeout: 60_000 });
  await look(page, 'link-made');
  await lookOnPhone(page, 'link-made');

  const link = await page.getByLabel('The link', { exact: true }).inputValue();
  const { url, key, flag, label } = JSON.parse(plain(link.replace('shlink:/', '')).toString()) as Record<string, string>;
  expect([flag, label]).toEqual(['LP', 'For Dr Ng']);
  const ask = (passcode: string) =>
    fetch(url!, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ recipient: 'Dr Ng', passcode }) });
  const refused = await ask('blue cow');
  expect([refused.status, await refused.json()]).toEqual([401, { remainingAttempts: 9 }]);
  const manifest = (await (await ask('blue horse')).json()) as { files: { embedded: string }[] };
  const bundle = await decrypt(manifest.files[0]!.embedded, key!);
  const types = new Set((bundle.entry ?? []).map(({ resource }) => resource?.resourceType));
  expect([...types]).toEqual(['MedicationRequest']);

  await page.getByRole('link', { name: 'Back to sharing' }).click();
  const rule = page.getByRole('listitem').filter({ hasText: 'Link: For Dr Ng' });
  await expect(rule).toBeVisible();
  await rule.getByRole('button', { name: 'Stop sharing' }).click();
  await expect(rule).toHaveCount(0);
  await expect.poll(async () => (await ask('blue horse')).status).toBe(404);
  expect(wrong).toEqual([]);
});
