/** An answer to a planned table, as it is handed over, and whether it is what the provider committed to: as `client/src/research/messages.rs`. */
import { blake2b } from '@noble/hashes/blake2.js';

import { concatBytes, hex, unhex, utf8 } from './bytes';
import { compact } from './scale';

/** What is counted or summed. */
export type Kind =
  | { type: 'Counts'; value: { cells: number; per_person: number } }
  | { type: 'Sum' | 'Mean'; value: { lower: bigint; upper: bigint } }
  | { type: 'Histogram'; value: { cells: number } }
  | { type: 'Incidents'; value: { bins: number } };

/** One epoch of one table of one provider. */
export interface AnswerKey {
  provider: number;
  table: number;
  epoch: number;
}

/** An answer as it comes. */
export interface AnswerBody extends AnswerKey {
  version: number;
  rho: number;
  definition: string;
  salt: string;
  parts: { part: string; numbers: string[]; variance: [string, string] }[];
}

/** What a part of an answer is. */
export type PartName = 'cohort' | 'cells' | 'count' | 'sum';

/** A part as the plan says it: so many numbers, each with noise of this standard deviation. */
export interface Part {
  name: PartName;
  width: number;
  sigma: number;
}

/** Units in a rho of 1. */
const RHO = 1_000_000;

/**
 * The parts of an answer that costs `rho` (millionths): a tenth for the denominator, the rest for the table; a mean halves that between count and
 * sum. The noise of a part has the variance `sensitivity^2 / (2 rho)`.
 */
export function partsOf(kind: Kind, rho: number): Part[] {
  const cohort = Math.floor(rho / 10);
  const rest = rho - cohort;
  const part = (name: PartName, width: number, squared: number, cost: number): Part => ({ name, width, sigma: Math.sqrt((squared * RHO) / (2 * cost)) });
  const cells = (width: number, person: number) => [part('cells', width, Math.min(2 * person, width), rest)];
  const table = (): Part[] => {
    switch (kind.type) {
      case 'Counts':
        return cells(kind.value.cells, kind.value.per_person);
      case 'Histogram':
        return cells(kind.value.cells, 1);
      case 'Incidents':
        return cells(kind.value.bins, 1);
      default: {
        const range = Number(kind.value.upper - kind.value.lower) ** 2;
        if (kind.type === 'Sum') return [part('sum', 1, range, rest)];
        const count = Math.floor(rest / 2);
        return [part('count', 1, 1, count), part('sum', 1, range, rest - count)];
      }
    }
  };
  return [part('cohort', 1, 1, cohort), ...table()];
}

const plain = ({ type, value }: Kind): string => `${type} ${Object.values(value).join(' ')}`;

/** Whether two are the same. */
export const sameKind = (one: Kind, other: Kind): boolean => plain(one) === plain(other);

/** A number as sixteen bytes, the least first. */
function i128(number: bigint): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt.asUintN(64, number), true);
  view.setBigInt64(8, BigInt.asIntN(64, number >> 64n), true);
  return bytes;
}

/** What the chain holds of an answer. */
export function commitmentOf(genesis: string, { provider, table, epoch }: AnswerKey, salt: Uint8Array, numbers: bigint[]): string {
  const chain = unhex(genesis);
  const message = concatBytes(
    utf8('medrec/research/answer/v1'),
    compact(chain.length),
    chain,
    compact(provider),
    compact(table),
    compact(epoch),
    salt,
    compact(numbers.length),
    ...numbers.map(i128),
  );
  return hex(blake2b(message, { dkLen: 32 }));
}

/** Why an answer does not count. */
export class OtherAnswer extends Error {}

/** The numbers of an answer, part by part, if they have the shape that was planned and are the ones that the chain holds the commitment to. */
export function verifiedNumbers(body: AnswerBody, genesis: string, asked: AnswerKey, kind: Kind, rho: number, commitment: string): bigint[][] {
  const planned = partsOf(kind, rho);
  const fits =
    body.version === 1 &&
    body.provider === asked.provider &&
    body.table === asked.table &&
    body.epoch === asked.epoch &&
    body.rho === rho &&
    body.parts.length === planned.length &&
    planned.every(({ name, width }, place) => body.parts[place]!.part === name && body.parts[place]!.numbers.length === width) &&
    body.parts.every(({ numbers }) => numbers.every((number) => /^(0|-?[1-9]\d{0,38})$/.test(number))) &&
    /^[0-9a-f]{64}$/.test(body.salt);
  if (!fits) throw new OtherAnswer('not the planned table');
  const numbers = body.parts.map((part) => part.numbers.map(BigInt));
  if (commitmentOf(genesis, asked, unhex(body.salt), numbers.flat()) !== commitment) throw new OtherAnswer('not what was committed to');
  return numbers;
}
