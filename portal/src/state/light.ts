/** The chain read by this device itself: a light client in a worker. Loaded only where `config.json` names the chains' specifications. */
import { getSmProvider } from 'polkadot-api/sm-provider';
import { startFromWorker } from 'polkadot-api/smoldot/from-worker';
import worker from 'polkadot-api/smoldot/worker?worker&url';

import type { Specifications } from './config';

/** What our Content-Security-Policy lets make a script's address, and what of it is used here. The DOM's types do not have it yet. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): { createScriptURL(url: string): string };
}

/** The address of the worker's script, as a browser takes it that lets only named policies make one. */
function workerAddress(): string {
  const trusted = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  if (!trusted) return worker;
  const policy = trusted.createPolicy('medrec-light-client', {
    createScriptURL: (url) => {
      if (url !== worker) throw new Error('no other script is started');
      return url;
    },
  });
  return policy.createScriptURL(worker);
}

async function specification(address: string): Promise<string> {
  const answer = await fetch(new URL(address, document.baseURI));
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  const found = (await answer.json()) as { genesis?: { raw?: { top?: Record<string, string> } } };
  // Nodes take bytes without `0x`, too, and some tools write them so; smoldot does not.
  const top = found.genesis?.raw?.top ?? {};
  for (const [key, value] of Object.entries(top)) if (!value.startsWith('0x')) top[key] = `0x${value}`;
  return JSON.stringify(found);
}

let started: ReturnType<typeof startFromWorker> | undefined;

/** What polkadot-api reads the parachain through. There is one light client, however often a connection is made. */
export function lightProvider({ relayChain, parachain }: Specifications) {
  started ??= startFromWorker(new Worker(workerAddress()), { maxLogLevel: 2 });
  const client = started;
  return getSmProvider(async () => {
    const [relaySpec, ownSpec] = await Promise.all([specification(relayChain), specification(parachain)]);
    const relay = await client.addChain({ chainSpec: relaySpec, disableJsonRpc: true });
    return client.addChain({ chainSpec: ownSpec, potentialRelayChains: [relay] });
  });
}
