/**
 * The person's notes: which account is which, names of people, what each sealed rule covers, what was seen before. On the
 * device they are kept under a password or not at all; nobody else ever gets them.
 */
import { signal } from '@preact/signals';

import type { ReleaseChoice } from '../protocol/release';
import type { Choice } from '../records/choice';

/** Someone to share with. */
export interface Person {
  name: string;
  address: string;
}

/** Somebody for whom the person acts: the relationship, and the account of this wallet that does. */
export interface Cared {
  name: string;
  account: string;
  person: string;
}

/** Everything that is noted. */
export interface Notes {
  /** What the person calls an account, by address. */
  accounts: Record<string, string>;
  people: Person[];
  cared: Cared[];
  /** What a sealed rule covers, by relationship and number: `r0-3/7`. Nobody but the provider could say it otherwise. */
  rules: Record<string, Choice>;
  /** What was chosen to be released for research, by relationship. Nobody but the provider could say it otherwise. */
  releases: Record<string, ReleaseChoice>;
  /** Records seen before, by relationship. */
  seen: Record<string, string[]>;
}

/** `none`: nothing is kept on this device. `locked`: something is, and the password has not been given. */
export type NotebookState = 'none' | 'locked' | 'open';

interface Kept {
  version: 1;
  iterations: number;
  salt: string;
  iv: string;
  sealed: string;
}

const PLACE = 'medrec.notebook';

/** OWASP's number for PBKDF2 with HMAC-SHA256. */
const ITERATIONS = 600_000;

/** The shortest password that is taken. */
export const SHORTEST_PASSWORD = 10;

const empty = (): Notes => ({ accounts: {}, people: [], cared: [], rules: {}, releases: {}, seen: {} });

/** The notes. While they are locked, or nothing is kept, they last as long as this page. */
export const notes = signal<Notes>(empty());

/** Whether they are kept. */
export const notebook = signal<NotebookState>(localStorage.getItem(PLACE) ? 'locked' : 'none');

let key: CryptoKey | undefined;
let salt: Uint8Array<ArrayBuffer> | undefined;
let iterations = ITERATIONS;

const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
const bytes = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));

async function derive(password: string, salt: Uint8Array<ArrayBuffer>, iterations: number): Promise<CryptoKey> {
  const secret = await crypto.subtle.importKey('raw', new TextEncoder().encode(password), 'PBKDF2', false, ['deriveKey']);
  return await crypto.subtle.deriveKey(
    { name: 'PBKDF2', hash: 'SHA-256', salt, iterations },
    secret,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt'],
  );
}

async function seal(): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const plain = new TextEncoder().encode(JSON.stringify(notes.value));
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key!, plain));
  let text = '';
  for (let start = 0; start < sealed.length; start += 8192) {
    text += String.fromCharCode(...sealed.subarray(start, start + 8192));
  }
  const kept: Kept = { version: 1, iterations, salt: base64(salt!), iv: base64(iv), sealed: btoa(text) };
  return JSON.stringify(kept);
}

let writing = Promise.resolve();

/** Changes the notes, and keeps them where a notebook is open. */
export async function note(change: (notes: Notes) => void): Promise<void> {
  const changed = structuredClone(notes.value);
  change(changed);
  notes.value = changed;
  if (!key) return;
  writing = writing.then(async () => localStorage.setItem(PLACE, await seal()));
  await writing;
}

/** Starts keeping the notes under a password. */
export async function startNotebook(password: string): Promise<void> {
  salt = crypto.getRandomValues(new Uint8Array(16));
  iterations = ITERATIONS;
  key = await derive(password, salt, iterations);
  notebook.value = 'open';
  await note(() => {});
}

/** Opens a notebook: the one on this device, or one that was exported. Says whether the password was right. */
export async function openNotebook(password: string, exported?: string): Promise<boolean> {
  const found = exported ?? localStorage.getItem(PLACE);
  if (!found) return false;
  let opened: Notes;
  try {
    const kept = JSON.parse(found) as Kept;
    if (kept.version !== 1 || !(kept.iterations >= 100_000 && kept.iterations <= 10_000_000)) return false;
    const theirs = bytes(kept.salt);
    const derived = await derive(password, theirs, kept.iterations);
    const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: bytes(kept.iv) }, derived, bytes(kept.sealed));
    opened = { ...empty(), ...(JSON.parse(new TextDecoder().decode(plain)) as Notes) };
    [key, salt, iterations] = [derived, theirs, kept.iterations];
  } catch {
    return false;
  }
  const meanwhile = notes.value;
  notes.value = {
    accounts: { ...opened.accounts, ...meanwhile.accounts },
    people: [...opened.people, ...meanwhile.people.filter(({ address }) => !opened.people.some((p) => p.address === address))],
    cared: [...opened.cared, ...meanwhile.cared.filter(({ name }) => !opened.cared.some((one) => one.name === name))],
    rules: { ...opened.rules, ...meanwhile.rules },
    releases: { ...opened.releases, ...meanwhile.releases },
    seen: { ...meanwhile.seen, ...opened.seen },
  };
  notebook.value = 'open';
  await note(() => {});
  return true;
}

/** The sealed notebook as a file, for another device. It opens by its password alone. */
export const exportNotebook = async (): Promise<string> => (key ? await seal() : (localStorage.getItem(PLACE) ?? ''));

/** Forgets everything on this device. */
export function burnNotebook(): void {
  localStorage.removeItem(PLACE);
  [key, salt] = [undefined, undefined];
  notes.value = empty();
  notebook.value = 'none';
}

/** What the person calls an address, or nothing. */
export const nameOf = (address: string): string | undefined =>
  notes.value.people.find((person) => person.address === address)?.name ?? notes.value.accounts[address];
