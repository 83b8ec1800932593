/** Acting for one another: who may act for the person, for whom the person acts, and what holds in an emergency. */
import { useEffect, useState } from 'preact/hooks';

import { day, list, t, type Key } from '../messages';
import { Progress, Say, short, Title, useDoing, who } from '../parts/base';
import { Shelves } from '../parts/shelves';
import { parseRelationship } from '../protocol/relationship';
import type { Custodian, Facts } from '../state/chain';
import { note, notes } from '../state/notebook';
import { accounts } from '../state/wallet';
import { act, active, chain, connection, refresh, type Relationship } from '../state/world';

/** Rights by bit, as the chain counts them. */
const RIGHTS: [bit: number, name: Key][] = [
  [1, 'care.right.read'],
  [2, 'care.right.grant'],
  [4, 'care.right.manage'],
];

/** Acts only after stepping in. */
const DORMANT = 8;

const rightNames = (rights: number): string => list(RIGHTS.filter(([bit]) => rights & bit).map(([, name]) => t(name)));
const endName = (until: number | undefined): string => (until === undefined ? t('care.open-end') : t('care.until', { day: day(until) }));

const onChain = (custodians: Custodian[]) =>
  custodians.map(({ key, rights, from, until }) => ({
    key,
    rights,
    not_before: BigInt(from),
    not_after: until === undefined ? undefined : BigInt(until),
  }));

function Appoint({ relationship, present, done }: { relationship: Relationship; present: Custodian[]; done: () => void }) {
  const doing = useDoing();
  const [address, setAddress] = useState('');
  const [name, setName] = useState('');
  const [rights, setRights] = useState(1);
  const [dormant, setDormant] = useState(false);
  const [last, setLast] = useState('');
  const [valid, setValid] = useState(false);
  useEffect(() => {
    void import('../state/chain').then(({ isAddress }) => setValid(isAddress(address.trim())));
  }, [address]);
  const until = last ? new Date(`${last}T23:59:59`).getTime() : undefined;
  const ready = valid && rights > 0 && (until === undefined || until > Date.now());
  const appoint = () =>
    doing
      .run(async (told) => {
        const key = address.trim();
        const added: Custodian = { key, rights: rights | (dormant ? DORMANT : 0), from: 0, until };
        const custodians = onChain([...present.filter((one) => one.key !== key), added]);
        await act(relationship.account, (on) => on.api.tx.Relationships.set_custodians({ relationship: relationship.id, custodians }), 'final', told);
        if (name.trim()) await note((notes) => void notes.people.push({ name: name.trim(), address: key }));
      })
      .then((went) => went && done());
  return (
    <details>
      <summary class="button">{t('care.add')}</summary>
      <br />
      <label class="field">
        <span>{t('care.address')}</span>
        <input value={address} spellcheck={false} autocomplete="off" onInput={(event) => setAddress(event.currentTarget.value)} />
      </label>
      {address && !valid && <Say tone="bad">{t('share.address.wrong')}</Say>}
      <label class="field">
        <span>{t('care.name')}</span>
        <input value={name} autocomplete="off" onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <fieldset>
        <legend>{t('care.rights')}</legend>
        <div class="choices">
          {RIGHTS.map(([bit, right]) => (
            <label class="choice" key={bit}>
              <input type="checkbox" checked={(rights & bit) !== 0} onChange={() => setRights(rights ^ bit)} />
              <b>{t(right)}</b>
            </label>
          ))}
        </div>
      </fieldset>
      <br />
      <fieldset>
        <legend>{t('care.when')}</legend>
        <div class="choices">
          {[false, true].map((silent) => (
            <label class="choice" key={String(silent)}>
              <input type="radio" name={`when-${relationship.name}`} checked={dormant === silent} onChange={() => setDormant(silent)} />
              <b>{t(silent ? 'care.when.silent' : 'care.when.now')}</b>
            </label>
          ))}
        </div>
      </fieldset>
      <br />
      <label class="field">
        <span>{t('care.last')}</span>
        <input type="date" value={last} onInput={(event) => setLast(event.currentTarget.value)} />
      </label>
      {ready && <p class="sentence">{t('care.sentence', { who: name.trim() || short(address.trim()), rights: rightNames(rights), until: endName(until) })}</p>}
      <button class="main" disabled={!ready || doing.busy} onClick={() => void appoint()}>
        {t('care.sign')}
      </button>
      <Progress doing={doing} />
    </details>
  );
}

