// Checks proofs of what a MedRec gatekeeper showed. No dependencies: WebCrypto for SHA-256, BLAKE2b below. The same rules as the Rust
// crate medrec-proof; proof/vectors/vectors.json is checked by both.

const ABSENT_REASON = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';
const WITHHELD_GROUND = 'urn:medrec:fhir:withheld-ground';
const OBSERVATION_VALUE = 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue';
const REASONS = ['masked', 'unknown', 'error', 'unsupported'];
const RECORD_DEPTH = 20;
const ANCHOR_DEPTH = 64;

/** Something was altered, or was never what it claims to be. */
export class Altered extends Error {
  constructor(what) {
    super(`altered: ${what}`);
    this.name = 'Altered';
  }
}

/** Checks a resource, as the text that the gatekeeper wrote, against its proof. */
export async function check(resourceText, proofText) {
  return checkValue(parse(resourceText), parse(proofText));
}

/** Checks a document of an answer with proofs: all resources against their proofs. Says what the chain and the signature must confirm. */
export async function checkAnswer(documentText) {
  const document = parse(documentText.endsWith('\n') ? documentText.slice(0, -1) : documentText);
  fields(document, [
    'answer', 'asker', 'date', 'genesis', 'member', 'proofs', 'signature', 'status', 'target', 'version',
  ]);
  if (integer(document.get('version')) !== 1) fail('not a proof of this form');
  const member = integer(document.get('member'));
  const genesis = string(document.get('genesis'));
  const date = integer(document.get('date'));
  const text = string(document.get('answer'));
  const shown = resources(parse(text));
  const proofs = list(document.get('proofs'));
  if (shown.length !== proofs.length) fail('not every resource of the answer has its proof');
  const claims = [];
  for (let n = 0; n < shown.length; n += 1) {
    const claim = await checkValue(shown[n], proofs[n]);
    if (claim.member !== member) fail('not a proof of this form');
    if (claim.state === 'pending' && claim.genesis !== genesis) fail('not a proof of this form');
    claims.push({ resource: string(proofs[n].get('resource')), ...claim });
  }
  const header = /^account="([1-9A-HJ-NP-Za-km-z]+)",signature="(0x(?:[0-9a-f]{2})+)"$/.exec(string(document.get('signature')));
  if (!header) fail('the signature under the answer is malformed');
  const message = [
    'medrec-answer-v1', genesis, member, string(document.get('target')), string(document.get('asker')),
    integer(document.get('status')), hex(await sha256(utf8(text))), date,
  ].join('\n');
  return { answer: text, member, genesis, date, claims, signed: { account: header[1], signature: header[2], message } };
}

/**
 * Says of each resource of an answer whether it is anchored, or signed and pending; throws Altered if anything is not as it was written.
 * `chain` is what the caller asks the chain: see index.d.ts.
 */
export async function judge(documentText, chain) {
  const checked = await checkAnswer(documentText);
  if (checked.genesis !== (await chain.genesis())) fail('it is about another chain');
  const gatekeeper = await chain.gatekeeper(checked.member);
  const signed = async ({ account, signature, message }) =>
    account === gatekeeper && (await chain.verifySignature(message, signature, account));
  if (!(await signed(checked.signed))) fail('the answer is not signed by the gatekeeper that the chain names');
  const verdicts = [];
  for (const claim of checked.claims) {
    if (claim.state === 'pending') {
      if (!(await signed(claim))) fail(`${claim.resource} is not signed by the gatekeeper that the chain names`);
      verdicts.push({ resource: claim.resource, verdict: 'signed and pending', date: claim.date });
    } else {
      const records = await chain.anchor(claim.member, claim.interval);
      if (records === null || records === undefined) {
        verdicts.push({ resource: claim.resource, verdict: 'not to be told', interval: claim.interval });
      } else if (records.replace(/^0x/, '') !== claim.records) {
        fail(`the chain has another root for interval ${claim.interval}`);
      } else {
        verdicts.push({ resource: claim.resource, verdict: 'anchored', interval: claim.interval });
      }
    }
  }
  return verdicts;
}

