/** Names for those whom the person acts for. They stay on this device. */
import { useState } from 'preact/hooks';

import { t } from '../../messages';
import { Say, short } from '../../parts/base';
import { parseRelationship } from '../../protocol/relationship';
import { custodyOf } from '../../state/custody';
import { note, notes } from '../../state/notebook';
import { accounts } from '../../state/wallet';
import { chain, refresh } from '../../state/world';

/** The form, and the names there are. */
export function Others() {
  const [name, setName] = useState('');
  const [person, setPerson] = useState('');
  const [account, setAccount] = useState(accounts.value[0]?.address ?? '');
  const [wrong, setWrong] = useState(false);
  const join = async (event: Event) => {
    event.preventDefault();
    const id = parseRelationship(name.trim());
    const custody = id && (await custodyOf(await chain(), id).catch(() => undefined));
    const appointed = custody?.custodians.some(({ key }) => key === account) ?? false;
    setWrong(!appointed);
    if (!appointed) return;
    await note((notes) => {
      notes.cared = [...notes.cared.filter((one) => one.name !== name.trim()), { name: name.trim(), account, person: person.trim() || name.trim() }];
    });
    await refresh();
    setName('');
    setPerson('');
  };
  const leave = async (gone: string) => {
    await note((notes) => {
      notes.cared = notes.cared.filter((one) => one.name !== gone);
    });
    await refresh();
  };
  return (
    <section class="card">
      <h2>{t('care.others')}</h2>
      <p>{t('care.others.hint')}</p>
      <ul class="plain">
        {notes.value.cared.map((one) => (
          <li key={one.name} class="row between">
            <span>
              <b>{one.person}</b> <span class="soft">{one.name}</span>
            </span>
            <button class="quiet" onClick={() => void leave(one.name)}>
              {t('care.leave', { who: one.person })}
            </button>
          </li>
        ))}
      </ul>
      <form onSubmit={(event) => void join(event)}>
        <label class="field">
          <span>{t('care.number')}</span>
          <input value={name} placeholder="r0-3" spellcheck={false} autocomplete="off" onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <label class="field">
          <span>{t('care.person')}</span>
          <input value={person} autocomplete="off" onInput={(event) => setPerson(event.currentTarget.value)} />
        </label>
        <label class="field">
          <span>{t('care.account')}</span>
          <select value={account} onChange={(event) => setAccount(event.currentTarget.value)}>
            {accounts.value.map(({ address, name }) => (
              <option key={address} value={address}>
                {name ? `${name} (${short(address)})` : short(address)}
              </option>
            ))}
          </select>
        </label>
        <div role="alert">{wrong && <Say tone="bad">{t('care.not-appointed')}</Say>}</div>
        <button disabled={parseRelationship(name.trim()) === undefined}>{t('care.join')}</button>
      </form>
    </section>
  );
}
