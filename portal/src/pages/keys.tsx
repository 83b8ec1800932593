/** The person's accounts: which is which, the notebook that keeps it, and what can be done with each relationship. */
import { useState } from 'preact/hooks';

import { t } from '../messages';
import { Progress, Say, short, Title, useDoing } from '../parts/base';
import { Code } from '../parts/code';
import { People } from '../parts/people';
import { Shelves } from '../parts/shelves';
import { burnNotebook, exportNotebook, note, notebook, notes, openNotebook, SHORTEST_PASSWORD, startNotebook } from '../state/notebook';
import { accounts } from '../state/wallet';
import { act, connection, relationships, rules, type Relationship } from '../state/world';

function Notebook() {
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState<string>();
  const [file, setFile] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [burning, setBurning] = useState(false);
  const state = file === undefined ? notebook.value : 'locked';
  const submit = async (event: Event) => {
    event.preventDefault();
    setProblem(undefined);
    if (state === 'none' && password.length < SHORTEST_PASSWORD) {
      setProblem(t('notebook.short', { n: SHORTEST_PASSWORD }));
      return;
    }
    setBusy(true);
    const right = state === 'none' ? await startNotebook(password).then(() => true) : await openNotebook(password, file);
    setBusy(false);
    if (right) {
      setPassword('');
      setFile(undefined);
    } else {
      setProblem(t('notebook.wrong'));
    }
  };
  const save = async () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([await exportNotebook()], { type: 'application/json' }));
    link.download = 'medrec-notebook.json';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };
  return (
    <section class="card">
      <h2>{t('notebook.title')}</h2>
      <p>{t(`notebook.${state}`)}</p>
      {state !== 'open' && (
        <form onSubmit={(event) => void submit(event)}>
          <label class="field">
            <span>{t(state === 'none' ? 'notebook.password.new' : 'notebook.password')}</span>
            <input type="password" value={password} autocomplete={state === 'none' ? 'new-password' : 'current-password'} onInput={(event) => setPassword(event.currentTarget.value)} />
          </label>
          <div role="alert">{problem && <Say tone="bad">{problem}</Say>}</div>
          <button class="main" disabled={busy}>
            {t(state === 'none' ? 'notebook.start' : 'notebook.unlock')}
          </button>
        </form>
      )}
      <div class="row">
        {notebook.value !== 'none' && <button onClick={() => void save()}>{t('notebook.export')}</button>}
        <label class="field">
          <span>{t('notebook.import')}</span>
          <input type="file" accept="application/json,.json" onChange={(event) => void event.currentTarget.files?.[0]?.text().then(setFile)} />
        </label>
      </div>
      {notebook.value !== 'none' && (
        <p>
          {burning ? (
            <span class="row">
              {t('notebook.burn.sure')}
              <button class="stop" onClick={() => { burnNotebook(); setBurning(false); }}>
                {t('notebook.burn')}
              </button>
              <button onClick={() => setBurning(false)}>{t('cancel')}</button>
            </span>
          ) : (
            <button class="stop quiet" onClick={() => setBurning(true)}>
              {t('notebook.burn')}
            </button>
          )}
        </p>
      )}
    </section>
  );
}

/** What can be done with a relationship as a whole. */
function Manage({ relationship }: { relationship: Relationship }) {
  const doing = useDoing();
  const [ending, setEnding] = useState(false);
  const { id, account, status, provider, name } = relationship;
  const viewers = new Set((rules.value[name] ?? []).filter(({ effect }) => effect === 'Allow').map(({ viewer }) => JSON.stringify(viewer)));
  const stopAll = () =>
    doing.run(async (told) => {
      for (const viewer of viewers) {
        await act(account, (on) => on.api.tx.Permissions.revoke_all({ relationship: id, viewer: JSON.parse(viewer) }), 'included', told);
      }
    });
  return (
    <>
      <div class="row">
        {status === 'Active' && (
          <button disabled={doing.busy} onClick={() => void doing.run((told) => act(account, (on) => on.api.tx.Relationships.suspend({ relationship: id }), 'included', told))}>
            {t('manage.suspend')}
          </button>
        )}
        {status === 'Suspended' && (
          <button class="main" disabled={doing.busy} onClick={() => void doing.run((told) => act(account, (on) => on.api.tx.Relationships.resume({ relationship: id }), 'final', told))}>
            {t('manage.resume')}
          </button>
        )}
        {viewers.size > 0 && (
          <button class="stop" disabled={doing.busy} onClick={() => void stopAll()}>
            {t('manage.stop-all', { n: viewers.size })}
          </button>
        )}
        {(status === 'Active' || status === 'Suspended') && !ending && (
          <button class="stop quiet" disabled={doing.busy} onClick={() => setEnding(true)}>
            {t('manage.end')}
          </button>
        )}
      </div>
      {ending && (
        <Say tone="bad">
          <p>{t('manage.end.sure', { provider })}</p>
          <div class="row">
            <button
              disabled={doing.busy}
              onClick={() => void doing.run((told) => act(account, (on) => on.api.tx.Relationships.end({ relationship: id }), 'included', told)).then(() => setEnding(false))}
            >
              {t('manage.end.yes')}
            </button>
            <button onClick={() => setEnding(false)}>{t('cancel')}</button>
          </div>
        </Say>
      )}
      <Progress doing={doing} />
    </>
  );
}

/** The page. */
export default function Keys() {
  return (
    <>
      <Title lead={t('keys.lead')}>{t('keys.title')}</Title>
      {connection.value !== 'ready' && <Shelves />}
      <Notebook />
      <h2>{t('keys.accounts')}</h2>
      <ul class="plain">
        {accounts.value.map(({ address, name }) => {
          const relationship = relationships.value.find(({ account, acting }) => account === address && !acting);
          return (
            <li class="card" key={address}>
              <h3>{relationship ? t('keys.at', { provider: relationship.provider }) : (name ?? short(address))}</h3>
              <p class="small soft">
                {name && `${name} · `}
                <code>{address}</code>
                {relationship && ` · ${relationship.name}`}
              </p>
              {relationship && relationship.status !== 'Active' && <p class="tag warn">{t(`status.${relationship.status as 'Proposed'}`)}</p>}
              <label class="field">
                <span class="small">{t('keys.note')}</span>
                <input
                  value={notes.value.accounts[address] ?? ''}
                  autocomplete="off"
                  onChange={(event) => {
                    const label = event.currentTarget.value.trim();
                    void note((notes) => {
                      if (label) notes.accounts[address] = label;
                      else delete notes.accounts[address];
                    });
                  }}
                />
              </label>
              <details>
                <summary class="button">{t('keys.code')}</summary>
                <br />
                <Code text={address} label={t('keys.code.label')} />
              </details>
              {relationship && <Manage relationship={relationship} />}
            </li>
          );
        })}
      </ul>
      <People />
    </>
  );
}