/** Flags of a relationship, as the chain counts them. */
const [NEVER, OVER] = [1, 2];

function Emergency({ relationship, facts, done }: { relationship: Relationship; facts: Facts; done: () => void }) {
  const doing = useDoing();
  const chosen = facts.flags & NEVER ? NEVER : facts.flags & OVER ? OVER : 0;
  const choose = (flag: number) =>
    doing
      .run((told) =>
        act(
          relationship.account,
          (on) => on.api.tx.Relationships.set_flags({ relationship: relationship.id, set: flag, clear: (NEVER | OVER) & ~flag }),
          'included',
          told,
        ),
      )
      .then((went) => went && done());
  return (
    <fieldset class="card" disabled={doing.busy}>
      <legend>{t('emergency.title', { provider: relationship.provider })}</legend>
      <p>{t('emergency.hint')}</p>
      <div class="choices">
        {(
          [
            [0, 'emergency.normal'],
            [OVER, 'emergency.over'],
            [NEVER, 'emergency.never'],
          ] as const
        ).map(([flag, name]) => (
          <label class="choice" key={flag}>
            <input type="radio" name={`emergency-${relationship.name}`} checked={chosen === flag} onChange={() => void choose(flag)} />
            <b>{t(name)}</b>
          </label>
        ))}
      </div>
      <Progress doing={doing} />
    </fieldset>
  );
}

function Mine({ relationship }: { relationship: Relationship }) {
  const doing = useDoing();
  const [facts, setFacts] = useState<Facts>();
  const { id, account, provider } = relationship;
  const look = () => void chain().then((on) => on.facts(id, account)).then(setFacts, () => undefined);
  useEffect(look, [relationship.name]);
  if (!facts) return null;
  const remove = (key: string) =>
    doing.run((told) => act(account, (on) => on.api.tx.Relationships.remove_custodian({ relationship: id, key }), 'included', told)).then((went) => went && look());
  return (
    <>
      <section class="card">
        <h2>{t('care.mine', { provider })}</h2>
        {facts.custodians.length === 0 && <p>{t('care.nobody')}</p>}
        <ul class="plain">
          {facts.custodians.map(({ key, rights, until }) => (
            <li key={key} class="row between">
              <span>
                <b>{who(key)}</b>: {rightNames(rights)}, {endName(until)}
                {(rights & DORMANT) !== 0 && `, ${t('care.dormant')}`}
              </span>
              <button class="stop" disabled={doing.busy} onClick={() => void remove(key)}>
                {t('care.remove', { who: who(key) })}
              </button>
            </li>
          ))}
        </ul>
        <Progress doing={doing} />
        <br />
        <Appoint relationship={relationship} present={facts.custodians} done={look} />
      </section>
      <Emergency relationship={relationship} facts={facts} done={look} />
    </>
  );
}

function Others() {
  const [name, setName] = useState('');
  const [person, setPerson] = useState('');
  const [account, setAccount] = useState(accounts.value[0]?.address ?? '');
  const [wrong, setWrong] = useState(false);
  const join = async (event: Event) => {
    event.preventDefault();
    const id = parseRelationship(name.trim());
    const facts = id && (await (await chain()).facts(id, account).catch(() => undefined));
    const appointed = facts?.custodians.some(({ key }) => key === account) ?? false;
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

/** The page. */
export default function Care() {
  return (
    <>
      <Title lead={t('care.lead')}>{t('care.title')}</Title>
      {connection.value !== 'ready' && <Shelves />}
      {active.value
        .filter(({ acting }) => !acting)
        .map((relationship) => (
          <Mine key={relationship.name} relationship={relationship} />
        ))}
      {connection.value === 'ready' && <Others />}
    </>
  );
}
