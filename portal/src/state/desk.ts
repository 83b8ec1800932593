/** The desk of a hospital: what its stewards ask of its gatekeeper. The account in the wallet signs each request by itself. */
import { bytesToHex } from '@noble/hashes/utils.js';

import { authorization, requestText, type SignedRequest } from '../protocol/request';
import { GatekeeperProblem } from './gatekeeper';
import { useSearch, type Membership, type Search } from './membership';
import { accounts, signText } from './wallet';
import { chain, members } from './world';

/** How long a request may be answered (ms). */
const LIFE = 120_000;

/** How long the gatekeeper may take (ms). */
const PATIENCE = 20_000;

/** Accounts of this wallet that are stewards of a hospital. */
export const useStewards = (): Search =>
  useSearch(async (on) => {
    const { StaffKeys, StaffOf } = on.api.query.Registry;
    const best = { at: 'best' } as const;
    const [now, all] = await Promise.all([
      on.now(),
      Promise.all(
        accounts.value.map(async ({ address }) => {
          const id = await StaffKeys.getValue(address, best);
          const staff = id && (await StaffOf.getValue(id.member, id.index, best));
          return { address, member: id && members.value.get(id.member), staff };
        }),
      ),
    ]);
    const isOne = ({ address, staff }: (typeof all)[number]) =>
      staff?.key === address && staff.role.type === 'Steward' && Number(staff.from) <= now && now < Number(staff.until);
    return all.filter(isOne).flatMap(({ address, member }) => (member ? [{ member, account: address }] : []));
  });

/** The gatekeeper's refusal, by its word: `enrolled`, `no-such-record`, ... */
export class DeskRefusal extends GatekeeperProblem {
  constructor(
    readonly word: string,
    message: string,
  ) {
    super('refused', message);
  }
}

async function ask<T>({ member, account }: Membership, purpose: string, method: 'GET' | 'POST', target: string, sent?: unknown): Promise<T | undefined> {
  const { genesis } = await chain();
  const nonce = bytesToHex(crypto.getRandomValues(new Uint8Array(16)));
  const body = sent === undefined ? '' : JSON.stringify(sent);
  const request: SignedRequest = { method, target, body, audience: member.url, genesis, account, purpose, nonce, expires: Date.now() + LIFE };
  const type = accounts.value.find(({ address }) => address === account)?.type ?? 'sr25519';
  const signature = await signText(account, requestText(request));
  const headers = { authorization: authorization(request, type, signature), ...(body && { 'content-type': 'application/json' }) };
  const options: RequestInit = { method, headers, body: body || undefined, credentials: 'omit', cache: 'no-store', redirect: 'error' };
  const answer = await fetch(`${member.url}${target}`, { ...options, signal: AbortSignal.timeout(PATIENCE) }).catch((error: unknown) => {
    throw new GatekeeperProblem('unreachable', String(error));
  });
  const found: unknown = await answer.json().catch(() => undefined);
  if (answer.ok) return found as T | undefined;
  const { error, message } = (found ?? {}) as { error?: string; message?: string };
  if (answer.status >= 500 || answer.status === 429) throw new GatekeeperProblem('unreachable', message ?? `status ${answer.status}`);
  throw new DeskRefusal(error ?? '', message ?? `status ${answer.status}`);
}

/** Why patients are enrolled, and why records are managed (HL7 PurposeOfUse). */
const [ENROLS, MANAGES] = ['PATADMIN', 'RECORDMGT'];

/** What a ticket is to be for. */
export interface TicketWish {
  record: string;
  for: 'first' | 'minor' | 'rekey' | 'of-age';
  again?: boolean;
  ofAge?: string;
  relationship?: string;
}

/** Has a ticket made. */
export const makeTicket = async (steward: Membership, wish: TicketWish): Promise<{ ticket: string; expires: number }> =>
  (await ask<{ ticket: string; expires: number }>(steward, ENROLS, 'POST', '/desk/tickets', wish))!;

/** Something that was sent to be added to the records. */
export interface InboxItem {
  number: number;
  patient: string;
  account: string;
  capacity: 'patient' | 'custodian' | 'viewer';
  received: number;
  resource: fhir4.FhirResource;
}

/** What waits. */
export const readInbox = async (steward: Membership): Promise<{ items: InboxItem[]; waiting: number }> =>
  (await ask<{ items: InboxItem[]; waiting: number }>(steward, MANAGES, 'GET', '/desk/inbox'))!;

/** Accepts an item, with its security labels, or rejects it for a reason. */
export const decideItem = async (steward: Membership, number: number, decision: { accept: { labels: string[] } } | { reject: string }): Promise<void> => {
  await ask(steward, MANAGES, 'POST', `/desk/inbox/${number}`, decision);
};

/** What is kept back: suspended records, and kinds of rows that nobody is shown. */
export interface KeptBack {
  suspended: { record: string; relationships: string[]; ground: string; since: number }[];
  withheld: { type: string; line: number; all: boolean; ground: string | null }[];
}

/** Asks for it. */
export const readKeptBack = async (steward: Membership): Promise<KeptBack> => (await ask<KeptBack>(steward, MANAGES, 'GET', '/desk/records'))!;
