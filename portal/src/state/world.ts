/** What this page knows: the chain, the person's relationships, sessions, records. Nothing of it outlasts the page. */
import { computed, signal } from '@preact/signals';

import { relationshipName, type RelationshipId } from '../protocol/relationship';
import { newestFirst, toRecord, type PatientRecord } from '../records/fhir';
import type { Call, Chain, Glass, Member, OpenRequest, Rule, Step } from './chain';
import { config } from './config';
import { Gatekeeper, GatekeeperProblem, type LinkWish, type LogEntry, type Session } from './gatekeeper';
import { loadGroups } from './groups';
import { note, notes } from './notebook';
import { accounts, wallet } from './wallet';

/** One patient at one provider, as this person knows it. */
export interface Relationship {
  id: RelationshipId;
  /** `r0-3`. */
  name: string;
  /** `Proposed`, `Active`, `Suspended`, `Ended`. */
  status: string;
  /** The account in this wallet that it belongs to. */
  account: string;
  member: Member;
  /** Its provider's name, and for whom the person acts there. */
  provider: string;
  /** Whether the person is not the patient but acts for the patient. */
  acting: boolean;
  /** Whether the person may act there now: the patient always; who is appointed within the dates, and once stepped in where that is the condition. */
  mayAct: boolean;
}

/** The records of one relationship. */
export interface Shelf {
  state: 'closed' | 'loading' | 'ready' | 'missing';
  /** Why they are missing. */
  problem?: GatekeeperProblem['kind'] | 'cancelled';
  records: PatientRecord[];
  /** When the provider signed the newest answer (ms). */
  date?: number;
}

/** How far the page has come with the chain. */
export const connection = signal<'idle' | 'connecting' | 'ready' | 'failed'>('idle');

/** All members, by number. */
export const members = signal<Map<number, Member>>(new Map());

/** The person's relationships. */
export const relationships = signal<Relationship[]>([]);

/** Rules, by relationship. */
export const rules = signal<Record<string, Rule[]>>({});

/** Open requests, by relationship. */
export const requests = signal<Record<string, OpenRequest[]>>({});

/** Emergency accesses, by relationship. */
export const glasses = signal<Record<string, Glass[]>>({});

/** Records, by relationship. */
export const shelves = signal<Record<string, Shelf>>({});

/** Relationships of which records can be read. */
export const active = computed(() => relationships.value.filter(({ status, mayAct }) => status === 'Active' && mayAct));

/** All records of all providers. */
export const allRecords = computed(() => Object.values(shelves.value).flatMap(({ records }) => records).sort(newestFirst));

/** Records that were not there at the last visit. Known only where an earlier visit was noted. */
export const newRecords = signal<Set<string>>(new Set());

/** Where this device reads the chain by itself: the last final block that it knows, or that it knows none yet. */
export const readByItself = signal<number | 'catching-up' | undefined>(undefined);

let connected: Promise<Chain> | undefined;

/** The chain, connected when first asked for. */
export function chain(): Promise<Chain> {
  connected ??= (async () => {
    connection.value = 'connecting';
    try {
      const [{ Chain }, { node, lightClient }] = await Promise.all([import('./chain'), config()]);
      if (lightClient) readByItself.value = 'catching-up';
      const provider = lightClient ? (await import('./light')).lightProvider(lightClient) : node!;
      const found = await Chain.connect(provider, lightClient ? 60_000 : undefined);
      if (lightClient) found.follow((final) => (readByItself.value = final));
      await readMembers(found);
      connection.value = 'ready';
      return found;
    } catch (error) {
      connection.value = 'failed';
      connected = undefined;
      throw error;
    }
  })();
  return connected;
}

async function readMembers(on: Chain): Promise<void> {
  members.value = new Map((await on.members()).map((member) => [member.number, member]));
}

/** Reads the members again, as after a vote. */
export const refreshMembers = async (): Promise<void> => readMembers(await chain());

/** Finds the relationships of the wallet's accounts, and what the chain has about them. */
export async function refresh(): Promise<void> {
  const on = await chain();
  const found = await Promise.all(
    accounts.value.map(async ({ address }) => ({ address, relationship: await on.relationshipOf(address) })),
  );
  relationships.value = found
    .flatMap(({ address, relationship }): Relationship[] => {
      const member = relationship && members.value.get(relationship.id.member);
      if (!relationship || !member) return [];
      const name = relationshipName(relationship.id);
      const person = notes.value.cared.find((one) => one.name === name)?.person ?? name;
      return [{ ...relationship, name, account: address, member, provider: relationship.acting ? `${member.name} (${person})` : member.name }];
    })
    .sort((a, b) => Number(a.acting) - Number(b.acting) || a.provider.localeCompare(b.provider) || a.id.index - b.id.index);
  await refreshRules();
}

