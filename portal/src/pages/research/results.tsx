/** What was answered: verified, as charts with error bars, and to be saved. */
import { list, t } from '../../messages';
import { Say } from '../../parts/base';
import { Bars } from '../../parts/bars';
import { Shield } from '../../parts/icons';
import { save } from '../../parts/save';
import { csv, type Result } from '../../records/statistics';
import { tables, type Fetched } from '../../state/results';

function Table({ of, result }: { of: Fetched[]; result: Result }) {
  const { definition, answered } = of[0]!;
  const { cohort, rows, mean } = result;
  const names = of.map(({ claim: { answer } }) => `${answer.provider}-${answer.table}-${answer.epoch}`);
  // What a mean is made of has other units than the mean.
  const drawn = answered.kind.type === 'Mean' ? [] : rows;
  const hidden = [...drawn, ...(mean ? [mean] : [])].some(({ shown }) => !shown);
  return (
    <section class="card">
      <h3>{definition.title}</h3>
      <p class="row">
        <span class="tag good">
          <Shield />
          {t('verified')}
        </span>
        <span>{t('result.verified', { providers: list(of.map(({ provider }) => provider)), n: of.length })}</span>
      </p>
      <p>{t('result.cohort', { value: cohort.text, low: String(cohort.low), high: String(cohort.high) })}</p>
      <figure>
        {drawn.length > 0 && <Bars rows={drawn} label={definition.title} />}
        {mean && <Bars rows={[{ ...mean, name: t('result.mean', { unit: definition.unit }) }]} label={definition.title} point />}
        <figcaption class="small soft">{t('result.error')}</figcaption>
      </figure>
      {hidden && <Say tone="warn">{t('result.hidden.what')}</Say>}
      <div class="row">
        <button onClick={() => save(`table-${names.join('-')}.csv`, csv(result), 'text/csv')}>{t('result.csv')}</button>
        {of.map(({ provider, text }, place) => (
          <button key={names[place]} onClick={() => save(`answer-${names[place]}.json`, text, 'application/json')}>
            {t('result.json', { provider })}
          </button>
        ))}
      </div>
    </section>
  );
}

/** All that was fetched. */
export const Results = ({ fetched }: { fetched: Fetched[] }) => (
  <section aria-live="polite">
    {fetched.length > 0 && <h2>{t('result.title')}</h2>}
    {tables(fetched).map(({ of, result }) => (
      <Table key={of[0]!.group} of={of} result={result} />
    ))}
  </section>
);
