/** Where a person starts: the providers, what is new, what waits. */
import { day, moment, t } from '../messages';
import { Progress, Say, Title, useDoing, who } from '../parts/base';
import { Shield } from '../parts/icons';
import { RecordCard } from '../parts/record';
import { Shelves } from '../parts/shelves';
import { Standing } from '../parts/standing';
import { notebook } from '../state/notebook';
import { act, active, allRecords, glasses, members, newRecords, relationships, requests, shelves, type Relationship } from '../state/world';

/** A relationship that a provider proposed and that waits for the person's word. */
function Proposal({ relationship }: { relationship: Relationship }) {
  const doing = useDoing();
  const { id, member, account } = relationship;
  return (
    <section class="card">
      <h2>{t('proposal.title', { provider: member.name })}</h2>
      <p>{t('proposal', { provider: member.name })}</p>
      <div class="row">
        <button class="main" disabled={doing.busy} onClick={() => void doing.run((told) => act(account, (on) => on.api.tx.Relationships.accept({ relationship: id }), 'final', told))}>
          {t('proposal.accept')}
        </button>
        <button class="stop" disabled={doing.busy} onClick={() => void doing.run((told) => act(account, (on) => on.api.tx.Relationships.reject({ relationship: id }), 'included', told))}>
          {t('proposal.reject')}
        </button>
      </div>
      <Progress doing={doing} />
    </section>
  );
}

/** Somebody asks on the chain. */
function Asked({ relationship }: { relationship: Relationship }) {
  const doing = useDoing();
  const waiting = (requests.value[relationship.name] ?? []).filter((request) => request.waiting && request.expires > Date.now());
  return (
    <>
      {waiting.map((request) => (
        <section class="card" key={`${request.id.member}-${request.id.index}`}>
          <h2>{t('request.title', { who: who(request.asker) })}</h2>
          <p>{t('request', { who: who(request.asker), provider: relationship.provider, until: day(request.expires) })}</p>
          <div class="row">
            <button disabled={doing.busy} class="main" onClick={() => void doing.run((told) => act(relationship.account, (on) => on.api.tx.Access.approve({ request: request.id }), 'final', told))}>
              {t('request.approve')}
            </button>
            <button disabled={doing.busy} class="stop" onClick={() => void doing.run((told) => act(relationship.account, (on) => on.api.tx.Access.decline({ request: request.id }), 'included', told))}>
              {t('request.decline')}
            </button>
            <a class="button" href={`#/share?with=${request.asker}&from=${relationship.name}`}>
              {t('request.share')}
            </a>
          </div>
        </section>
      ))}
      <Progress doing={doing} />
    </>
  );
}

/** Somebody broke the glass. */
function Emergencies({ relationship }: { relationship: Relationship }) {
  const doing = useDoing();
  const open = (glasses.value[relationship.name] ?? []).filter(({ until }) => until > Date.now());
  return (
    <>
      {open.map((glass) => (
        <Say tone="bad" key={`${glass.id.member}-${glass.id.index}`}>
          <h2>{t('glass.title', { provider: relationship.provider })}</h2>
          <p>
            {t('glass', {
              hospital: members.value.get(glass.staff.member)?.name ?? `${glass.staff.member}`,
              provider: relationship.provider,
              until: moment(glass.until),
            })}
          </p>
          <div class="row">
            <button disabled={doing.busy} onClick={() => void doing.run((told) => act(relationship.account, (on) => on.api.tx.Permissions.close_glass({ relationship: relationship.id, glass: glass.id }), 'included', told))}>
              {t('glass.close')}
            </button>
            <a class="button" href="#/log">
              {t('glass.log')}
            </a>
          </div>
        </Say>
      ))}
      <Progress doing={doing} />
    </>
  );
}

/** One provider's card. */
function Provider({ relationship }: { relationship: Relationship }) {
  const shelf = shelves.value[relationship.name];
  return (
    <li class="card">
      <h3>{relationship.provider}</h3>
      {relationship.status !== 'Active' && <p class="tag warn">{t(`status.${relationship.status as 'Proposed' | 'Suspended' | 'Ended'}`)}</p>}
      {relationship.status === 'Active' && (
        <p>{shelf?.state === 'ready' ? t('provider.records', { n: shelf.records.length }) : t('provider.closed')}</p>
      )}
      {shelf?.date && (
        <p class="small soft row">
          <span class="tag good">
            <Shield />
            {t('verified')}
          </span>
          {t('provider.date', { when: moment(shelf.date) })}
        </p>
      )}
    </li>
  );
}

/** How many records are shown where nothing is known to be new. */
const NEWEST = 3;

/** The home page. */
export default function Home() {
  const person = allRecords.value.find(({ kind }) => kind === 'person')?.title;
  const fresh = allRecords.value.filter(({ key }) => newRecords.value.has(key));
  const opened = Object.values(shelves.value).some(({ state }) => state === 'ready');
  return (
    <>
      <Title>{person ? t('home.hello', { name: person }) : t('home.title')}</Title>
      {relationships.value
        .filter(({ status }) => status === 'Proposed')
        .map((relationship) => (
          <Proposal key={relationship.name} relationship={relationship} />
        ))}
      {relationships.value
        .filter(({ status }) => status === 'Active' || status === 'Suspended')
        .map((relationship) => (
          <Standing key={relationship.name} relationship={relationship} />
        ))}
      {active.value.map((relationship) => (
        <Emergencies key={relationship.name} relationship={relationship} />
      ))}
      <Shelves />
      {active.value.map((relationship) => (
        <Asked key={relationship.name} relationship={relationship} />
      ))}
      {fresh.length > 0 && (
        <section>
          <h2>{t('home.new', { n: fresh.length })}</h2>
          {fresh.slice(0, 5).map((record) => (
            <RecordCard key={record.key} record={record} />
          ))}
        </section>
      )}
      {opened && fresh.length === 0 && (
        <section>
          <h2>{t('home.newest')}</h2>
          {allRecords.value.slice(0, NEWEST).map((record) => (
            <RecordCard key={record.key} record={record} />
          ))}
        </section>
      )}
      {opened && fresh.length === 0 && notebook.value === 'open' && <p class="soft">{t('home.nothing-new')}</p>}
      {relationships.value.length > 0 && (
        <section>
          <h2>{t('home.providers')}</h2>
          <ul class="plain grid">
            {relationships.value.map((relationship) => (
              <Provider key={relationship.name} relationship={relationship} />
            ))}
          </ul>
        </section>
      )}
      {opened && (
        <p class="row">
          <a class="button main" href="#/records">
            {t('home.records')}
          </a>
          <a class="button" href="#/results">
            {t('home.results')}
          </a>
          <a class="button" href="#/share">
            {t('home.share')}
          </a>
        </p>
      )}
      {opened && notebook.value !== 'open' && (
        <Say>
          <p>{t(notebook.value === 'locked' ? 'notebook.locked.hint' : 'notebook.none.hint')}</p>
          <a class="button" href="#/keys">
            {t('notebook.go')}
          </a>
        </Say>
      )}
    </>
  );
}
