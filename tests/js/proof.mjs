// The verifier in JavaScript: over the shared vectors, and over an answer of a running gatekeeper where one is given.
import { readFileSync } from 'node:fs';
import { Altered, blake2b, check, judge, parse } from './proof/index.js';

const input = JSON.parse(readFileSync(process.argv[2], 'utf8'));

async function altered(promise, what) {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Altered) return;
    throw error;
  }
  throw new Error(`not found: ${what}`);
}

const hash = Buffer.from(blake2b(new TextEncoder().encode('abc'))).toString('hex');
if (hash !== 'bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319') throw new Error('BLAKE2b');

for (const { name, resource, proof, expect } of input.vectors ?? []) {
  if (expect.state === 'altered') {
    await altered(check(resource, proof), name);
  } else {
    const found = await check(resource, proof);
    for (const [key, value] of Object.entries(expect)) {
      if (found[key] !== value) throw new Error(`${name}: ${key} is ${found[key]}`);
    }
  }
}
if (input.vectors) {
  const { resource, proof } = input.vectors.find(({ name }) => name === 'redacted, anchored');
  for (let at = 0; at < resource.length; at += 1) {
    const other = resource[at] === 'x' ? 'y' : 'x';
    await altered(check(resource.slice(0, at) + other + resource.slice(at + 1), proof), `byte ${at}`);
  }
  console.log(`${input.vectors.length} vectors`);
}

if (input.document) {
  const { cryptoWaitReady, signatureVerify } = await import('@polkadot/util-crypto');
  await cryptoWaitReady();
  const chain = {
    genesis: () => input.genesis,
    gatekeeper: () => input.gatekeeper,
    anchor: (member, interval) => input.anchors[interval] ?? null,
    verifySignature: (message, signature, account) => signatureVerify(message, signature, account).isValid,
  };
  const verdicts = await judge(input.document, chain);
  if (verdicts.length === 0 || verdicts.some(({ verdict }) => verdict !== 'anchored')) throw new Error(JSON.stringify(verdicts));
  await altered(judge(input.document, { ...chain, anchor: () => '0'.repeat(64) }), 'another root on chain');
  await altered(judge(input.document, { ...chain, genesis: () => `0x${'0'.repeat(64)}` }), 'another chain');
  for (let at = 0; at < input.document.length; at += 997) {
    const other = input.document[at] === '1' ? '2' : '1';
    await altered(judge(input.document.slice(0, at) + other + input.document.slice(at + 1), chain), `byte ${at}`);
  }
  parse(input.document);
  console.log(`${verdicts.length} anchored`);
}
console.log('done');
