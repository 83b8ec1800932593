/** The door of a room that is for some only: who may come in, and what to do where nobody may. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

import { t, type Key } from '../messages';
import type { Membership, Search } from '../state/membership';
import { connection } from '../state/world';
import { Say, Title, Waiting } from './base';
import { Shelves } from './shelves';

/** What is shown where no account may come in: its title, and what to do. */
interface Nobody {
  title: Key;
  what: Key;
}

/** Shows `children` for the account of this wallet that may come in; of several, for the one that is chosen. */
export function Room({ title, lead, of, nobody, children }: { title: Key; lead: Key; of: Search; nobody: Nobody; children: (own: Membership) => ComponentChildren }) {
  const { found, problem, look } = of;
  const [chosen, setChosen] = useState('');
  const own = found?.find(({ account }) => account === chosen) ?? found?.[0];
  return (
    <>
      <Title lead={t(lead)}>{t(title)}</Title>
      {connection.value !== 'ready' && <Shelves />}
      {problem && connection.value === 'ready' && (
        <Say tone="warn" alert>
          <p>{t('room.problem')}</p>
          <button onClick={look}>{t('again')}</button>
        </Say>
      )}
      {!found && !problem && connection.value === 'ready' && <Waiting>{t('room.looking')}</Waiting>}
      {found?.length === 0 && (
        <Say>
          <h2>{t(nobody.title)}</h2>
          <p>{t(nobody.what)}</p>
        </Say>
      )}
      {found && found.length > 1 && (
        <label class="field">
          <span>{t('room.which')}</span>
          <select value={own!.account} onChange={(event) => setChosen(event.currentTarget.value)}>
            {found.map(({ member, account }) => (
              <option key={account} value={account}>
                {member.name}
              </option>
            ))}
          </select>
        </label>
      )}
      {own && <div key={own.account}>{children(own)}</div>}
    </>
  );
}
