/** The desk of a hospital, for its stewards: tickets, the inbox, records of which nothing is shown. */
import { useState } from 'preact/hooks';

import { t } from '../../messages';
import { Say, Title, Waiting } from '../../parts/base';
import { Shelves } from '../../parts/shelves';
import { useStewards } from '../../state/desk';
import { connection } from '../../state/world';
import { Inbox } from './inbox';
import { Records } from './records';
import { MakeTicket } from './ticket';

/** The page. */
export default function Desk() {
  const { found, problem, look } = useStewards();
  const [chosen, setChosen] = useState('');
  const own = found?.find(({ account }) => account === chosen) ?? found?.[0];
  return (
    <>
      <Title lead={t('desk.lead')}>{t('desk.title')}</Title>
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
          <h2>{t('desk.none')}</h2>
          <p>{t('desk.none.what')}</p>
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
      {own && (
        <div key={own.account}>
          <p>
            <b>{own.member.name}</b>
          </p>
          <MakeTicket own={own} />
          <Inbox own={own} />
          <Records own={own} />
        </div>
      )}
    </>
  );
}
