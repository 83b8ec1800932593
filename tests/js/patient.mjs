// A patient's life with nothing but npm's @polkadot/api, unmodified: enrols, accepts, grants, signs in, reads, revokes.
//
// Usage: node patient.mjs <file>, with {"node":"ws://..","gatekeeper":"http://..","member":0,"ticket":"<32 hex digits>",
//   "doctor":"<SURI>","terms":"0x<packed terms>","canaries":["<what the doctor must not see>", ..]}
//
// The packed terms are those of "patient/Observation.rs?category=laboratory&_elements=code,valueQuantity;purpose=TREAT".
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { Keyring } from '@polkadot/api';
import { hexToU8a } from '@polkadot/util';
import { cryptoWaitReady, mnemonicGenerate } from '@polkadot/util-crypto';

import { sealTerms } from './sealing.mjs';
import { errorName, eventOf, eventually, fhir, freeBalance, post, send, sendFree, shown, signIn, signText, withApi } from './wallet.mjs';

const input = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { gatekeeper, member } = input;
const step = (text) => console.log(text);

await cryptoWaitReady();
const keyring = new Keyring({ type: 'sr25519' });
// One key per relationship, derived hard.
const phrase = mnemonicGenerate();
const patient = keyring.addFromUri(`${phrase}//medrec//0`);
const stranger = keyring.addFromUri(`${phrase}//somebody-else`);
const doctor = keyring.addFromUri(input.doctor);

