/** Formats that others check too: what this page writes is what they read. No browser is needed. */
import { readFileSync } from 'node:fs';

import { Chacha20Poly1305 } from '@hpke/chacha20poly1305';
import { CipherSuite, HkdfSha256 } from '@hpke/core';
import { DhkemX25519HkdfSha256 } from '@hpke/dhkem-x25519';
import { blake2b } from '@noble/hashes/blake2.js';
import { expect, test } from '@playwright/test';

import { concatBytes, hex, u32, unhex, utf8 } from '../src/protocol/bytes';
import { WORDS } from '../src/protocol/dictionary';
import { parseRelationship } from '../src/protocol/relationship';
import { packRelease } from '../src/protocol/release';
import { compact, openRelease } from '../src/protocol/scale';
import { sealRelease } from '../src/protocol/sealing';
import { isSignIn } from '../src/protocol/signin';
import { readDefinition } from '../src/protocol/definition';
import { commitmentOf, verifiedNumbers, type AnswerBody, type Kind } from '../src/protocol/statistics';
import { packTerms, termsText } from '../src/protocol/terms';
import { parseTicket } from '../src/protocol/ticket';
import { fullDay, halfYears } from '../src/protocol/time';
import { choiceTerms } from '../src/records/choice';
import { combine, csv } from '../src/records/statistics';

test('terms should be packed as the policy packs them when they are frozen there', () => {
  // The vectors of `policy/src/terms/pack.rs`.
  const text = 'patient/Observation.rs?category=laboratory&_elements=code,valueQuantity;purpose=TREAT;period=2020-01-01..;staff=s3-4';
  const frozen = [1, 128, 185, 130, 132, 195, 138, 207, 44, 244, 139, 255, 140, 50, 48, 50, 48, 142, 46, 46, 141, 51, 45, 52];
  expect([...packTerms(text)!]).toEqual([...frozen, ...new Array<number>(88 - frozen.length).fill(0)]);
  let digest = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(WORDS.join('\n'))) digest = BigInt.asUintN(64, (digest ^ BigInt(byte)) * 0x100000001b3n);
  expect(digest).toBe(0xf6333eb41015674en);
});

test('terms should have their one spelling when scopes, purposes and elements come in any order', () => {
  const scopes = [{ type: 'Observation', elements: ['valueQuantity', 'code', 'code'] }, { type: 'Condition' }];
  expect(termsText(scopes, ['TREAT', 'COC'])).toBe('patient/Condition.rs patient/Observation.rs?_elements=code,valueQuantity;purpose=COC,TREAT');
  expect(choiceTerms({ what: { type: 'everything' }, purpose: 'TREAT' })).toBeUndefined();
});

test('terms should be refused when they do not fit', () => {
  expect(packTerms(`patient/Observation.rs?code=${'1'.repeat(84)}`)).toBeUndefined();
  expect(packTerms(`patient/Observation.rs?code=${'1'.repeat(83)}`)).toHaveLength(88);
});

test('numbers should be compact as in SCALE when they are of any size', () => {
  expect([0, 63, 64, 16383, 16384, 2 ** 30 - 1, 2 ** 30, 2 ** 32 - 1].map((number) => [...compact(number)])).toEqual([
    [0],
    [252],
    [1, 1],
    [253, 255],
    [2, 0, 1, 0],
    [254, 255, 255, 255],
    [3, 0, 0, 0, 64],
    [3, 255, 255, 255, 255],
  ]);
});

test('relationship should be read when it is spelt as it is written only', () => {
  expect(parseRelationship('r0-3')).toEqual({ member: 0, index: 3 });
  for (const wrong of ['', 'r0', 'R0-3', 'r00-3', 'r0-03', ' r0-3', 'r0-3 ', 'r-1-3', 'r0-3-4']) expect(parseRelationship(wrong)).toBeUndefined();
});

test('ticket should be refused when anything about it is wrong', () => {
  const right = `medrec-ticket:v1:https%3A%2F%2Fgk.example:${'ab'.repeat(32)}:7:${'cd'.repeat(16)}`;
  expect(parseTicket(right)).toEqual({ gatekeeper: 'https://gk.example', genesis: `0x${'ab'.repeat(32)}`, member: 7, secret: 'cd'.repeat(16) });
  for (const wrong of [
    right.replace('v1', 'v2'),
    right.replace(':7:', ':07:'),
    right.replace('https', 'javascript'),
    right.replace('gk.example', 'gk.example%2Fpath'),
    right.replace('gk.example', 'user%40gk.example'),
    right.replace('gk.example', '%E0%A4%A'),
    right.slice(0, -1),
    `${right}00`,
    `${right}:more`,
  ]) {
    expect(parseTicket(wrong), wrong).toBeUndefined();
  }
});

