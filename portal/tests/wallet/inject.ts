/**
 * A wallet as browsers have it: injects `injectedWeb3`, keeps its keys to itself, and really signs. Bundled and put into the
 * page before anything of the page runs. It says yes to everything, and keeps a list of what it was shown.
 */
import { Keyring } from '@polkadot/keyring';
import { TypeRegistry } from '@polkadot/types';
import { hexToU8a, u8aToHex, u8aWrapBytes } from '@polkadot/util';

interface Secret {
  name: string;
  suri: string;
}

declare const WALLET_SECRETS: Secret[];

const keyring = new Keyring({ type: 'sr25519' });
// The keys are made when they are needed: by then the WASM of the signatures is there.
let pairs: ReturnType<Keyring['addFromUri']>[] | undefined;
const unlock = () => {
  pairs ??= WALLET_SECRETS.map(({ name, suri }) => keyring.addFromUri(suri, { name }));
  return pairs;
};
const pairOf = (address: string) => {
  unlock();
  return keyring.getPair(address);
};

const shown: unknown[] = [];
let listeners: ((accounts: unknown[]) => void)[] = [];
const list = () => unlock().map(({ address, meta }) => ({ address, name: meta.name, type: 'sr25519' }));

Object.assign(window, {
  /** What the wallet was asked to sign. */
  walletShown: shown,
  /** As if the person made one more account in the wallet. */
  walletDerive: (name: string, suri: string) => {
    unlock().push(keyring.addFromUri(suri, { name }));
    for (const listener of listeners) listener(list());
  },
  injectedWeb3: {
    'polkadot-js': {
      version: '0.62.6',
      enable: async () => ({
        accounts: {
          get: async () => list(),
          subscribe: (listener: (accounts: unknown[]) => void) => {
            listeners.push(listener);
            return () => {
              listeners = listeners.filter((other) => other !== listener);
            };
          },
        },
        signer: {
          signPayload: async (payload: { address: string; version: number; signedExtensions: string[] }) => {
            shown.push(payload);
            const registry = new TypeRegistry();
            registry.setSignedExtensions(payload.signedExtensions);
            const { signature } = registry.createType('ExtrinsicPayload', payload, { version: payload.version }).sign(pairOf(payload.address));
            return { id: shown.length, signature };
          },
          signRaw: async ({ address, data }: { address: string; data: string }) => {
            shown.push({ address, text: new TextDecoder().decode(hexToU8a(data)) });
            return { id: shown.length, signature: u8aToHex(pairOf(address).sign(u8aWrapBytes(data))) };
          },
        },
      }),
    },
  },
});
