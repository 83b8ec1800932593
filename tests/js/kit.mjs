// npm's `fhir-kit-client`, unmodified, with the token of an app.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { Client } from 'fhir-kit-client';

const { gatekeeper, token, patient, refused, canaries, values, add } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const client = new Client({ baseUrl: `${gatekeeper}/fhir`, customHeaders: { Authorization: `Bearer ${token}` } });

const endpoints = await client.smartAuthMetadata();
assert.equal(String(endpoints.tokenUrl), `${gatekeeper}/smart/token`);
const statement = await client.capabilityStatement();
assert.equal(statement.fhirVersion, '4.0.1');

const seen = [];
let page = await client.search({ resourceType: 'Observation', searchParams: { patient, _count: 1 } });
while (page) {
  seen.push(...(page.entry ?? []).map((entry) => entry.resource));
  page = await client.nextPage({ bundle: page });
}
assert.deepEqual(seen.map((found) => found.valueQuantity.value).sort(), values);
const one = await client.read({ resourceType: 'Observation', id: seen[0].id });
assert.deepEqual(one.code, seen[0].code);
for (const canary of canaries) assert.ok(!JSON.stringify([seen, one]).includes(canary), canary);

for (const target of refused) {
  const status = await client.request(target).then(() => 200, (error) => error.response.status);
  assert.ok([403, 404].includes(status), `${target}: ${status}`);
}
if (add) {
  const status = await client.create({ resourceType: 'Observation', body: add }).then(() => 202, (error) => error.response.status);
  assert.equal(status, 403, 'the token has no scope to add');
}
console.log('done');
