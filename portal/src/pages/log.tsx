/** Who read what, and when. */
import { useState } from 'preact/hooks';

import { list, moment, t, type Key } from '../messages';
import { Say, Title, Waiting, who } from '../parts/base';
import { Shelves } from '../parts/shelves';
import type { LogEntry } from '../state/gatekeeper';
import { accounts } from '../state/wallet';
import { active, connection, log, type Relationship } from '../state/world';

const KNOWN_PURPOSES = ['TREAT', 'FAMRQT', 'HPAYMT', 'HRESCH', 'PATRQT', 'ETREAT', 'COC', 'HOPERAT', 'PUBHLTH'];
const KNOWN_TYPES = ['Observation', 'MedicationRequest', 'Condition', 'AllergyIntolerance', 'DocumentReference', 'Patient', 'Encounter', 'AuditEvent'];

const typeName = (type: string): string => (KNOWN_TYPES.includes(type) ? t(`type.${type}` as Key) : type);
const purposeName = (purpose: string): string => (KNOWN_PURPOSES.includes(purpose) ? t(`purpose.${purpose}` as Key) : purpose);

/** What one asker asked for in one go, with one outcome. */
interface Visit {
  entry: LogEntry;
  types: string[];
  records: number;
}

/** Requests of one asker within this time are one visit (ms). */
const VISIT = 60_000;

/** Newest first: requests that belong together, together. */
function visits(entries: LogEntry[]): Visit[] {
  const all: Visit[] = [];
  for (const entry of entries) {
    const same = all.find(
      ({ entry: first }) =>
        first.time - entry.time < VISIT &&
        first.account === entry.account &&
        first.permitted === entry.permitted &&
        first.purpose === entry.purpose &&
        first.capacity === entry.capacity,
    );
    if (same) {
      same.records += entry.records;
      if (!same.types.includes(entry.resource)) same.types.push(entry.resource);
    } else {
      all.push({ entry, types: [entry.resource], records: entry.records });
    }
  }
  return all;
}

function Entry({ visit: { entry, types, records }, mine }: { visit: Visit; mine: boolean }) {
  const name = mine ? t('log.you') : who(entry.account);
  const values = { who: name, what: list(types.map(typeName)), n: records };
  return (
    <li>
      <span class="small soft">{moment(entry.time)}</span>
      <span>
        {t(entry.permitted ? 'log.read' : 'log.refused', values)}
        <br />
        <span class="small soft row">
          {purposeName(entry.purpose)}
          {entry.capacity === 'emergency' && <span class="tag bad">{t('log.emergency')}</span>}
          {entry.capacity === 'custodian' && <span class="tag">{t('log.custodian')}</span>}
          {entry.capacity === 'steward' && <span class="tag">{t('log.steward')}</span>}
          {!entry.permitted && <span class="tag good">{t('log.kept-out')}</span>}
        </span>
      </span>
    </li>
  );
}

function Log({ relationship }: { relationship: Relationship }) {
  const [entries, setEntries] = useState<LogEntry[]>();
  const [problem, setProblem] = useState(false);
  const [wanted, setWanted] = useState(false);
  const [all, setAll] = useState(false);
  const provider = relationship.provider;
  const read = () => {
    setWanted(true);
    setProblem(false);
    log(relationship).then(setEntries, () => setProblem(true));
  };
  const own = new Set(accounts.value.map(({ address }) => address));
  const shown = entries?.filter(({ account }) => all || !own.has(account));
  return (
    <section class="card">
      <div class="row between">
        <h2>{provider}</h2>
        {entries && (
          <label class="row small">
            <input type="checkbox" checked={all} onChange={() => setAll(!all)} />
            {t('log.all')}
          </label>
        )}
      </div>
      {!wanted && (
        <button class="main" onClick={read}>
          {t('log.open')}
        </button>
      )}
      {wanted && !entries && !problem && <Waiting>{t('open.loading', { provider })}</Waiting>}
      {problem && (
        <Say tone="warn" alert>
          <p>{t('log.missing', { provider })}</p>
          <button onClick={read}>{t('again')}</button>
        </Say>
      )}
      {shown?.length === 0 && <p>{t('log.nobody')}</p>}
      {shown && shown.length > 0 && (
        <ul class="plain log">
          {visits(shown.slice(0, 1000)).map((visit) => (
            <Entry key={visit.entry.number} visit={visit} mine={own.has(visit.entry.account)} />
          ))}
        </ul>
      )}
    </section>
  );
}

/** The logs of all providers. */
export default function Logs() {
  return (
    <>
      <Title lead={t('log.lead')}>{t('log.title')}</Title>
      {connection.value !== 'ready' && <Shelves />}
      {active.value.map((relationship) => (
        <Log key={relationship.name} relationship={relationship} />
      ))}
      {connection.value === 'ready' && active.value.length === 0 && <p>{t('log.none')}</p>}
    </>
  );
}
