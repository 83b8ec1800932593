/** The wallet, by the standard interface `injectedWeb3`. Keys stay in it; nothing here ever asks for one. */
import { signal } from '@preact/signals';

/** An account that the wallet shows. */
export interface Account {
  address: string;
  name?: string;
  type?: string;
}

/** What a wallet signs with. */
interface Signer {
  signPayload: (payload: never) => Promise<{ signature: string; signedTransaction?: string | Uint8Array }>;
  signRaw: (raw: { address: string; data: string; type: 'bytes' }) => Promise<{ signature: string }>;
}

interface Injected {
  accounts: {
    get: () => Promise<Account[]>;
    subscribe?: (changed: (accounts: Account[]) => void) => () => void;
  };
  signer: Signer;
}

interface Extension {
  version?: string;
  enable: (origin: string) => Promise<Injected>;
}

/** The wallets that put themselves into this page. */
const injected = (): Record<string, Extension> =>
  (window as unknown as { injectedWeb3?: Record<string, Extension> }).injectedWeb3 ?? {};

/** A wallet that said yes. */
export interface Wallet {
  name: string;
  signer: Signer;
}

/** The connected wallet. */
export const wallet = signal<Wallet | undefined>();

/** Its accounts. */
export const accounts = signal<Account[]>([]);

const REMEMBERED = 'medrec.wallet';

/** The wallets in this browser, by the names under which they put themselves there. */
export const wallets = (): string[] => Object.keys(injected()).sort();

/** Wallets put themselves into the page when they please: waits a moment for the first. */
export async function walletsSoon(): Promise<string[]> {
  for (let waited = 0; waited < 1000 && wallets().length === 0; waited += 100) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return wallets();
}

/** Some wallets show accounts of other kinds of chains too. */
const ours = (found: Account[]): Account[] => found.filter(({ type, address }) => type !== 'ethereum' && !address.startsWith('0x'));

/** Asks a wallet whether this page may know its accounts. */
export async function connectWallet(name: string): Promise<void> {
  const extension = injected()[name];
  if (!extension) throw new Error(`no wallet ${name}`);
  const { accounts: its, signer } = await extension.enable('MedRec');
  accounts.value = ours(await its.get());
  its.subscribe?.((changed) => {
    accounts.value = ours(changed);
  });
  wallet.value = { name, signer };
  localStorage.setItem(REMEMBERED, name);
}

/** The wallet that was used here last. */
export const rememberedWallet = (): string | null => localStorage.getItem(REMEMBERED);

/** Lets go of the wallet. */
export function forgetWallet(): void {
  localStorage.removeItem(REMEMBERED);
  wallet.value = undefined;
  accounts.value = [];
}

/** Has the wallet sign a text, which it shows. */
export async function signText(address: string, text: string): Promise<string> {
  if (!wallet.value) throw new Error('no wallet');
  const bytes = new TextEncoder().encode(text);
  const data = `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
  const { signature } = await wallet.value.signer.signRaw({ address, data, type: 'bytes' });
  return signature;
}
