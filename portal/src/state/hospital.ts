/** What the chain has of one member: its patients, its staff, its anchors, its money. */
import { AccountId } from 'polkadot-api';

import { concatBytes, u32, utf8 } from '../protocol/bytes';
import { INTERVAL } from '../protocol/time';
import type { Chain } from './chain';

const best = { at: 'best' } as const;

/** One patient, by number alone. */
export interface Patient {
  index: number;
  account: string;
  status: string;
  custodians: number;
  rules: number;
  /** When a child comes of age (ms). */
  handover?: number;
  /** Whether the provider itself suspended it. */
  paused: boolean;
}

/** Something at a patient's that waits for the provider, or that it should know of. */
export interface Waiting {
  index: number;
  what: 'step-in' | 'stepped-in' | 'rekey' | 'vetoed';
}

/** How many patients a page shows. */
export const PAGE = 25;

/** How many relationships a member has ever had. */
export const patientCount = (on: Chain, member: number): Promise<number> => on.api.query.Relationships.NextIndex.getValue(member, best);

/** Up to `PAGE` patients, the newest first, from `last` on. */
export async function patients(on: Chain, member: number, last: number): Promise<Patient[]> {
  const { Relationships, Handovers, Suspensions } = on.api.query.Relationships;
  const indices = Array.from({ length: Math.min(PAGE, last + 1) }, (_, place) => last - place);
  const keys = indices.map((index): [number, number] => [member, index]);
  const [records, handovers, suspensions] = await Promise.all([Relationships.getValues(keys, best), Handovers.getValues(keys, best), Suspensions.getValues(keys, best)]);
  return indices.flatMap((index, place) => {
    const record = records[place];
    if (!record) return [];
    const handover = handovers[place];
    return [
      {
        index,
        account: record.patient,
        status: record.status.type,
        custodians: record.custodians.length,
        rules: record.rules.allows + record.rules.denials + record.rules.shared,
        handover: handover === undefined ? undefined : Number(handover),
        paused: suspensions[place]?.provider ?? false,
      },
    ];
  });
}

/** What waits, of all patients. */
export async function waiting(on: Chain, member: number): Promise<Waiting[]> {
  const { StepIns, Rekeys, Relationships, Keys } = on.api.query.Relationships;
  const [stepIns, rekeys] = await Promise.all([StepIns.getEntries(member, best), Rekeys.getEntries(member, best)]);
  const standing = await Promise.all(
    stepIns.map(async ({ keyArgs: [, index], value: { day, confirmed } }): Promise<Waiting[]> => {
      const record = await Relationships.getValue(member, index, best);
      const key = record && (await Keys.getValue(record.patient, best));
      // A call of the patient's since then has made it void.
      return key && key.allowance.day < day ? [{ index, what: confirmed ? 'stepped-in' : 'step-in' }] : [];
    }),
  );
  return [
    ...standing.flat(),
    ...rekeys.map(({ keyArgs: [, index], value: { stage } }): Waiting => ({ index, what: stage.type === 'Vetoed' ? 'vetoed' : 'rekey' })),
  ].sort((a, b) => a.index - b.index);
}

/** A person on a member's staff. */
export interface Person {
  index: number;
  key: string;
  role: string;
  from: number;
  until: number;
}

/** All of them. */
export async function staff(on: Chain, member: number): Promise<Person[]> {
  const found = await on.api.query.Registry.StaffOf.getEntries(member, best);
  return found
    .map(({ keyArgs: [, index], value: { key, role, from, until } }) => ({ index, key, role: role.type, from: Number(from), until: Number(until) }))
    .sort((a, b) => a.index - b.index);
}

/** How long a new emergency role waits, and how long a role lasts at most (ms). */
export async function staffTerms(on: Chain): Promise<{ delay: number; longest: number }> {
  const { EmergencyRoleDelay, MaxStaffTerm } = on.api.constants.Registry;
  const [delay, longest] = await Promise.all([EmergencyRoleDelay(), MaxStaffTerm()]);
  return { delay: Number(delay), longest: Number(longest) };
}

/** The last intervals that are over, the newest first, and whether each was anchored. */
export async function anchors(on: Chain, member: number, count: number): Promise<{ interval: number; anchored: boolean }[]> {
  const current = Math.floor((await on.now()) / INTERVAL);
  return await Promise.all(
    Array.from({ length: count }, async (_, place) => {
      const interval = current - 1 - place;
      return { interval, anchored: (await on.api.apis.MedRecApi.anchor(member, interval, best)) !== undefined };
    }),
  );
}

/** The account on which deposits for a member's relationships are held, as `PalletId` derives it. */
const depositAccount = (member: number): string => {
  const bytes = new Uint8Array(32);
  bytes.set(concatBytes(utf8('modlmdr/depo'), u32(member)));
  return AccountId().dec(bytes);
};

/** What a member has: for deposits, for its gatekeeper's fees, and on its own account (plancks). */
export async function money(on: Chain, { number, gatekeeper, account }: { number: number; gatekeeper: string; account: string }) {
  const free = async (address: string) => (await on.api.query.System.Account.getValue(address, best)).data.free;
  const [deposits, fees, own] = await Promise.all([free(depositAccount(number)), free(gatekeeper), free(account)]);
  return { deposits, fees, own };
}

/** Requests that are open at a member on the chain: how many wait for patients, how many for the gatekeeper. */
export async function openRequests(on: Chain, member: number): Promise<{ waiting: number; ready: number }> {
  const counts = { waiting: 0, ready: 0 };
  for (let after: number | undefined; ; ) {
    const page = await on.api.apis.MedRecApi.open_requests(member, after, 100, best);
    for (const [, { status }] of page) counts[status.type === 'Waiting' ? 'waiting' : 'ready'] += 1;
    if (page.length < 100) return counts;
    after = page.at(-1)![0].index;
  }
}
