/** Those who may act for a patient: the list, appointing, removing. */
import { useState } from 'preact/hooks';

import { lastDay, t } from '../../messages';
import { AddressField, useAddress } from '../../parts/address';
import { Progress, Say, short, useDoing, who } from '../../parts/base';
import { DORMANT, has, MANAGE, READ, rightNames, RIGHTS, termName } from '../../parts/rights';
import { halfYears } from '../../protocol/time';
import type { Custodian } from '../../state/chain';
import { onChain, type Custody } from '../../state/custody';
import { note } from '../../state/notebook';
import { act, type Relationship } from '../../state/world';

/** How many a relationship may have at a time. */
const MOST = 4;

/** How many ends can be chosen: thirty years. */
const ENDS = 60;

/** `me`: the custodian who appoints, where it is not the patient: nobody gives what they have not. */
function Appoint({ relationship, custody, me, done }: { relationship: Relationship; custody: Custody; me?: Custodian; done: () => void }) {
  const doing = useDoing();
  const whom = useAddress();
  const [name, setName] = useState('');
  const [rights, setRights] = useState(READ);
  const always = me !== undefined && has(me.rights, DORMANT);
  const [dormant, setDormant] = useState(always);
  const last = me?.until === undefined ? '' : String(me.until);
  const [end, setEnd] = useState(last);
  const [open, setOpen] = useState(false);
  const until = end === '' ? undefined : Number(end);
  const ends = halfYears(custody.now, ENDS).filter((one) => me?.until === undefined || one <= me.until);
  const possible = RIGHTS.filter(([bit]) => !me || has(me.rights, bit));
  const { address } = whom;
  const appoint = () =>
    doing
      .run(async (told) => {
        const added: Custodian = { key: address!, rights: rights | (dormant ? DORMANT : 0), from: 0, until };
        const custodians = [...custody.custodians.filter(({ key }) => key !== address), added].map(onChain);
        await act(relationship.account, (on) => on.api.tx.Relationships.set_custodians({ relationship: relationship.id, custodians }), 'final', told);
        if (name.trim()) {
          await note((notes) => {
            notes.people = [...notes.people.filter((one) => one.address !== address), { name: name.trim(), address: address! }];
          });
        }
      })
      .then((went) => {
        if (!went) return;
        whom.write('');
        setName('');
        setRights(READ);
        setDormant(always);
        setEnd(last);
        setOpen(false);
        done();
      });
  if (custody.custodians.length >= MOST) return <p class="soft">{t('care.full', { n: MOST })}</p>;
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary class="button">{t('care.add')}</summary>
      <br />
      <AddressField of={whom} label={t('care.address')} hint={t('care.address.hint')} />
      <br />
      <label class="field">
        <span>{t('care.name')}</span>
        <input value={name} autocomplete="off" onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <fieldset>
        <legend>{t('care.rights')}</legend>
        <div class="choices">
          {possible.map(([bit, patient, custodian]) => (
            <label class="choice" key={bit}>
              <input type="checkbox" checked={has(rights, bit)} onChange={() => setRights(rights ^ bit)} />
              <b>{t(me ? custodian : patient)}</b>
            </label>
          ))}
        </div>
      </fieldset>
      <br />
      {custody.handover === undefined && (
        <fieldset>
          <legend>{t('care.when')}</legend>
          <div class="choices">
            {[false, true]
              .filter((silent) => silent || !always)
              .map((silent) => (
                <label class="choice" key={String(silent)}>
                  <input type="radio" name={`when-${relationship.name}`} checked={dormant === silent} onChange={() => setDormant(silent)} />
                  <b>{t(silent ? 'care.when.silent' : 'care.when.now')}</b>
                </label>
              ))}
          </div>
          {dormant && custody.inactivity === undefined && <p class="small soft">{t('care.when.never')}</p>}
        </fieldset>
      )}
      <br />
      <label class="field">
        <span>{t('care.last')}</span>
        <select value={end} onChange={(event) => setEnd(event.currentTarget.value)}>
          {me?.until === undefined && <option value="">{t('care.open-end')}</option>}
          {ends.map((one) => (
            <option key={one} value={one}>
              {t('care.until', { day: lastDay(one) })}
            </option>
          ))}
        </select>
      </label>
      <p class="small soft">{t('care.last.why')}</p>
      {address && rights > 0 && (
        <p class="sentence">
          {t(dormant ? 'care.sentence.dormant' : 'care.sentence', { who: name.trim() || short(address), rights: rightNames(rights, me ? 'custodian' : 'patient'), until: termName(until) })}
        </p>
      )}
      {has(rights, MANAGE) && <Say tone="warn">{t('care.manage.warning')}</Say>}
      <button class="main" disabled={!address || rights === 0 || doing.busy} onClick={() => void appoint()}>
        {t('care.sign')}
      </button>
      <Progress doing={doing} />
    </details>
  );
}

/** The list, and what can be done with it by `me`, a custodian, or by the patient where there is none. */
export function Custodians({ relationship, custody, me, done }: { relationship: Relationship; custody: Custody; me?: Custodian; done: () => void }) {
  const doing = useDoing();
  const [sure, setSure] = useState<string>();
  const { id, account, provider } = relationship;
  const remove = (key: string) =>
    doing
      .run((told) => act(account, (on) => on.api.tx.Relationships.remove_custodian({ relationship: id, key }), 'included', told))
      .then((went) => went && done());
  /** The patient removes everybody; a custodian itself, and those who do not manage. */
  const removable = ({ key, rights, until }: Custodian) => !me || key === account || !has(rights, MANAGE) || (until !== undefined && until <= custody.now);
  const resigning = (key: string) => me !== undefined && key === account;
  return (
    <section class="card">
      <h2>{t(me ? 'care.theirs' : 'care.mine', { provider })}</h2>
      {custody.custodians.length === 0 && <p>{t('care.nobody')}</p>}
      <ul class="plain stack">
        {custody.custodians.map((custodian) => (
          <li key={custodian.key} class="row between">
            <span>
              <b>{resigning(custodian.key) ? t('care.you') : who(custodian.key)}</b>: {rightNames(custodian.rights, me ? 'custodian' : 'patient')}, {termName(custodian.until)}
              {has(custodian.rights, DORMANT) && `, ${t('care.dormant')}`}
              {custodian.until !== undefined && custodian.until <= custody.now && <span class="tag warn">{t('care.over')}</span>}
            </span>
            {removable(custodian) &&
              (sure === custodian.key ? (
                <span class="row">
                  {t('care.resign.sure')}
                  <button class="stop" disabled={doing.busy} onClick={() => void remove(custodian.key)}>
                    {t('care.resign.yes')}
                  </button>
                  <button onClick={() => setSure(undefined)}>{t('cancel')}</button>
                </span>
              ) : (
                <button class="stop" disabled={doing.busy} onClick={() => (resigning(custodian.key) ? setSure(custodian.key) : void remove(custodian.key))}>
                  {resigning(custodian.key) ? t('care.resign') : t('care.remove', { who: who(custodian.key) })}
                </button>
              ))}
          </li>
        ))}
      </ul>
      {custody.custodians.length > 0 && <p class="small soft">{t(me ? 'cared.falls' : 'care.falls')}</p>}
      <Progress doing={doing} />
      <br />
      {custody.rekey ? <p class="soft">{t('care.rekeying')}</p> : <Appoint relationship={relationship} custody={custody} me={me} done={done} />}
    </section>
  );
}