test('text should not reach the wallet when it is anything but this sign-in', () => {
  const expected = { url: 'https://gk.example', account: '5Fsomebody', genesis: `0x${'ab'.repeat(32)}`, purpose: 'PATRQT' };
  const right = [
    'gk.example wants you to sign in with your Substrate account:',
    '5Fsomebody',
    '',
    'Sign in to read.',
    '',
    'URI: https://gk.example',
    'Version: 1',
    `Chain ID: polkadot:${'ab'.repeat(16)}`,
    'Nonce: 0123456789abcdef',
    'Issued At: 2026-11-22T15:04:05.000Z',
    'Expiration Time: 2026-11-22T15:09:05.000Z',
    'Resources:',
    '- urn:medrec:purpose:PATRQT',
  ];
  expect(isSignIn(right.join('\n'), expected)).toBe(true);
  right.forEach((_, place) => {
    const changed = right.with(place, `${right[place]}x\u0000`);
    expect(isSignIn(changed.join('\n'), expected), `line ${place}`).toBe(false);
    expect(isSignIn(right.toSpliced(place, 1).join('\n'), expected), `without line ${place}`).toBe(false);
  });
  expect(isSignIn(`${right.join('\n')}\n- urn:medrec:patient:r0-0`, expected)).toBe(false);
  expect(isSignIn(right.join('\n').replace('gk.example wants', 'evil.example wants'), expected)).toBe(false);
  for (const purpose of ['TREAT', 'PATRQTX']) expect(isSignIn(right.join('\n'), { ...expected, purpose })).toBe(false);
});

test('choice of what is released should be packed and sealed as the provider opens it when it says anything', async () => {
  // As `medrec_primitives::research::ReleaseChoice::pack` writes it.
  const choice = { release: true, excluded: 32, until: 21_000 };
  const packed = packRelease(choice);
  expect([...packed]).toEqual([0xc1, 1, 32, 0x08, 0x52, 0, 0, ...new Array<number>(81).fill(0)]);
  expect([...packRelease({ release: false, excluded: 0 })].slice(0, 7)).toEqual([0xc1, 0, 0, 255, 255, 255, 255]);

  const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Chacha20Poly1305() });
  const provider = await suite.kem.generateKeyPair();
  const key = { id: 3, public: hex(new Uint8Array(await suite.kem.serializePublicKey(provider.publicKey))) };
  const [genesis, id] = [`0x${'ab'.repeat(32)}`, { member: 7, index: 70 }];
  const sealed = await sealRelease(packed, key, genesis, id.member, openRelease(id));
  const open = (index: number) =>
    suite
      .createRecipientContext({
        recipientKey: provider.privateKey,
        enc: unhex(sealed.enc).slice().buffer,
        info: concatBytes(utf8('medrec/release/v1'), unhex(genesis), u32(id.member)).slice().buffer,
      })
      .then((recipient) => recipient.open(unhex(sealed.ciphertext).slice().buffer, concatBytes(compact(id.member), compact(index)).slice().buffer));
  expect([...new Uint8Array(await open(70))]).toEqual([...packed]);
  // Nor does it open at another patient's.
  await expect(open(71)).rejects.toThrow();
  expect(sealed.key).toBe(3);
});