await withApi(input.node, async (api) => {
  // The metadata alone makes calls readable.
  for (const [pallet, calls] of Object.entries({
    registry: ['apply', 'addStaff', 'rotateSealingKey', 'admit', 'suspend'],
    relationships: ['propose', 'accept', 'reject', 'end', 'setPointer'],
    permissions: ['grant', 'deny', 'revoke'],
  })) {
    for (const call of calls) {
      assert.ok(api.tx[pallet]?.[call], `${pallet}.${call} is in the metadata`);
      assert.ok(api.tx[pallet][call].meta.docs.join('').length > 0, `${pallet}.${call} explains itself`);
    }
  }
  assert.deepEqual(
    api.tx.permissions.grant.meta.args.map((arg) => arg.name.toString()),
    ['relationship', 'viewer', 'terms', 'notBefore', 'notAfter', 'mayShare'],
  );
  step('metadata: calls have names, arguments and words');

  // Enrol: the fresh key signs the ticket.
  assert.equal(await freeBalance(api, patient.address), 0n);
  const enrolment = ['medrec-enrol-v1', api.genesisHash.toHex(), member, input.ticket, patient.address].join('\n');
  const enrolled = await post(`${gatekeeper}/enrol`, {
    ticket: input.ticket,
    account: patient.address,
    signature: signText(patient, enrolment, true),
  });
  assert.equal(enrolled.status, 200, JSON.stringify(enrolled.body));
  const [, index] = /^r\d+-(\d+)$/.exec(enrolled.body.relationship);
  const relationship = { member, index: Number(index) };
  const name = enrolled.body.relationship;
  const mine = await eventually('the proposal is on chain', async () => {
    const found = await api.call.medRecApi.myRelationships(patient.address);
    return found.length > 0 && found.toHuman();
  });
  assert.deepEqual(mine, [[{ member: String(member), index }, 'Proposed']]);
  step(`enrolled as ${name}`);

  // Accept, with a balance of zero.
  const accepted = await sendFree(api, api.tx.relationships.accept(relationship), patient);
  eventOf(accepted, 'relationships', 'Accepted');
  assert.deepEqual(await shown(api, accepted), {
    args: { relationship: { member: String(member), index } },
    method: 'accept',
    section: 'relationships',
  });
  step('accepted without a balance, shown by name');

  // Nobody else may, and the refusal has a name.
  const refused = await send(api, api.tx.relationships.end(relationship), keyring.addFromUri('//Ferdie'));
  assert.ok(refused.dispatchError, 'a stranger does not end the relationship');
  step(`a stranger was refused: ${errorName(api, refused.dispatchError)}`);
  // Without a relationship there is no account, and without an account nothing is free.
  await assert.rejects(send(api, api.tx.relationships.accept(relationship), stranger));
  step('an account that nobody knows cannot send');

  // Sign in, raw and wrapped.
  const asPatient = await signIn(gatekeeper, patient, 'PATRQT', true);
  const asDoctor = await signIn(gatekeeper, doctor, 'TREAT', false);
  const target = `Observation?patient=${name}`;
  const own = await eventually('the patient reads', async () => {
    const answer = await fhir(gatekeeper, asPatient, target);
    return answer.status === 200 && answer;
  });
  assert.ok(own.body.entry.length > 0, 'the patient reads everything');
  assert.equal((await fhir(gatekeeper, asDoctor, target)).status, 403);
  step('signed in raw and wrapped; the patient reads, the doctor is refused');

  // Everything.
  const everything = { relationship, viewer: { Key: doctor.address }, notBefore: null, notAfter: null, mayShare: false };
  const granted = await sendFree(
    api,
    api.tx.permissions.grant(relationship, everything.viewer, 'Everything', null, null, false),
    patient,
  );
  const first = eventOf(granted, 'permissions', 'Granted').data.grant;
  const call = await shown(api, granted);
  assert.equal(call.args.terms, 'Everything');
  assert.deepEqual(call.args.viewer, { Key: doctor.address });
  assert.equal((await api.call.medRecApi.mayRead(relationship, doctor.address)).toHuman(), 'Permit');
  await eventually('the doctor reads all', async () => {
    const answer = await fhir(gatekeeper, asDoctor, target);
    return answer.status === 200 && answer.body.entry.length === own.body.entry.length;
  });
  step('granted Everything: the doctor reads what the patient reads');

  // Revoke: refused.
  eventOf(await sendFree(api, api.tx.permissions.revoke(relationship, first), patient), 'permissions', 'Revoked');
  await eventually('the doctor is refused', async () => (await fhir(gatekeeper, asDoctor, target)).status === 403);
  step('revoked: the doctor is refused');

  // A sealed term: two elements of laboratory results, for treatment, until tomorrow by the chain's clock.
  const now = (await api.query.timestamp.now()).toNumber();
  const rule = { ...everything, notAfter: now + 24 * 60 * 60 * 1000 };
  const terms = await sealTerms(api, 'grant', rule, hexToU8a(input.terms));
  const sealed = await sendFree(
    api,
    api.tx.permissions.grant(relationship, rule.viewer, terms, rule.notBefore, rule.notAfter, rule.mayShare),
    patient,
  );
  const second = eventOf(sealed, 'permissions', 'Granted').data.grant;
  assert.ok(!JSON.stringify(await shown(api, sealed)).includes('Observation'), 'the chain cannot read the terms');
  // With the purpose and type left open, the chain alone says that it depends on what is sealed.
  assert.equal((await api.call.medRecApi.mayRead(relationship, doctor.address)).toHuman(), 'NeedsOpening');
  const limited = await eventually('the doctor reads what the sealed term covers', async () => {
    const answer = await fhir(gatekeeper, asDoctor, target);
    return answer.status === 200 && answer.body;
  });
  assert.ok(limited.entry.length > 0 && limited.entry.length < own.body.entry.length, 'laboratory results only');
  for (const { resource } of limited.entry) {
    assert.ok(resource.valueQuantity.value !== undefined && resource.code, 'what was granted is there');
    assert.equal(resource.effectiveDateTime, undefined, 'what was not granted is not');
  }
  const text = JSON.stringify(limited);
  for (const canary of input.canaries) assert.ok(!text.includes(canary), 'nothing else is shown');
  // The purpose is part of the term.
  const forResearch = await signIn(gatekeeper, doctor, 'HRESCH', true);
  assert.equal((await fhir(gatekeeper, forResearch, target)).status, 403);
  step('granted a sealed term: the doctor reads exactly that');

  eventOf(await sendFree(api, api.tx.permissions.revoke(relationship, second), patient), 'permissions', 'Revoked');
  await eventually('the doctor is refused again', async () => (await fhir(gatekeeper, asDoctor, target)).status === 403);
  step('revoked: the doctor is refused again');

  // The other schemes of keyrings.
  for (const type of ['ed25519', 'ecdsa']) {
    const pair = new Keyring({ type }).addFromUri(`${phrase}//session//${type}`);
    for (const wrapped of [false, true]) assert.ok(await signIn(gatekeeper, pair, 'TREAT', wrapped));
  }
  step('ed25519 and ecdsa keys sign in too');
});
step('done');
process.exit(0);
