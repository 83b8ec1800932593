// Stays connected with npm's @polkadot/api, unmodified, while the runtime is replaced, and uses the new one.
//
// Usage: node upgrade.mjs <file with {"node":"ws://..","from":1002,"to":1003,"patience":900000}>
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';

const { node, from, to, patience } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const api = await ApiPromise.create({ provider: new WsProvider(node), noInitWarn: true });
assert.equal(api.runtimeVersion.specVersion.toNumber(), from);
assert.equal(api.tx.research.acceptResearcher, undefined, 'the new call is not there yet');

await new Promise((done, failed) => {
  setTimeout(() => failed(new Error('the runtime stays the same')), patience).unref();
  void api.rpc.state.subscribeRuntimeVersion((version) => version.specVersion.toNumber() === to && done());
});
// The library takes over the new metadata by itself.
while (!api.tx.research.acceptResearcher) await new Promise((done) => setTimeout(done, 500));
assert.equal(api.runtimeVersion.specVersion.toNumber(), to);

const somebody = new Keyring({ type: 'sr25519' }).addFromUri('//Ferdie');
const block = await new Promise((done, failed) => {
  const text = 'written under the new runtime';
  api.tx.system.remarkWithEvent(text).signAndSend(somebody, ({ status, dispatchError }) => {
    if (dispatchError) failed(new Error(dispatchError.toString()));
    else if (status.isFinalized) done(status.asFinalized.toHex());
  }).catch(failed);
});
console.log(`@polkadot/api went on from ${from} to ${to}, and wrote into block ${block}`);
await api.disconnect();