/** Reads rules, requests and emergency accesses again. */
export async function refreshRules(): Promise<void> {
  const on = await chain();
  const found = await Promise.all(
    relationships.value.map(async ({ id, name }) => {
      const [its, open, broken] = await Promise.all([on.rules(id), on.requestsAt(id), on.glasses(id)]);
      return { name, its, open, broken };
    }),
  );
  // Only with a rule about a group are their names wanted.
  if (found.some(({ its }) => its.some(({ viewer }) => viewer.type === 'Group'))) await loadGroups();
  rules.value = Object.fromEntries(found.map(({ name, its }) => [name, its]));
  requests.value = Object.fromEntries(found.map(({ name, open }) => [name, open]));
  glasses.value = Object.fromEntries(found.map(({ name, broken }) => [name, broken]));
}

const sessions = new Map<string, Promise<Session>>();

/** The gatekeeper of a member. */
export async function gatekeeper(member: Member): Promise<Gatekeeper> {
  return new Gatekeeper(member, (await chain()).genesis);
}

/** A session that still lasts a minute, or a new one, for which the wallet asks. */
export async function session(to: Gatekeeper, account: string, purpose: string): Promise<Session> {
  const key = `${to.member.number} ${account} ${purpose}`;
  const found = sessions.get(key);
  if (found) {
    const known = await found.catch(() => undefined);
    if (known && known.expires > Date.now() + 60_000) return known;
  }
  const opening = to.signIn(account, purpose);
  sessions.set(key, opening);
  opening.catch(() => sessions.delete(key));
  return await opening;
}

/** Lets go of every session. */
export function closeSessions(): void {
  sessions.clear();
  shelves.value = {};
}

/** Why something did not come, in one word. */
export function problemOf(error: unknown): GatekeeperProblem['kind'] | 'cancelled' {
  if (error instanceof GatekeeperProblem) return error.kind;
  return /cancel|reject|denied/i.test(String(error)) ? 'cancelled' : 'other';
}

/** The purpose under which patients read their own records. */
export const OWN = 'PATRQT';

const shelve = (name: string, shelf: Shelf) => {
  shelves.value = { ...shelves.value, [name]: shelf };
};

/** Signs in at one provider and reads everything there. Never fails: what went wrong stands on the shelf. */
export async function open(relationship: Relationship): Promise<void> {
  const { name, account, member } = relationship;
  shelve(name, { state: 'loading', records: shelves.value[name]?.records ?? [] });
  try {
    const to = await gatekeeper(member);
    const signedIn = await session(to, account, OWN);
    const answers = await Promise.all((await to.types()).map((type) => to.search(signedIn, name, type)));
    const records = answers.flatMap(({ body }) => body).map((resource) => toRecord(resource, name));
    shelve(name, { state: 'ready', records, date: Math.max(...answers.map(({ date }) => date)) });
    compareWithLastVisit(name, records);
  } catch (error) {
    if (problemOf(error) === 'signed-out') sessions.clear();
    shelve(name, { state: 'missing', problem: problemOf(error), records: [] });
  }
}

/** Opens all at once: one slow provider holds up no other. */
export const openAll = (): Promise<void[]> => Promise.all(active.value.map(open));

function compareWithLastVisit(name: string, records: PatientRecord[]): void {
  const before = notes.value.seen[name];
  const now = records.map(({ key }) => key);
  if (before) {
    const fresh = now.filter((key) => !before.includes(key));
    newRecords.value = new Set([...newRecords.value, ...fresh]);
  }
  void note((notes) => {
    notes.seen[name] = now;
  });
}

/** Who asked for the records of a relationship, newest first. */
export async function log({ name, account, member }: Relationship): Promise<LogEntry[]> {
  const to = await gatekeeper(member);
  return await to.log(await session(to, account, OWN), name);
}

/** Makes a share link to the records of a relationship. */
export async function makeLink({ name, account, member }: Relationship, wish: LinkWish): Promise<{ account: string; link: string }> {
  const to = await gatekeeper(member);
  return await to.makeLink(await session(to, account, OWN), { patient: name, ...wish });
}

/** Has a call signed by the account of a relationship, and reads the rules again. */
export async function act(
  account: string,
  make: (on: Chain) => Call | Promise<Call>,
  wait: 'included' | 'final',
  told: (step: Step) => void,
): Promise<void> {
  if (!wallet.value) throw new Error('no wallet');
  const on = await chain();
  await on.submit(await make(on), account, wallet.value, wait, told);
  await refresh();
}
