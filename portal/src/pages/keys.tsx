/** The person's accounts: which is which, the notebook that keeps it, and what can be done with each relationship. */
import { useState } from 'preact/hooks';

import { t } from '../messages';
import { Say, short, Title } from '../parts/base';
import { Code } from '../parts/code';
import { Manage } from '../parts/manage';
import { People } from '../parts/people';
import { save } from '../parts/save';
import { Shelves } from '../parts/shelves';
import { burnNotebook, exportNotebook, note, notebook, notes, openNotebook, SHORTEST_PASSWORD, startNotebook } from '../state/notebook';
import { accounts } from '../state/wallet';
import { connection, relationships } from '../state/world';

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
  const keep = async () => {
    save('medrec-notebook.json', await exportNotebook(), 'application/json');
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
        {notebook.value !== 'none' && <button onClick={() => void keep()}>{t('notebook.export')}</button>}
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
