// npm's `fhirclient`, unmodified, through the whole SMART App Launch in a real browser: the app on one origin, the gatekeeper on another,
// a wallet that really signs. Prints the access token for the clients that have no launch of their own.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import http from 'node:http';

import { Keyring } from '@polkadot/keyring';
import { hexToU8a, u8aToHex, u8aWrapBytes } from '@polkadot/util';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { chromium } from 'playwright-core';

const { gatekeeper, port, chromiumPath, viewer, patient, purpose, scope, refused, canaries, values } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const app = `http://127.0.0.1:${port}`;

const library = await readFile(new URL('./node_modules/fhirclient/build/fhir-client.js', import.meta.url));
const page = (script) => `<!doctype html><meta charset="utf-8"><title>Chart</title><script src="/fhir-client.js"></script>
<pre id="result"></pre><script>${script}</script>`;

const LAUNCH = page(`FHIR.oauth2.authorize(${JSON.stringify({
  clientId: 'chart', scope, redirectUri: `${app}/`, iss: `${gatekeeper}/fhir`, pkceMode: 'required',
})}).catch((error) => { document.getElementById('result').textContent = JSON.stringify({ error: String(error) }); });`);

const INDEX = page(`(async () => {
  const said = {};
  try {
    const client = await FHIR.oauth2.ready();
    said.patient = client.patient.id;
    said.scope = client.state.tokenResponse.scope;
    said.token = client.state.tokenResponse.access_token;
    said.observations = await client.patient.request('Observation?_count=1', { pageLimit: 0, flat: true });
    said.refused = {};
    for (const target of ${JSON.stringify(refused)}) {
      said.refused[target] = await client.request(target).then(() => 200, (error) => error.statusCode ?? error.status);
    }
    await FHIR.oauth2.ready();
  } catch (error) {
    said.error = String(error);
  }
  document.getElementById('result').textContent = JSON.stringify(said);
})();`);

const server = http.createServer((request, response) => {
  const { pathname } = new URL(request.url, app);
  const found = { '/launch.html': ['text/html', LAUNCH], '/': ['text/html', INDEX], '/fhir-client.js': ['text/javascript', library] }[pathname];
  response.writeHead(found ? 200 : 404, { 'content-type': found?.[0] ?? 'text/plain' });
  response.end(found?.[1]);
});
await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));

await cryptoWaitReady();
const pair = new Keyring({ type: 'sr25519', ss58Format: 42 }).addFromUri(viewer);
const browser = await chromium.launch({
  executablePath: chromiumPath, args: ['--no-sandbox', '--disable-background-networking'],
});
try {
  const tab = await (await browser.newContext()).newPage();
  tab.setDefaultTimeout(60_000);
  const strangers = new Set();
  tab.on('request', (request) => {
    const { origin } = new URL(request.url());
    if (![app, gatekeeper].includes(origin)) strangers.add(origin);
  });
  const complaints = [];
  tab.on('pageerror', (error) => complaints.push(String(error)));
  tab.on('console', (message) => { if (/Content Security Policy/.test(message.text())) complaints.push(message.text()); });
  // What a wallet's extension puts into every page.
  await tab.exposeFunction('walletSigns', (data) => u8aToHex(pair.sign(u8aWrapBytes(hexToU8a(data)))));
  await tab.addInitScript((address) => {
    const accounts = { get: async () => [{ address, name: 'Doctor', type: 'sr25519' }] };
    const signer = { signRaw: async ({ data }) => ({ id: 1, signature: await window.walletSigns(data) }) };
    window.injectedWeb3 = { 'test-wallet': { version: '1.0.0', enable: async () => ({ accounts, signer }) } };
  }, pair.address);

  await tab.goto(`${app}/launch.html`);
  await tab.waitForURL(`${gatekeeper}/smart/authorize**`);
  assert.match(await tab.textContent('main'), /Growth chart/);
  await tab.click('#connect');
  await tab.waitForSelector('#wallet-accounts:not([hidden])');
  assert.equal(await tab.inputValue('#account'), pair.address);
  await tab.selectOption('select[name=purpose]', purpose);
  await tab.click('button.first');
  await tab.waitForSelector('pre');
  assert.match(await tab.textContent('pre'), /through the app chart/);
  await tab.click('#sign');
  await tab.waitForSelector('input[name=patient]');
  assert.deepEqual(await tab.$$eval('input[name=patient]', (found) => found.map((input) => input.value)), [patient]);
  await tab.click('button[value=allow]');
  await tab.waitForFunction(() => document.getElementById('result')?.textContent);
  assert.ok(tab.url().startsWith(`${app}/`), tab.url());
  const text = await tab.textContent('#result');
  const said = JSON.parse(text);
  assert.equal(said.error, undefined);
  assert.equal(said.patient, patient);
  assert.deepEqual(said.observations.map((found) => found.valueQuantity.value).sort(), values);
  for (const [target, status] of Object.entries(said.refused)) assert.ok([403, 404].includes(status), `${target}: ${status}`);
  for (const canary of canaries) assert.ok(!text.includes(canary), `the app sees ${canary}`);
  assert.deepEqual([...strangers], [], 'nothing is fetched from elsewhere');
  assert.deepEqual(complaints, []);
  console.log(said.token);
  console.log('done');
} finally {
  await browser.close();
  server.close();
}
