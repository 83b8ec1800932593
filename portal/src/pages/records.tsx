/** The records of all providers in one timeline, or of one kind. */
import { useState } from 'preact/hooks';

import { t } from '../messages';
import { Title } from '../parts/base';
import { RecordCard } from '../parts/record';
import { Shelves } from '../parts/shelves';
import type { RecordKind } from '../records/fhir';
import { allRecords, relationships } from '../state/world';

const SHOWN = 60;

/** The timeline. */
export default function Records() {
  const [kind, setKind] = useState<RecordKind>();
  const [provider, setProvider] = useState('');
  const [shown, setShown] = useState(SHOWN);
  const all = allRecords.value.filter(({ relationship }) => provider === '' || relationship === provider);
  const kinds = [...new Set(all.map((record) => record.kind))];
  const found = all.filter((record) => kind === undefined || record.kind === kind);
  const years = Map.groupBy(found.slice(0, shown), ({ date }) => date?.slice(0, 4) ?? '');
  return (
    <>
      <Title lead={t('records.lead')}>{t('records.title')}</Title>
      <Shelves />
      {allRecords.value.length > 0 && (
        <>
          <p class="row">
            <a class="button" href="#/results">
              {t('records.charts')}
            </a>
            {relationships.value.length > 1 && (
              <label class="row">
                <span class="small">{t('records.provider')}</span>
                <select class="small-select" value={provider} onChange={(event) => setProvider(event.currentTarget.value)}>
                  <option value="">{t('records.provider.all')}</option>
                  {relationships.value.map(({ name, provider }) => (
                    <option key={name} value={name}>
                      {provider}
                    </option>
                  ))}
                </select>
              </label>
            )}
          </p>
          <div class="chips" role="group" aria-label={t('records.kinds')}>
            <button aria-pressed={kind === undefined} onClick={() => setKind(undefined)}>
              {t('records.all', { n: all.length })}
            </button>
            {kinds.map((one) => (
              <button key={one} aria-pressed={kind === one} onClick={() => setKind(one)}>
                {t(`kind.${one}`)}
              </button>
            ))}
          </div>
          {[...years].map(([year, records]) => (
            <section key={year}>
              <h2 class="year">{year || t('records.undated')}</h2>
              {records.map((record) => (
                <RecordCard key={record.key} record={record} />
              ))}
            </section>
          ))}
          {found.length > shown && <button onClick={() => setShown(shown + SHOWN)}>{t('records.more')}</button>}
        </>
      )}
    </>
  );
}
