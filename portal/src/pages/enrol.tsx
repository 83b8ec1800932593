/** Enrolment: the provider's ticket, a fresh account made in the wallet, its signature, and the acceptance. */
import { useEffect, useState } from 'preact/hooks';

import { t } from '../messages';
import { Progress, Say, short, Title, useDoing } from '../parts/base';
import { Scan } from '../parts/scan';
import { enrolmentText, parseTicket } from '../protocol/ticket';
import { Gatekeeper } from '../state/gatekeeper';
import { note, notes } from '../state/notebook';
import { accounts, signText } from '../state/wallet';
import { act, chain, members, refresh, relationships } from '../state/world';

/** The next derivation that this person has not noted as used. */
const nextPath = (): string => {
  const used = Object.values(notes.value.accounts)
    .map((label) => /\/\/medrec\/\/(\d+)/.exec(label)?.[1])
    .map(Number);
  const next = Math.max(-1, relationships.value.length - 1, ...used.filter((number) => !Number.isNaN(number))) + 1;
  return `//medrec//${next}`;
};

/** The page. */
export default function Enrol() {
  const [text, setText] = useState('');
  const [account, setAccount] = useState('');
  const [path] = useState(nextPath);
  const [fresh, setFresh] = useState<string[]>([]);
  const [genesis, setGenesis] = useState<string>();
  const doing = useDoing();

  const ticket = parseTicket(text);
  const member = ticket && members.value.get(ticket.member);
  const wrong =
    text.trim() === ''
      ? undefined
      : !ticket
        ? t('enrol.not-a-ticket')
        : genesis && ticket.genesis !== genesis
          ? t('enrol.other-chain')
          : genesis && (!member || member.status !== 'Active' || member.url !== ticket.gatekeeper)
            ? t('enrol.unknown-provider')
            : undefined;
  const ready = ticket && member && genesis && !wrong;

  useEffect(() => {
    // Only an account that the chain has never seen may be a patient's key: what was used joins what was done with it.
    void chain().then(async (on) => {
      setGenesis(on.genesis);
      const seen = await Promise.all(
        accounts.value.map(async ({ address }) => {
          const { nonce, providers, sufficients } = await on.api.query.System.Account.getValue(address, { at: 'best' });
          return nonce > 0 || providers > 0 || sufficients > 0;
        }),
      );
      setFresh(accounts.value.filter((_, index) => !seen[index]).map(({ address }) => address));
    }, () => undefined);
  }, [accounts.value]);

  const enrol = () =>
    doing.run(async (told) => {
      const on = await chain();
      told('signing');
      const signature = await signText(account, enrolmentText(ticket!, account));
      told('sent');
      await new Gatekeeper(member!, on.genesis).enrol(ticket!.secret, account, signature);
      await note((notes) => {
        notes.accounts[account] = `${member!.name} ${path}`;
      });
      await refresh();
      // The proposal may be a block away.
      for (let tries = 0; tries < 30 && !relationships.value.some((found) => found.account === account); tries += 1) {
        await new Promise((resolve) => setTimeout(resolve, 1000));
        await refresh();
      }
      const proposed = relationships.value.find((found) => found.account === account);
      if (!proposed) throw new Error(t('enrol.not-proposed'));
      await act(account, (on) => on.api.tx.Relationships.accept({ relationship: proposed.id }), 'final', told);
    });

  if (doing.step === 'done') {
    return (
      <>
        <Title>{t('enrol.done.title')}</Title>
        <Say tone="good">{t('enrol.done', { provider: member?.name ?? '' })}</Say>
        <a class="button main" href="#/">
          {t('enrol.home')}
        </a>
      </>
    );
  }
  return (
    <>
      <Title lead={t('enrol.lead')}>{t('enrol.title')}</Title>
      <ol class="steps">
        <li class="card">
          <h2>{t('enrol.ticket.title')}</h2>
          <p>{t('enrol.ticket')}</p>
          <Scan found={setText} />
          <br />
          <label class="field">
            <span>{t('enrol.ticket.text')}</span>
            <textarea value={text} spellcheck={false} autocomplete="off" placeholder="medrec-ticket:v1:…" onInput={(event) => setText(event.currentTarget.value)} />
          </label>
          <div role="status">
            {wrong && <Say tone="bad">{wrong}</Say>}
            {ready && <Say tone="good">{t('enrol.ticket.right', { provider: member.name })}</Say>}
          </div>
        </li>
        <li class="card">
          <h2>{t('enrol.account.title')}</h2>
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
          {fresh.length > 0 ? (
            <label class="field">
              <span>{t('enrol.account.choose')}</span>
              <select value={account} onChange={(event) => setAccount(event.currentTarget.value)}>
                <option value="">{t('enrol.account.none-chosen')}</option>
                {accounts.value
                  .filter(({ address }) => fresh.includes(address))
                  .map(({ address, name }) => (
                    <option key={address} value={address}>
                      {name ? `${name} (${short(address)})` : short(address)}
                    </option>
                  ))}
              </select>
            </label>
          ) : (
            <Say tone="warn">{t('enrol.account.missing')}</Say>
          )}
        </li>
        <li class="card">
          <h2>{t('enrol.sign.title')}</h2>
          <p>{t('enrol.sign')}</p>
          <button class="main" disabled={!ready || !account || doing.busy} onClick={() => void enrol()}>
            {t('enrol.sign.button')}
          </button>
          <Progress doing={doing} />
        </li>
      </ol>
    </>
  );
}