async function checkValue(resource, proof) {
  fields(proof, ['arrays', 'leaves', 'marks', 'resource', 'state']);
  const root = await recordRoot(resource, proof);
  const state = object(proof.get('state'));
  if (state.size !== 1) fail('not a proof of this form');
  if (state.has('pending')) {
    const pending = fields(state.get('pending'), ['account', 'date', 'genesis', 'member', 'signature']);
    const [genesis, member, date] = [
      string(pending.get('genesis')), integer(pending.get('member')), integer(pending.get('date')),
    ];
    const message = `medrec-pending-v1\n${genesis}\n${member}\n${hex(root)}\n${date}`;
    return {
      state: 'pending', member, genesis, date, message,
      account: string(pending.get('account')), signature: string(pending.get('signature')),
    };
  }
  const anchored = fields(state.get('anchored'), [
    'interval', 'member', 'record', 'records', 'relationship', 'relationship_root', 'way',
  ]);
  const relationship = string(anchored.get('relationship'));
  const [member, interval] = [integer(anchored.get('member')), integer(anchored.get('interval'))];
  const name = /^r(0|[1-9][0-9]*)-(0|[1-9][0-9]*)$/.exec(relationship);
  const of = string(proof.get('resource')).split('/')[1].split('.')[0];
  if (!name || of !== relationship || Number(name[1]) !== member) fail('the record is not of the relationship that the proof names');
  const relationshipRoot = bytes(anchored.get('relationship_root'), 32);
  const records = bytes(anchored.get('records'), 32);
  const record = await sha256(utf8('medrec/proof/record/v1'), root);
  under(anchored.get('record'), relationshipRoot, record);
  const tail = [utf8(relationship), Uint8Array.of(0), relationshipRoot];
  under(anchored.get('way'), records, await sha256(utf8('medrec/proof/relationship/v1'), ...tail));
  return { state: 'anchored', member, interval, records: hex(records) };
}

