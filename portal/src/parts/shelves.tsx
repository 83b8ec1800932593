/** What became of each provider's records, and the way to open them. */
import { t } from '../messages';
import { active, connection, open, openAll, refresh, relationships, shelves, type Relationship, type Shelf } from '../state/world';
import { Say, Waiting } from './base';

/** A provider whose records are missing, in a clear word. */
function Missing({ relationship, shelf }: { relationship: Relationship; shelf: Shelf }) {
  const provider = relationship.provider;
  const why = {
    unreachable: t('missing.unreachable', { provider }),
    untrue: t('missing.untrue', { provider }),
    refused: t('missing.refused', { provider }),
    cancelled: t('missing.cancelled', { provider }),
    'signed-out': t('missing.signed-out', { provider }),
    other: t('missing.other', { provider }),
  }[shelf.problem ?? 'other'];
  return (
    <Say tone={shelf.problem === 'untrue' ? 'bad' : 'warn'} alert>
      <h2>{t('missing.title', { provider })}</h2>
      <p>{why}</p>
      <button onClick={() => void open(relationship)}>{t('again')}</button>
    </Say>
  );
}

/** Above everything that shows records: opens them, says what is missing. Gives nothing where all is there. */
export function Shelves() {
  if (connection.value === 'failed') {
    return (
      <Say tone="bad" alert>
        <h2>{t('chain.failed.title')}</h2>
        <p>{t('chain.failed')}</p>
        <button onClick={() => void refresh().catch(() => undefined)}>{t('again')}</button>
      </Say>
    );
  }
  if (connection.value !== 'ready') return <Waiting>{t('chain.connecting')}</Waiting>;
  const shelf = ({ name }: Relationship): Shelf => shelves.value[name] ?? { state: 'closed', records: [] };
  const closed = active.value.filter((relationship) => shelf(relationship).state === 'closed');
  const loading = active.value.filter((relationship) => shelf(relationship).state === 'loading');
  return (
    <>
      {relationships.value.length === 0 && (
        <section class="card">
          <h2>{t('none.title')}</h2>
          <p>{t('none')}</p>
          <p class="row">
            <a class="button main" href="#/enrol">
              {t('none.enrol')}
            </a>
            <a class="button" href="#/view">
              {t('none.view')}
            </a>
          </p>
        </section>
      )}
      {closed.length > 0 && (
        <section class="card">
          <h2>{t('open.title')}</h2>
          <p>{t('open.why', { n: closed.length })}</p>
          <button class="main" onClick={() => void openAll()}>
            {t('open.button')}
          </button>
        </section>
      )}
      {loading.map(({ name, provider }) => (
        <Waiting key={name}>{t('open.loading', { provider })}</Waiting>
      ))}
      {active.value
        .filter((relationship) => shelf(relationship).state === 'missing')
        .map((relationship) => (
          <Missing key={relationship.name} relationship={relationship} shelf={shelf(relationship)} />
        ))}
    </>
  );
}
