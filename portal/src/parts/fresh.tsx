/** A fresh account: made in the wallet, as the page explains, and never seen by the chain. */
import { useEffect, useState } from 'preact/hooks';

import { t } from '../messages';
import { notes } from '../state/notebook';
import { accounts } from '../state/wallet';
import { chain, relationships } from '../state/world';
import { Say, short } from './base';

/** The next derivation that this person has not noted as used. */
export function nextPath(): string {
  const used = Object.values(notes.value.accounts)
    .map((label) => /\/\/medrec\/\/(\d+)/.exec(label)?.[1])
    .map(Number);
  const next = Math.max(-1, relationships.value.length - 1, ...used.filter((number) => !Number.isNaN(number))) + 1;
  return `//medrec//${next}`;
}

/** The wallet's accounts that the chain has never seen: what was used joins what was done with it. */
export function useFresh(): string[] {
  const [fresh, setFresh] = useState<string[]>([]);
  useEffect(() => {
    void chain().then(async (on) => {
      const seen = await Promise.all(
        accounts.value.map(async ({ address }) => {
          const { nonce, providers, sufficients } = await on.api.query.System.Account.getValue(address, { at: 'best' });
          return nonce > 0 || providers > 0 || sufficients > 0;
        }),
      );
      setFresh(accounts.value.filter((_, index) => !seen[index]).map(({ address }) => address));
    }, () => undefined);
  }, [accounts.value]);
  return fresh;
}

/** Says how to make one, and asks which it is. `besides`: accounts that may be chosen although the chain has seen them. */
export function FreshAccount({ path, fresh, besides = [], account, choose }: { path: string; fresh: string[]; besides?: string[]; account: string; choose: (account: string) => void }) {
  const possible = accounts.value.filter(({ address }) => fresh.includes(address) || besides.includes(address));
  return (
    <>
      <p>{t('enrol.account.why')}</p>
      <ul>
        <li>{t('enrol.account.open')}</li>
        <li>{t('enrol.account.derive')}</li>
        <li>
          {t('enrol.account.path')} <code>{path}</code>
        </li>
        <li>{t('enrol.account.allow')}</li>
      </ul>
      <p class="small soft">{t('enrol.account.hard')}</p>
      {possible.length > 0 ? (
        <label class="field">
          <span>{t('enrol.account.choose')}</span>
          <select value={account} onChange={(event) => choose(event.currentTarget.value)}>
            <option value="">{t('enrol.account.none-chosen')}</option>
            {possible.map(({ address, name }) => (
              <option key={address} value={address}>
                {name ? `${name} (${short(address)})` : short(address)}
              </option>
            ))}
          </select>
        </label>
      ) : (
        <Say tone="warn">{t('enrol.account.missing')}</Say>
      )}
    </>
  );
}
