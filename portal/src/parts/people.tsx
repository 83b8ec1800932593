/** The address book: people by name, on this device alone. */
import { useState } from 'preact/hooks';

import { t } from '../messages';
import { note, notes } from '../state/notebook';
import { AddressField, useAddress } from './address';
import { short } from './base';
import { Code } from './code';

function Add() {
  const whom = useAddress();
  const [name, setName] = useState('');
  const { address } = whom;
  const add = async (event: Event) => {
    event.preventDefault();
    await note((notes) => {
      notes.people = [...notes.people.filter((one) => one.address !== address), { name: name.trim(), address: address! }];
    });
    whom.write('');
    setName('');
  };
  return (
    <details>
      <summary class="button">{t('people.add')}</summary>
      <br />
      <form onSubmit={(event) => void add(event)}>
        <label class="field">
          <span>{t('people.name')}</span>
          <input value={name} autocomplete="off" onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <AddressField of={whom} label={t('people.address')} hint={t('people.hint')} />
        <br />
        <button class="main" disabled={!address || name.trim() === ''}>
          {t('people.keep')}
        </button>
      </form>
    </details>
  );
}

/** All of it. */
export const People = () => (
  <section class="card">
    <h2>{t('keys.people')}</h2>
    {notes.value.people.length === 0 && <p>{t('people.none')}</p>}
    <ul class="plain stack">
      {notes.value.people.map(({ name, address }) => (
        <li key={address}>
          <p class="row between">
            <span>
              <b>{name}</b> <span class="small soft">{short(address)}</span>
            </span>
            <span class="row">
              <a class="button" href={`#/share?with=${address}`}>
                {t('people.share')}
              </a>
              <button
                class="quiet"
                onClick={() =>
                  void note((notes) => {
                    notes.people = notes.people.filter((one) => one.address !== address);
                  })
                }
              >
                {t('keys.people.remove', { name })}
              </button>
            </span>
          </p>
          <details>
            <summary class="button">{t('keys.code')}</summary>
            <br />
            <Code text={address} label={t('people.code', { name })} />
          </details>
        </li>
      ))}
    </ul>
    <br />
    <Add />
  </section>
);