/** The root of the record's version that all shown elements lead to. */
async function recordRoot(resource, proof) {
  const top = object(resource);
  const name = `${string(top.get('resourceType'))}/${string(top.get('id'))}`;
  if (string(proof.get('resource')) !== name) fail('the proof is about another resource');
  const [arrays, leaves, marks] = ['arrays', 'leaves', 'marks'].map((part) => list(proof.get(part)));
  const at = { arrays: 0, leaves: 0, marks: 0 };
  let root = null;

  async function open(opening, place, says) {
    fields(opening, ['position', 'salt', 'siblings']);
    const position = bytes(`0${digits(opening.get('position'), 5)}`, 3);
    const number = (position[0] << 16) | (position[1] << 8) | position[2];
    const siblings = bytes(opening.get('siblings'), 32 * RECORD_DEPTH);
    const framed = says.flatMap((part) => [frame(part.length), part]);
    let hash = await sha256(Uint8Array.of(0), utf8('medrec/proof/leaf/v1'), bytes(opening.get('salt'), 16), ...framed);
    for (let level = 0; level < RECORD_DEPTH; level += 1) {
      const sibling = siblings.slice(32 * level, 32 * (level + 1));
      const pair = (number >> level) & 1 ? [sibling, hash] : [hash, sibling];
      hash = await sha256(Uint8Array.of(1, level), ...pair);
    }
    if (root === null) root = hash;
    else if (hex(root) !== hex(hash)) fail(`what stands at ${place} is not of the same version of the record`);
  }

  function mark(place, value) {
    const found = marks[at.marks];
    const same = found && fields(found, ['place', 'value']).get('place') === place && canonical(found.get('value')) === canonical(value);
    if (!same) fail(`the proof does not say what stands at ${place}`);
    at.marks += 1;
  }

  async function whole(place, name, value) {
    const leaf = leaves[at.leaves];
    if (leaf && fields(leaf, ['kind', 'opening', 'place', 'value']).get('place') === place) {
      const [kind, text] = lexical(value);
      if (leaf.get('kind') !== kind || leaf.get('value') !== text) fail(`the proof does not say what stands at ${place}`);
      at.leaves += 1;
      await open(leaf.get('opening'), place, [utf8('value'), utf8(place), utf8(kind), utf8(text)]);
    } else if (isAddedWhole(name, value)) mark(place, value);
    else fail(`the proof does not say what stands at ${place}`);
  }

  async function items(place, values) {
    const entry = arrays[at.arrays];
    if (!entry) fail(`the proof does not say what stands at ${place}`);
    fields(entry, ['items', 'order', 'place']);
    const tags = list(entry.get('items')).map(string);
    if (entry.get('place') !== place || tags.length !== values.length) fail(`the proof does not say what stands at ${place}`);
    at.arrays += 1;
    const order = list(entry.get('order'));
    let [before, next] = [null, 0];
    for (const text of tags) {
      if (text === '+') continue;
      const tag = bytes(text, 8);
      if (before !== null) {
        if (next >= order.length) fail(`the proof does not say what stands at ${place}`);
        const step = fields(order[next], ['after', 'before', 'node']);
        next += 1;
        const node = bytes(step.get('node'), 8);
        await open(step.get('before'), place, [utf8('before'), utf8(place), node, before]);
        await open(step.get('after'), place, [utf8('after'), utf8(place), node, tag]);
      }
      before = tag;
    }
    if (next !== order.length) fail('the proof speaks of elements that are not shown');
    for (let n = 0; n < values.length; n += 1) {
      if (tags[n] !== '+') await walk(`${place}/#${tags[n]}`, values[n]);
      else if (isAddedItem(place, values[n])) mark(`${place}/+${n}`, values[n]);
      else fail(`the proof does not say what stands at ${place}`);
    }
  }

  async function walk(above, value) {
    for (const [name, part] of [...value].sort(byName)) {
      const place = above === '' ? name : `${above}/${name}`;
      const kind = shape(name, part);
      if (kind === 'whole') await whole(place, name, part);
      else if (kind === 'object') await walk(place, part);
      else await items(place, part);
    }
  }

  await walk('', top);
  const all = at.arrays === arrays.length && at.leaves === leaves.length && at.marks === marks.length;
  if (!all) fail('the proof speaks of elements that are not shown');
  if (root === null) fail('not a proof of this form');
  return root;
}

function resources(answer) {
  const top = object(answer);
  const records = top.get('resourceType') === 'Bundle'
    ? list(top.get('entry') ?? []).map((entry) => object(entry).get('resource')).filter((resource) => resource !== undefined)
    : [top];
  return records.filter((resource) => {
    const name = resource instanceof Map ? resource.get('resourceType') : undefined;
    return name !== undefined && name !== 'OperationOutcome';
  });
}

// How a resource falls apart, and which marks a gatekeeper may add.

const filled = (value) => value instanceof Map && value.size > 0;

function shape(name, value) {
  if (name.startsWith('_')) return 'whole';
  if (filled(value)) return 'object';
  return Array.isArray(value) && value.length > 0 && value.every(filled) ? 'items' : 'whole';
}

function only(value, names) {
  return value.size === names.length && names.every((name) => value.has(name));
}

function isAddedItem(place, value) {
  if (!(value instanceof Map)) return false;
  if (place === 'extension' && only(value, ['url', 'valueString'])) return value.get('url') === WITHHELD_GROUND;
  if (['meta/security', 'meta/tag'].includes(place) && only(value, ['system', 'code', 'display'])) {
    const code = value.get('code');
    return value.get('system') === OBSERVATION_VALUE && ['REDACTED', 'SUBSETTED'].includes(code)
      && value.get('display') === code.toLowerCase();
  }
  const isExtension = place === 'extension' || place.endsWith('/extension');
  return (isExtension && isReason(value)) || isOnlyReasons(value);
}

function isAddedWhole(name, value) {
  if (Array.isArray(value) && name.startsWith('_')) {
    return value.some(isOnlyReasons) && value.every((item) => item === null || isOnlyReasons(item));
  }
  if (Array.isArray(value)) return value.length === 1 && value[0] === null;
  return name.startsWith('_') && isOnlyReasons(value);
}