test('numbers of several providers should add up with their errors when they are to one definition', () => {
  // As the tests of `client/src/cli/research/combine.rs` have it.
  const text =
    'version = 1\ntitle = "Persons"\nresource = "Condition"\nkind = "counts"\nper_person = 1\n[[group]]\ntitle = "One"\ncodes = ["s|1"]\n[[group]]\ntitle = "Two"\ncodes = ["s|2"]\n';
  const digest = hex(blake2b(utf8(text), { dkLen: 32 }));
  const definition = readDefinition(text, digest);
  expect(() => readDefinition(`${text} `, digest)).toThrow();
  const one = { kind: { type: 'Counts', value: { cells: 2, per_person: 1 } } as Kind, rho: 10_000, numbers: [[1_000n], [400n, -3n]] };
  const [alone, both] = [combine(definition, [one]), combine(definition, [one, one])];
  expect([both.cohort, ...both.rows].map(({ name, value }) => [name, value])).toEqual([
    ['persons who release', 2_000],
    ['One', 800],
    ['Two', -6],
  ]);
  expect(Math.abs(alone.rows[0]!.high! - 400 - 21)).toBeLessThanOrEqual(1);
  expect(Math.abs(both.rows[0]!.high! - 800 - 30)).toBeLessThanOrEqual(1);
  expect(both.rows.map(({ shown }) => shown)).toEqual([true, false]);
  expect(csv(alone).split('\r\n')[2]).toMatch(/^"One",400,379,421,yes$|^"One",400,380,420,yes$/);

  const mean = readDefinition(
    ...((text: string): [string, string] => [text, hex(blake2b(utf8(text), { dkLen: 32 }))])(
      'version = 1\ntitle = "Mean HbA1c"\nresource = "Observation"\nkind = "mean"\ncodes = ["http://loinc.org|4548-4"]\nunit = "%"\ndecimals = 1\nlower = 40\nupper = 120\n',
    ),
  );
  const kind: Kind = { type: 'Mean', value: { lower: 40n, upper: 120n } };
  const answered = (...numbers: bigint[]) => ({ kind, rho: 10_000, numbers: numbers.map((number) => [number]) });
  const found = combine(mean, [answered(5_000n, 1_000n, 30_000n), answered(5_000n, 3_000n, 30_000n)]).mean!;
  expect(found.text).toBe('5.50');
  expect(found.low!).toBeLessThan(5.5);
  expect(found.high! - found.low!).toBeLessThan(0.5);
  expect(combine(mean, [answered(0n, 2n, 5n)]).mean!.low).toBeUndefined();
});

test('answer should count when it is what was planned and committed to only', () => {
  const [genesis, salt, asked] = [`0x${'ab'.repeat(32)}`, 'cd'.repeat(32), { provider: 1, table: 70, epoch: 3 }];
  const kind: Kind = { type: 'Counts', value: { cells: 2, per_person: 1 } };
  const commitment = commitmentOf(genesis, asked, unhex(salt), [5n, -6n, 7n]);
  const part = (part: string, numbers: string[]) => ({ part, numbers, variance: ['1', '1'] as [string, string] });
  const body: AnswerBody = { version: 1, ...asked, rho: 10_000, definition: '', salt, parts: [part('cohort', ['5']), part('cells', ['-6', '7'])] };
  const verify = (changed: Partial<AnswerBody>) => () => verifiedNumbers({ ...body, ...changed }, genesis, asked, kind, 10_000, commitment);
  expect(verify({})()).toEqual([[5n], [-6n, 7n]]);
  for (const changed of [
    { version: 2 },
    { provider: 2 },
    { table: 71 },
    { epoch: 4 },
    { rho: 10_001 },
    { salt: 'ce'.repeat(32) },
    { salt: 'cd' },
    { parts: [part('cohort', ['5']), part('cells', ['-6', '8'])] },
    { parts: [part('cohort', ['5']), part('cells', ['7', '-6'])] },
    { parts: [part('cohort', ['5']), part('cells', ['-06', '7'])] },
    { parts: [part('cohort', ['5']), part('count', ['-6', '7'])] },
    { parts: [part('cohort', ['5'])] },
  ]) {
    expect(verify(changed), JSON.stringify(changed)).toThrow();
  }
});

test('times should be rounded to days and half-years when they are put on the chain', () => {
  const noon = Date.UTC(2026, 10, 23, 12);
  expect(fullDay(noon)).toBe(Date.UTC(2026, 10, 24));
  expect(fullDay(Date.UTC(2026, 10, 24))).toBe(Date.UTC(2026, 10, 24));
  expect(halfYears(noon, 3)).toEqual([Date.UTC(2027, 0, 1), Date.UTC(2027, 6, 1), Date.UTC(2028, 0, 1)]);
  expect(halfYears(Date.UTC(2027, 0, 1), 1)).toEqual([Date.UTC(2027, 6, 1)]);
  expect(halfYears(Date.UTC(2026, 11, 31), 60)).toHaveLength(60);
});

test('every message should be there in every language with the same values when it is in one', () => {
  const read = (language: string) => JSON.parse(readFileSync(new URL(`../src/messages/${language}.json`, import.meta.url), 'utf8')) as Record<string, string>;
  const [en, de] = [read('en'), read('de')];
  expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort());
  const values = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
  for (const [key, text] of Object.entries(en)) expect(values(de[key]!), key).toEqual(values(text));
});
