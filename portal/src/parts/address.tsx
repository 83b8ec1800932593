/** Somebody's address: from the address book, by camera, or typed. */
import { useEffect, useState } from 'preact/hooks';

import { t } from '../messages';
import { notes } from '../state/notebook';
import { Say } from './base';
import { Scan } from './scan';

/** An address as it is being written. */
export interface Writing {
  text: string;
  write: (text: string) => void;
  /** The address, where the text is one. */
  address?: string;
}

/** Follows an address that is being written. */
export function useAddress(first = ''): Writing {
  const [text, write] = useState(first);
  const [valid, setValid] = useState(false);
  useEffect(() => {
    let current = true;
    void import('../state/chain').then(({ isAddress }) => current && setValid(isAddress(text.trim())));
    return () => {
      current = false;
    };
  }, [text]);
  return { text, write, address: valid ? text.trim() : undefined };
}

/** Asks for it. `book`: whether people of the address book can be chosen. */
export function AddressField({ of, label, hint, book }: { of: Writing; label: string; hint?: string; book?: boolean }) {
  const people = notes.value.people;
  return (
    <>
      {book && people.length > 0 && (
        <label class="field">
          <span>{t('share.people')}</span>
          <select value={people.some(({ address }) => address === of.text) ? of.text : ''} onChange={(event) => of.write(event.currentTarget.value)}>
            <option value="">{t('share.people.new')}</option>
            {people.map(({ address, name }) => (
              <option key={address} value={address}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <label class="field">
        <span>{label}</span>
        <input value={of.text} spellcheck={false} autocomplete="off" onInput={(event) => of.write(event.currentTarget.value)} />
      </label>
      <div role="status">
        {of.text !== '' && !of.address ? <Say tone="bad">{t('share.address.wrong')}</Say> : hint && <p class="small soft">{hint}</p>}
      </div>
      {/* Wallets write `substrate:ADDRESS:GENESIS:NAME`. */}
      <Scan found={(text) => of.write(text.replace(/^substrate:/, '').split(':')[0]!)} />
    </>
  );
}