function isReason(value) {
  return value instanceof Map && only(value, ['url', 'valueCode']) && value.get('url') === ABSENT_REASON
    && REASONS.includes(value.get('valueCode'));
}

function isOnlyReasons(value) {
  if (!filled(value)) return false;
  return [...value].every(([name, part]) => {
    if (Array.isArray(part) && name === 'extension') return part.length > 0 && part.every(isReason);
    if (isAddedWhole(name, part)) return true;
    if (Array.isArray(part)) return part.length > 0 && part.every(isOnlyReasons);
    return !name.startsWith('_') && isOnlyReasons(part);
  });
}

function lexical(value) {
  if (typeof value === 'string') return ['s', value];
  if (value instanceof Numeral) return ['n', value.text];
  if (typeof value === 'boolean') return ['b', String(value)];
  if (value === null) return ['z', ''];
  return [Array.isArray(value) ? 'a' : 'o', canonical(value)];
}

// Anchors' trees.

function under(way, root, value) {
  fields(way, ['position', 'siblings']);
  const position = BigInt(`0x${digits(way.get('position'), 16)}`);
  const siblings = bytes(way.get('siblings'), 32 * ANCHOR_DEPTH);
  const place = Uint8Array.from({ length: 8 }, (_, n) => Number((position >> BigInt(8 * n)) & 255n));
  let hash = blake2b(concat(name('medrec/anchor/leaf/v1'), Uint8Array.of(0), place, value));
  for (let level = 0; level < ANCHOR_DEPTH; level += 1) {
    const sibling = siblings.slice(32 * level, 32 * (level + 1));
    const pair = (position >> BigInt(level)) & 1n ? [sibling, hash] : [hash, sibling];
    hash = blake2b(concat(name('medrec/anchor/node/v1'), Uint8Array.of(level), ...pair));
  }
  if (hex(hash) !== hex(root)) fail('the record is not under the root that the proof names');
}

/** A text of less than 64 bytes with its length, as SCALE writes it. */
const name = (text) => concat(Uint8Array.of(text.length << 2), utf8(text));

const MASK = (1n << 64n) - 1n;
const IV = [
  0x6a09e667f3bcc908n, 0xbb67ae8584caa73bn, 0x3c6ef372fe94f82bn, 0xa54ff53a5f1d36f1n,
  0x510e527fade682d1n, 0x9b05688c2b3e6c1fn, 0x1f83d9abfb41bd6bn, 0x5be0cd19137e2179n,
];
const SIGMA = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4], [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13], [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11], [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5], [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];
const MIXED = [
  [0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15], [0, 5, 10, 15], [1, 6, 11, 12], [2, 7, 8, 13], [3, 4, 9, 14],
];

/** BLAKE2b with 32 bytes of output and no key (RFC 7693), for inputs of any length. */
export function blake2b(input) {
  const h = [...IV];
  h[0] ^= 0x01010020n;
  const blocks = Math.max(1, Math.ceil(input.length / 128));
  for (let block = 0; block < blocks; block += 1) {
    const part = new Uint8Array(128);
    part.set(input.subarray(128 * block, 128 * (block + 1)));
    const view = new DataView(part.buffer);
    const m = Array.from({ length: 16 }, (_, n) => view.getBigUint64(8 * n, true));
    const v = [...h, ...IV];
    const last = block === blocks - 1;
    v[12] ^= BigInt(last ? input.length : 128 * (block + 1));
    if (last) v[14] ^= MASK;
    const turn = (value, by) => ((value >> by) | (value << (64n - by))) & MASK;
    for (let round = 0; round < 12; round += 1) {
      const order = SIGMA[round % 10];
      MIXED.forEach(([a, b, c, d], n) => {
        v[a] = (v[a] + v[b] + m[order[2 * n]]) & MASK;
        v[d] = turn(v[d] ^ v[a], 32n);
        v[c] = (v[c] + v[d]) & MASK;
        v[b] = turn(v[b] ^ v[c], 24n);
        v[a] = (v[a] + v[b] + m[order[2 * n + 1]]) & MASK;
        v[d] = turn(v[d] ^ v[a], 16n);
        v[c] = (v[c] + v[d]) & MASK;
        v[b] = turn(v[b] ^ v[c], 63n);
      });
    }
    for (let n = 0; n < 8; n += 1) h[n] ^= v[n] ^ v[n + 8];
  }
  const out = new DataView(new ArrayBuffer(32));
  for (let n = 0; n < 4; n += 1) out.setBigUint64(8 * n, h[n], true);
  return new Uint8Array(out.buffer);
}

