// npm's `@medplum/core`, unmodified, as a judge of redacted answers, by HL7's own definitions.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';

const { gatekeeper, token, patient, canaries, definitions } = JSON.parse(readFileSync(process.argv[2], 'utf8'));

// The package names WebSocket when it is loaded. Node.js before 22 has none, and validating needs none.
globalThis.WebSocket ??= class {};
const { indexStructureDefinitionBundle, validateResource } = await import('@medplum/core');

// Of the definitions those of types, not of profiles and logical models.
const known = readdirSync(definitions)
  .filter((name) => /^StructureDefinition-[A-Za-z0-9]+\.json$/.test(name))
  .map((name) => JSON.parse(readFileSync(`${definitions}/${name}`, 'utf8')))
  .filter(({ kind, derivation, snapshot }) => snapshot && kind !== 'logical' && derivation !== 'constraint');
indexStructureDefinitionBundle(known);

async function get(target) {
  const answer = await fetch(`${gatekeeper}/fhir/${target}`, { headers: { Authorization: `Bearer ${token}` } });
  return answer.json();
}

const bundle = await get(`Observation?patient=${patient}`);
const shown = bundle.entry.map(({ resource }) => resource);
assert.ok(shown.length > 0);
const everything = await get(`Patient/${patient}/$everything`);
const answers = [
  bundle,
  everything,
  ...shown,
  ...(everything.entry ?? []).map(({ resource }) => resource),
  await get(`Observation/${shown[0].id}`),
  await get('metadata'),
  // Refusals are OperationOutcomes.
  await get(`Patient/${patient}`),
  await get(`Observation?patient=${patient}&code=`),
];
for (const answer of answers) validateResource(answer);
assert.ok(shown.every((resource) => JSON.stringify(resource.meta.security).includes('REDACTED')));
for (const canary of canaries) assert.ok(!JSON.stringify(answers).includes(canary), canary);

// A judge that lets everything pass is none.
const [right] = shown;
for (const wrong of [
  { ...right, status: undefined },
  { ...right, code: undefined },
  { ...right, surname: 'x' },
  { ...right, effectiveDateTime: 'yesterday' },
  { ...right, valueQuantity: { value: 'much' } },
]) {
  assert.throws(() => validateResource(wrong), JSON.stringify(wrong));
}
console.log(`${answers.length} looked at`);
console.log('done');
