/** What a planned table counts or sums: the text whose digest is on chain, read as `client/src/research/definition.rs` reads it. */
import { blake2b } from '@noble/hashes/blake2.js';
import { parse } from 'smol-toml';

import { hex, utf8 } from './bytes';
import type { Kind } from './statistics';

/** A definition, as far as a result needs it. */
export interface Definition {
  title: string;
  /** What the chain must know the table as. */
  kind: Kind;
  /** What each number is, the denominator aside, in the order of the answer. */
  names: string[];
  /** The unit of values; empty where persons are counted. */
  unit: string;
  /** How many decimals that unit is divided by. */
  decimals: number;
}

interface File {
  title: string;
  kind: 'counts' | 'sum' | 'mean' | 'histogram' | 'incidents';
  group?: { title: string }[];
  ages?: number[];
  sexes?: string[];
  value?: string;
  unit?: string;
  decimals?: number;
  edges?: number[];
  bins?: number;
  per_person?: number;
  lower?: number;
  upper?: number;
}

/** Whole units as a decimal number. */
export function decimal(units: bigint, decimals: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  return `${units < 0n ? '-' : ''}${whole}${decimals > 0 ? `.${digits.slice(-decimals)}` : ''}`;
}

const bands = (ages: number[]): string[] =>
  ages.map((from, place) => (place + 1 < ages.length ? `${from} to ${ages[place + 1]! - 1} years` : `${from} years or older`));

const orAll = (names: string[]): string[] => (names.length > 0 ? names : ['']);

function names({ kind, group = [], ages = [], sexes = [], edges = [], bins = 0, decimals = 0 }: File): string[] {
  switch (kind) {
    case 'counts':
      return group.flatMap(({ title }) => orAll(bands(ages)).flatMap((band) => orAll(sexes).map((sex) => [title, band, sex].filter(Boolean).join(', '))));
    case 'sum':
      return ['sum'];
    case 'mean':
      return ['persons with a value', 'sum above the lower bound'];
    case 'histogram':
      return edges.slice(1).map((upper, place) => `${decimal(BigInt(edges[place]!), decimals)} to ${decimal(BigInt(upper), decimals)}`);
    case 'incidents':
      return Array.from({ length: bins }, (_, bin) => `part ${bin + 1} of ${bins}`);
  }
}

function kindOf({ kind, group = [], ages = [], sexes = [], edges = [], bins = 0, per_person = 1, lower = 0, upper = 0 }: File): Kind {
  switch (kind) {
    case 'counts':
      return { type: 'Counts', value: { cells: group.length * Math.max(1, ages.length) * Math.max(1, sexes.length), per_person } };
    case 'histogram':
      return { type: 'Histogram', value: { cells: edges.length - 1 } };
    case 'incidents':
      return { type: 'Incidents', value: { bins } };
    default:
      return { type: kind === 'sum' ? 'Sum' : 'Mean', value: { lower: BigInt(lower), upper: BigInt(upper) } };
  }
}

/** Reads a definition, which must have this digest. */
export function readDefinition(text: string, digest: string): Definition {
  if (hex(blake2b(utf8(text), { dkLen: 32 })) !== digest) throw new Error('not the planned definition');
  const file = parse(text) as unknown as File;
  const valued = ['sum', 'mean', 'histogram'].includes(file.kind);
  return { title: file.title, kind: kindOf(file), names: names(file), unit: valued ? (file.value === 'days' ? 'd' : (file.unit ?? '')) : '', decimals: valued ? (file.decimals ?? 0) : 0 };
}
