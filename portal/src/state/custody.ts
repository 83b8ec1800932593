/** Who acts for a patient, and what becomes of lost keys. Read from storage: the runtime's interface tells of those who act now only. */
import type { RelationshipId } from '../protocol/relationship';
import { DAY } from '../protocol/time';
import type { Chain, Custodian } from './chain';

/** How long a rekey that is ready may still be finished (ms): `REKEY_TERM` of `pallet-relationships`. */
const REKEY_TERM = 30 * DAY;

/** A fresh key that is to take the place of a lost one. */
export interface Rekey {
  lost: string;
  fresh: string;
  /** Whether the provider has approved. */
  provider: boolean;
  /** The custodian who has approved. */
  custodian?: string;
  asked: number;
  /** From when it can be finished, approvals given (ms). */
  ready: number;
  /** When it lapses (ms). After a veto it waits for the provider for ever. */
  lapses?: number;
  /** `Asked`, `Vetoed`, `Reproofed`. */
  stage: string;
}

/** What the chain keeps of a relationship beside its rules. */
export interface Custody {
  id: RelationshipId;
  patient: string;
  status: string;
  /** All who are named, those who may act only after stepping in among them. */
  custodians: Custodian[];
  /** The patient's open choices, by bit. */
  flags: number;
  /** After how many days of silence these may step in. */
  inactivity?: number;
  /** The day of the patient's last call (ms). A child without a key has none. */
  lastSign?: number;
  /** A request to step in that stands, and whether the provider has confirmed it. */
  stepIn?: { confirmed: boolean };
  /** When a child comes of age (ms); only where the patient has no key of their own yet. */
  handover?: number;
  rekey?: Rekey;
  /** Whether a proposal, or the enrolment of a patient who has come of age, waits for the patient's word. */
  unanswered: boolean;
  /** Whether the provider suspended it and has to consent before it goes on. */
  waitsForProvider: boolean;
  /** The chain's clock when this was read (ms). */
  now: number;
}

/** All of it. */
export async function custodyOf(on: Chain, id: RelationshipId): Promise<Custody | undefined> {
  const at = { at: 'best' } as const;
  const { member, index } = id;
  const { Relationships } = on.api.query;
  const [record, handover, stepIn, rekey, suspension, now] = await Promise.all([
    Relationships.Relationships.getValue(member, index, at),
    Relationships.Handovers.getValue(member, index, at),
    Relationships.StepIns.getValue(member, index, at),
    Relationships.Rekeys.getValue(member, index, at),
    Relationships.Suspensions.getValue(member, index, at),
    on.now(),
  ]);
  if (!record) return undefined;
  const key = await Relationships.Keys.getValue(record.patient, at);
  const last = key?.allowance.day;
  return {
    id,
    patient: record.patient,
    // As the pallet shows it: a relationship rests from the handover on, though nothing is written then.
    status: handover !== undefined && Number(handover) <= now && record.status.type === 'Active' ? 'Suspended' : record.status.type,
    custodians: record.custodians.map((custodian) => ({
      key: custodian.key,
      rights: custodian.rights,
      from: Number(custodian.not_before),
      until: custodian.not_after === undefined ? undefined : Number(custodian.not_after),
    })),
    flags: record.flags,
    inactivity: record.inactivity,
    lastSign: last === undefined ? undefined : last * DAY,
    // Any later call of the patient's makes a request void, without anything being written.
    stepIn: stepIn && last !== undefined && last < stepIn.day ? { confirmed: stepIn.confirmed } : undefined,
    handover: handover === undefined ? undefined : Number(handover),
    rekey: rekey && {
      lost: rekey.lost,
      fresh: rekey.key,
      provider: rekey.ticket !== undefined,
      custodian: rekey.custodian,
      asked: Number(rekey.asked),
      ready: Number(rekey.ready),
      lapses: rekey.stage.type === 'Vetoed' ? undefined : Number(rekey.ready) + REKEY_TERM,
      stage: rekey.stage.type,
    },
    unanswered: record.ticket !== undefined,
    waitsForProvider: suspension.provider,
    now,
  };
}

/** The relationship in which an account is to follow a lost key. */
export async function pendingAt(on: Chain, account: string): Promise<RelationshipId | undefined> {
  const found = await on.api.query.Relationships.Keys.getValue(account, { at: 'best' });
  return found?.role.type === 'Pending' ? found.relationship : undefined;
}

/** A custodian as the chain takes it. */
export const onChain = ({ key, rights, from, until }: Custodian) => ({
  key,
  rights,
  not_before: BigInt(from),
  not_after: until === undefined ? undefined : BigInt(until),
});
