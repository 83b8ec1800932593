/** Numbers with their errors, as bars. All that the bars show stands beside them in words. */
import { scaleLinear } from 'd3-scale';

import { number, t } from '../messages';
import type { Row } from '../records/statistics';

const [WIDTH, HEIGHT, BAR, CAP] = [600, 26, 12, 9];

/** `persons`: bars stand on 0; a mean is a point. */
export function Bars({ rows, label, point = false }: { rows: Row[]; label: string; point?: boolean }) {
  const ends = rows.flatMap(({ low, high }) => (low === undefined || high === undefined ? [] : [low, high]));
  const [least, most] = ends.length > 0 ? [Math.min(...ends), Math.max(...ends)] : [0, 1];
  const room = (most - least || 1) * (point ? 0.5 : 0.05);
  const x = scaleLinear(point ? [least - room, most + room] : [Math.min(0, least), Math.max(1, most) + room], [2, WIDTH - 2]);
  const middle = HEIGHT / 2;
  return (
    <ul class="plain bars" aria-label={label}>
      {rows.map(({ name, value, text, low, high, shown }) => (
        <li key={name}>
          <p class="row between">
            <span>{name}</span>
            <span>
              {low === undefined || high === undefined ? (
                t('result.nobody')
              ) : (
                <>
                  <b>{text}</b> <span class="small soft">{t('result.between', { low: number(low), high: number(high) })}</span>
                </>
              )}{' '}
              {!shown && <span class="tag warn">{t('result.hidden')}</span>}
            </span>
          </p>
          {low !== undefined && high !== undefined && (
            <svg class="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
              <path class="axis" d={`M${x(point ? least - room : 0)} 0v${HEIGHT}`} />
              {point ? (
                <circle class="dot" cx={x(value)} cy={middle} r="6" />
              ) : (
                <rect class={shown ? 'bar' : 'bar pale'} x={Math.min(x(0), x(value))} y={middle - BAR / 2} width={Math.abs(x(value) - x(0))} height={BAR} />
              )}
              <path class="error" d={`M${x(low)} ${middle}H${x(high)}M${x(low)} ${middle - CAP}v${2 * CAP}M${x(high)} ${middle - CAP}v${2 * CAP}`} />
            </svg>
          )}
        </li>
      ))}
    </ul>
  );
}
