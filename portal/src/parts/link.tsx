/** Sharing by a link, with somebody who has no key: what it asks for, and the link itself. */
import { useState } from 'preact/hooks';

import { t } from '../messages';
import { Say, Title } from './base';
import { Code } from './code';
import { makeLink, type Relationship } from '../state/world';

/** The shortest passcode that a gatekeeper takes. */
const SHORTEST = 4;

/** The longest label that fits a link. */
const LABEL = 80;

/** A link as it is being made. */
export function useLink() {
  const [passcode, setPasscode] = useState('');
  const [label, setLabel] = useState('');
  const [made, setMade] = useState('');
  const fits = passcode === '' || [...passcode].length >= SHORTEST;
  return { passcode, setPasscode, label, setLabel, made, setMade, fits };
}

type Link = ReturnType<typeof useLink>;

/** Has the gatekeeper make the link; the account to grant to. */
export async function newLink(of: Link, relationship: Relationship, purpose: string, expires: number): Promise<string> {
  const { account, link } = await makeLink(relationship, { purpose, expires, passcode: of.passcode || undefined, label: of.label.trim() || undefined });
  of.setMade(link);
  return account;
}

/** What can be said of a link. */
export function LinkFields({ of }: { of: Link }) {
  return (
    <>
      <label class="field">
        <span>{t('link.label')}</span>
        <input value={of.label} maxLength={LABEL} autocomplete="off" onInput={(event) => of.setLabel(event.currentTarget.value)} />
      </label>
      <label class="field">
        <span>{t('link.passcode')}</span>
        <input value={of.passcode} maxLength={64} autocomplete="off" aria-invalid={!of.fits} onInput={(event) => of.setPasscode(event.currentTarget.value)} />
        <span class="small soft">{t('link.passcode.hint')}</span>
      </label>
    </>
  );
}

/** The link, once. */
export function LinkMade({ of }: { of: Link }) {
  return (
    <>
      <Title>{t('link.made.title')}</Title>
      <Say tone="good">
        <p>{t('link.made')}</p>
        {of.passcode && <p>{t('link.made.passcode')}</p>}
      </Say>
      <section class="card">
        <Code text={of.made} label={t('link.code.label')} />
        <label class="field">
          <span>{t('link.text')}</span>
          <textarea readOnly rows={4} value={of.made} />
        </label>
        <button onClick={() => void navigator.clipboard.writeText(of.made)}>{t('link.copy')}</button>
      </section>
      <a class="button main" href="#/sharing">
        {t('share.back')}
      </a>
    </>
  );
}
