/** The consortium's council: who sits on it, and the motions that are open. */
import type { Call, Chain } from './chain';

const best = { at: 'best' } as const;

/** A call as the runtime decodes it: pallet, call, arguments. */
export interface Decoded {
  type: string;
  value: { type: string; value?: unknown };
}

/** A motion that is open. */
export interface Motion {
  hash: string;
  index: number;
  /** What it is about; nothing where this page does not know the call. */
  call?: Decoded;
  threshold: number;
  ayes: string[];
  nays: string[];
  /** How many blocks are left for votes; 0 when it is over. */
  left: number;
}

/** All of it. */
export interface Council {
  seats: string[];
  /** How many votes carry a motion: two thirds of the seats. */
  threshold: number;
  motions: Motion[];
}

/** What the calls that motions are about may take at most: far more than any of them does, far less than a block. */
const WEIGHT = { ref_time: 50_000_000_000n, proof_size: 1_500_000n };

/** Reads it. */
export async function council(on: Chain): Promise<Council> {
  const { Members, Proposals, Voting, ProposalOf } = on.api.query.Council;
  const [seats, hashes, block] = await Promise.all([Members.getValue(best), Proposals.getValue(best), on.api.query.System.Number.getValue(best)]);
  const motions = await Promise.all(
    hashes.map(async (hash): Promise<Motion[]> => {
      const [votes, call] = await Promise.all([Voting.getValue(hash, best), ProposalOf.getValue(hash, best).catch(() => undefined)]);
      if (!votes) return [];
      const { index, threshold, ayes, nays, end } = votes;
      return [{ hash, index, call: call as Decoded | undefined, threshold, ayes, nays, left: Math.max(0, end - block) }];
    }),
  );
  return { seats, threshold: Math.ceil((2 * seats.length) / 3), motions: motions.flat().sort((a, b) => a.index - b.index) };
}

/** Whether a motion has votes enough for either, or its time is over. */
export const mayClose = ({ threshold, ayes, nays, left }: Motion, seats: number): boolean => ayes.length >= threshold || seats - nays.length < threshold || left === 0;

type Making = { getEncodedData: () => Promise<Uint8Array>; decodedCall: unknown };

/** Proposes a call. This is not yet a vote for it. */
export async function propose(on: Chain, threshold: number, call: Call): Promise<Call> {
  const length = (await call.getEncodedData()).length;
  return on.api.tx.Council.propose({ threshold, proposal: call.decodedCall as never, length_bound: length }) as Call;
}

/** Votes. */
export const vote = (on: Chain, { hash, index }: Motion, approve: boolean): Call => on.api.tx.Council.vote({ proposal: hash as never, index, approve }) as Call;

/** Closes a motion, and has done what it agreed to. */
export async function close(on: Chain, { hash, index, call }: Motion): Promise<Call> {
  if (!call) throw new Error('this page does not know the call');
  const calls = on.api.tx as unknown as Record<string, Record<string, (value: unknown) => Making>>;
  const length = (await calls[call.type]![call.value.type]!(call.value.value).getEncodedData()).length;
  return on.api.tx.Council.close({ proposal_hash: hash as never, index, proposal_weight_bound: WEIGHT, length_bound: length }) as Call;
}

/** Breaks of the glass by a member's staff that wait for review. */
export async function reviews(on: Chain, member: number) {
  const found = await on.api.apis.MedRecApi.open_reviews(member, 0, 100, best);
  return found.map(([id, { relationship, staff, from }]) => ({ id, relationship, staff, from: Number(from) }));
}
