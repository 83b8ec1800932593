/** The numbers of a table with their errors: of one provider, or of several added up. As `medrec-research` computes them. */
import { decimal, type Definition } from '../protocol/definition';
import { partsOf, type Kind, type Part } from '../protocol/statistics';

/** A number of the table. */
export interface Row {
  name: string;
  value: number;
  /** As it is written. */
  text: string;
  /** Where the true number lies, 95 times of 100. Nothing where that cannot be said: nobody may have a value. */
  low?: number;
  high?: number;
  /** Whether it is fit to be shown to the public. */
  shown: boolean;
}

/** A table of numbers. */
export interface Result {
  /** Who releases: the denominator. */
  cohort: Row;
  rows: Row[];
  /** The mean, where the table is one. */
  mean?: Row;
}

/** One provider's numbers, part by part. */
export interface Answered {
  kind: Kind;
  rho: number;
  numbers: bigint[][];
}

/** Where the standard normal distribution has 95 and 97.5 of 100 within, about 0. */
const [Z95, Z975] = [1.959963984540054, 2.241402727604947];

/** Noise that is wider than this is shown as if it were continuous. */
const WIDE = 1_000;

/** The distance that discrete Gaussian noise exceeds as seldom as `coverage` allows: `z` is the same for a normal one. */
function halfWidth(sigma: number, coverage: number, z: number): number {
  if (sigma > WIDE) return Math.ceil(sigma * z);
  const weight = (x: number) => Math.exp((-x * x) / (2 * sigma * sigma));
  const reach = Math.max(2, Math.ceil(sigma * 40));
  let total = 1;
  for (let x = reach; x >= 1; x -= 1) total += 2 * weight(x);
  let tail = 0;
  for (let x = reach; x >= 0; x -= 1) {
    tail += (2 * weight(x)) / total;
    if (tail > 1 - coverage) return x;
  }
  return 0;
}

/** How far off a number with this noise may be, 95 times of 100. */
export const errorOf = (sigma: number): number => halfWidth(sigma, 0.95, Z95);

const together = (sigmas: number[]): number => Math.sqrt(sigmas.reduce((sum, sigma) => sum + sigma ** 2, 0));

function row(name: string, number: bigint, sigmas: number[], decimals: number): Row {
  const scale = 10 ** decimals;
  const sigma = together(sigmas);
  const off = sigmas.length === 1 ? errorOf(sigma) : Math.ceil(sigma * Z95);
  const value = Number(number) / scale;
  // Sums of measured values are not small numbers of persons.
  const shown = decimals > 0 || Number(number) >= Math.max(11, 2.33 * sigma);
  return { name, value, text: decimal(number, decimals), low: value - off / scale, high: value + off / scale, shown };
}

/** Of what lies above the lower bound, and the lower bound. Both ends are taken at half the risk. */
function mean(count: { number: bigint; sigma: number }, sum: { number: bigint; sigma: number }, bounds: { lower: bigint; upper: bigint }, decimals: number): Row {
  const [lower, upper, scale] = [Number(bounds.lower), Number(bounds.upper), 10 ** decimals];
  const [offCount, offSum] = [halfWidth(count.sigma, 0.975, Z975), halfWidth(sum.sigma, 0.975, Z975)];
  const [persons, total] = [Number(count.number), Number(sum.number)];
  const [least, most] = [persons - offCount, persons + offCount];
  if (least < 1) return { name: 'mean', value: Number.NaN, text: '–', shown: false };
  const ends = [total - offSum, total + offSum].flatMap((one) => [one / least, one / most]);
  const within = (above: number) => Math.min(upper, Math.max(lower, lower + above)) / scale;
  const value = within(total / persons);
  return { name: 'mean', value, text: value.toFixed(decimals + 1), low: within(Math.min(...ends)), high: within(Math.max(...ends)), shown: true };
}

/** All numbers of a table. Answers to one definition add up, and so do the variances of their noises. */
export function combine(definition: Definition, answers: Answered[]): Result {
  const planned: Part[][] = answers.map(({ kind, rho }) => partsOf(kind, rho));
  const first = planned[0]!;
  const added = first.map((part, place) => ({
    part,
    sigmas: planned.map((parts) => parts[place]!.sigma),
    numbers: Array.from({ length: part.width }, (_, cell) => answers.reduce((sum, { numbers }) => sum + numbers[place]![cell]!, 0n)),
  }));
  const names = [...definition.names];
  const rows = added.flatMap(({ part, sigmas, numbers }) =>
    numbers.map((number) => row(part.name === 'cohort' ? 'persons who release' : (names.shift() ?? ''), number, sigmas, part.name === 'sum' ? definition.decimals : 0)),
  );
  const { kind } = answers[0]!;
  const found = (name: Part['name']) => {
    const { sigmas, numbers } = added.find(({ part }) => part.name === name)!;
    return { number: numbers[0]!, sigma: together(sigmas) };
  };
  return { cohort: rows[0]!, rows: rows.slice(1), mean: kind.type === 'Mean' ? mean(found('count'), found('sum'), kind.value, definition.decimals) : undefined };
}

/** A number with as many decimals as mean something. */
const rounded = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(2));

/** A field that spreadsheets take for text, whatever it begins with. */
const quoted = (field: string): string => `"${(/^[=+\-@]/.test(field) ? `'${field}` : field).replaceAll('"', '""')}"`;

/** For spreadsheets (RFC 4180). */
export const csv = ({ cohort, rows, mean }: Result): string =>
  [
    'name,value,low95,high95,show in public',
    ...[cohort, ...rows, ...(mean ? [mean] : [])].map(({ name, text, low, high, shown }) =>
      [quoted(name), ...(low === undefined || high === undefined ? ['', '', ''] : [text, rounded(low), rounded(high)]), shown ? 'yes' : 'no'].join(','),
    ),
    '',
  ].join('\r\n');
