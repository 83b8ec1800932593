/** A picture of the relationships: providers, viewers, and what flows. The same stands beneath in words. */
import { list, t } from '../messages';
import { Title } from '../parts/base';
import { counts, noted, untilName, viewerName, whatName } from '../parts/rules';
import { Shelves } from '../parts/shelves';
import { active, connection, rules } from '../state/world';

const [WIDTH, STEP, BOX, HIGH] = [900, 104, 260, 84];

const cut = (text: string, most = 27): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** Letters that fit into the small lines of a box. */
const FINE = 34;

/** The picture. */
export default function Picture() {
  const providers = active.value;
  const flows = providers.flatMap((relationship) =>
    (rules.value[relationship.name] ?? []).filter(counts).map((rule) => ({ relationship, rule, who: viewerName(rule.viewer) })),
  );
  const viewers = [...new Set(flows.map(({ who }) => who))];
  /** What flows to one viewer, in the two small lines of the box. */
  const flowing = (viewer: string): [string, string] => {
    const its = flows.filter(({ who }) => who === viewer);
    const [{ relationship, rule }] = its as [(typeof its)[number]];
    if (its.length > 1) return [t('picture.rules', { n: its.length }), list([...new Set(its.map(({ relationship }) => relationship.provider))])];
    const choice = noted(relationship.name, rule);
    const what = rule.effect === 'Deny' ? t('picture.blocked') : choice ? whatName(choice) : t('picture.sealed');
    return [what, t('picture.from', { provider: relationship.provider })];
  };
  const rows = Math.max(providers.length, viewers.length, 1);
  const height = rows * STEP + 40;
  const y = (index: number, count: number): number => height / 2 + (index - (count - 1) / 2) * STEP;
  return (
    <>
      <Title lead={t('picture.lead')}>{t('picture.title')}</Title>
      {connection.value !== 'ready' && <Shelves />}
      {providers.length > 0 && (
        <>
          <div class="card">
            <svg class="chart picture" viewBox={`0 0 ${WIDTH} ${height}`} aria-hidden="true">
              {providers.map(({ name }, index) => (
                <path key={name} d={`M${BOX} ${y(index, providers.length)}C340 ${y(index, providers.length)} 345 ${height / 2} 400 ${height / 2}`} />
              ))}
              {flows.map(({ relationship, rule, who }) => {
                const to = y(viewers.indexOf(who), viewers.length);
                return <path key={`${relationship.name}/${rule.id}`} class={rule.effect === 'Deny' ? 'denied' : ''} d={`M500 ${height / 2}C560 ${height / 2} 570 ${to} ${WIDTH - BOX} ${to}`} />;
              })}
              {providers.map(({ name, provider, acting }, index) => (
                <g key={name} transform={`translate(0 ${y(index, providers.length) - HIGH / 2})`}>
                  <rect x="1" width={BOX - 2} height={HIGH} rx="16" />
                  <text x={BOX / 2} y="38" text-anchor="middle">
                    {cut(provider)}
                  </text>
                  <text class="sub" x={BOX / 2} y="59" text-anchor="middle">
                    {t(acting ? 'picture.acting' : 'picture.provider')}
                  </text>
                </g>
              ))}
              <circle class="me" cx="450" cy={height / 2} r="52" />
              <text class="me-text" x="450" y={height / 2 + 6} text-anchor="middle">
                {t('picture.you')}
              </text>
              {viewers.map((who, index) => (
                <g key={who} transform={`translate(${WIDTH - BOX} ${y(index, viewers.length) - HIGH / 2})`}>
                  <rect x="1" width={BOX - 2} height={HIGH} rx="16" />
                  <text x={BOX / 2} y="30" text-anchor="middle">
                    {cut(who)}
                  </text>
                  {flowing(who).map((line, place) => (
                    <text class="sub" key={place} x={BOX / 2} y={50 + 19 * place} text-anchor="middle">
                      {cut(line, FINE)}
                    </text>
                  ))}
                </g>
              ))}
              {viewers.length === 0 && (
                <text class="sub" x={WIDTH - BOX / 2} y={height / 2 + 5} text-anchor="middle">
                  {t('picture.nobody')}
                </text>
              )}
            </svg>
          </div>
          <h2>{t('picture.words')}</h2>
          <ul>
            {providers.map(({ name, provider, acting }) => (
              <li key={name}>{t(acting ? 'picture.care' : 'picture.keeps', { provider })}</li>
            ))}
            {flows.map(({ relationship, rule, who }) => {
              const choice = noted(relationship.name, rule);
              const values = {
                who,
                provider: relationship.provider,
                what: choice ? whatName(choice) : t('rule.sealed', { provider: relationship.provider }),
                until: untilName(rule),
              };
              return <li key={`${relationship.name}/${rule.id}`}>{t(rule.effect === 'Deny' ? 'picture.denied' : 'picture.flow', values)}</li>;
            })}
            {flows.length === 0 && <li>{t('picture.nobody')}</li>}
          </ul>
        </>
      )}
      {connection.value === 'ready' && providers.length === 0 && <p>{t('log.none')}</p>}
    </>
  );
}
