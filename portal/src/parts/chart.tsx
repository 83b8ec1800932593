/** Results as charts, with what is usual. Beside each chart the same stands in words or a table. */
import { scaleLinear, scaleUtc } from 'd3-scale';

import { day, number, t, tick } from '../messages';
import type { Measured } from '../records/fhir';

const usual = ({ low, high, unit }: Pick<Measured, 'low' | 'high' | 'unit'>): string =>
  low !== undefined && high !== undefined
    ? t('chart.usual', { low: number(low), high: number(high), unit })
    : high !== undefined
      ? t('chart.usual.most', { high: number(high), unit })
      : low !== undefined
        ? t('chart.usual.least', { low: number(low), unit })
        : t('chart.usual.none');

const outside = ({ value, low, high }: Measured): boolean => (low !== undefined && value < low) || (high !== undefined && value > high);

/** One value on its range. */
export function Range({ measured }: { measured: Measured }) {
  const { value, low, high, unit } = measured;
  if (low === undefined && high === undefined) return <p class="small soft">{t('chart.usual.none')}</p>;
  const least = Math.min(value, low ?? value);
  const most = Math.max(value, high ?? value);
  const room = (most - least || Math.abs(most) || 1) * 0.25;
  const x = scaleLinear([low === undefined ? Math.min(0, least) : least - room, most + room], [0, 600]);
  const [from, to] = [low === undefined ? 0 : x(low), high === undefined ? 600 : x(high)];
  return (
    <figure>
      <svg class="chart" viewBox="0 0 600 74" aria-hidden="true">
        <rect x="0" y="30" width="600" height="14" rx="7" fill="var(--tint)" />
        <rect class="usual" x={from} y="30" width={to - from} height="14" rx="4" stroke="var(--good)" />
        {low !== undefined && (
          <text x={from} y="64" text-anchor="middle">
            {number(low)}
          </text>
        )}
        {high !== undefined && (
          <text x={to} y="64" text-anchor="middle">
            {number(high)}
          </text>
        )}
        <circle class={outside(measured) ? 'dot out' : 'dot'} cx={x(value)} cy="37" r="10" />
        <text class="label" x={x(value)} y="18" text-anchor="middle">
          {number(value)} {unit}
        </text>
      </svg>
      <figcaption class="small soft">{usual(measured)}</figcaption>
    </figure>
  );
}

/** A value at a time. */
export interface Point extends Measured {
  date: string;
  provider: string;
}

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [640, 230, 46, 24, 26, 30];

/** Values over time, oldest first, of one test in one unit. */
export function Series({ points }: { points: Point[] }) {
  const range = points.findLast(({ low, high }) => low !== undefined || high !== undefined) ?? points[0]!;
  const values = [...points.map(({ value }) => value), range.low, range.high].filter((value) => value !== undefined);
  const times = points.map(({ date }) => new Date(date).getTime());
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const room = Math.max((last - first) * 0.08, 86_400_000);
  const x = scaleUtc([first - room, last + room], [LEFT, WIDTH - RIGHT]);
  const y = scaleLinear([Math.min(...values), Math.max(...values)], [HEIGHT - BOTTOM, TOP]).nice(4);
  const [floor, ceiling] = y.domain() as [number, number];
  const [top, bottom] = [y(range.high ?? ceiling), y(range.low ?? floor)];
  const at = (point: Point): [number, number] => [x(new Date(point.date)), y(point.value)];
  const known = range.low !== undefined || range.high !== undefined;
  return (
    <figure>
      <svg class="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
        {known && <rect class="usual" x={LEFT} y={top} width={WIDTH - LEFT - RIGHT} height={Math.max(0, bottom - top)} rx="4" />}
        {range.high !== undefined && <path class="edge" d={`M${LEFT} ${top}H${WIDTH - RIGHT}`} />}
        {range.low !== undefined && <path class="edge" d={`M${LEFT} ${bottom}H${WIDTH - RIGHT}`} />}
        {y.ticks(4).map((value) => (
          <g key={value}>
            <path class="axis" d={`M${LEFT} ${y(value)}H${WIDTH - RIGHT}`} />
            <text x={LEFT - 8} y={y(value) + 4} text-anchor="end">
              {number(value)}
            </text>
          </g>
        ))}
        {x.ticks(5).map((time) => (
          <text key={time.getTime()} x={x(time)} y={HEIGHT - 8} text-anchor="middle">
            {tick(time, last - first > 3 * 365 * 86_400_000)}
          </text>
        ))}
        {points.length > 1 && <polyline class="line" points={points.map((point) => at(point).join(',')).join(' ')} />}
        {points.map((point) => {
          const [cx, cy] = at(point);
          return <circle key={`${point.date}${point.value}`} class={outside(point) ? 'dot out' : 'dot'} cx={cx} cy={cy} r="7" />;
        })}
      </svg>
      <figcaption>
        <p class="small soft">{usual(range)}</p>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('chart.date')}</th>
              <th scope="col">{t('chart.value')}</th>
              <th scope="col">{t('chart.where')}</th>
            </tr>
          </thead>
          <tbody>
            {points.toReversed().map((point) => (
              <tr key={`${point.date}${point.value}`}>
                <td>{day(point.date)}</td>
                <td>
                  {number(point.value)} {point.unit} {outside(point) && <span class="tag warn">{t('chart.outside')}</span>}
                </td>
                <td>{point.provider}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </figcaption>
    </figure>
  );
}