// JSON in its one spelling. Numbers keep their digits, objects are maps.

class Numeral {
  constructor(text) {
    this.text = text;
  }
}

const byName = ([one], [other]) => (one < other ? -1 : 1);

/** The value of a text in the one spelling, and of no other. */
export function parse(text) {
  let at = 0;
  const bad = () => fail('not JSON');
  const scalar = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null/y;
  function value(depth) {
    if (depth > 120) bad();
    if (text[at] === '{') return entries(depth);
    if (text[at] === '[') return elements(depth);
    scalar.lastIndex = at;
    const found = scalar.exec(text);
    if (!found) bad();
    at += found[0].length;
    return /^[-0-9]/.test(found[0]) ? new Numeral(found[0]) : JSON.parse(found[0]);
  }
  function elements(depth) {
    const out = [];
    at += 1;
    while (text[at] !== ']') {
      if (out.length > 0 && text[at++] !== ',') bad();
      out.push(value(depth + 1));
    }
    at += 1;
    return out;
  }
  function entries(depth) {
    const out = new Map();
    at += 1;
    while (text[at] !== '}') {
      if (out.size > 0 && text[at++] !== ',') bad();
      const key = value(depth + 1);
      if (typeof key !== 'string' || out.has(key) || text[at++] !== ':') bad();
      out.set(key, value(depth + 1));
    }
    at += 1;
    return out;
  }
  const read = value(0);
  if (at !== text.length) bad();
  if (canonical(read) !== text) fail('not byte for byte as the gatekeeper wrote it');
  return read;
}

function canonical(value) {
  if (value instanceof Numeral) return value.text;
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value instanceof Map) {
    return `{${[...value].sort(byName).map(([key, part]) => `${JSON.stringify(key)}:${canonical(part)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

// Small parts.

function fail(what) {
  throw new Altered(what);
}

const utf8 = (text) => new TextEncoder().encode(text);

const hex = (array) => Array.from(array, (byte) => byte.toString(16).padStart(2, '0')).join('');

function concat(...parts) {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (out.set(part, at), at + part.length), 0);
  return out;
}

async function sha256(...parts) {
  return new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', concat(...parts)));
}

/** A length as eight bytes, the highest first. */
function frame(length) {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(4, length);
  return new Uint8Array(view.buffer);
}

function digits(text, count) {
  if (typeof text !== 'string' || text.length !== count || !/^[0-9a-f]*$/.test(text)) fail('not a proof of this form');
  return text;
}

function bytes(text, count) {
  const valid = digits(text, 2 * count);
  return Uint8Array.from({ length: count }, (_, n) => parseInt(valid.slice(2 * n, 2 * n + 2), 16));
}

function fields(value, names) {
  if (!only(object(value), names)) fail('not a proof of this form');
  return value;
}

function object(value) {
  if (!(value instanceof Map)) fail('not a proof of this form');
  return value;
}

function list(value) {
  if (!Array.isArray(value)) fail('not a proof of this form');
  return value;
}

function string(value) {
  if (typeof value !== 'string') fail('not a proof of this form');
  return value;
}

function integer(value) {
  const valid = value instanceof Numeral && /^(0|[1-9][0-9]*)$/.test(value.text) && Number.isSafeInteger(Number(value.text));
  if (!valid) fail('not a proof of this form');
  return Number(value.text);
}
