/** Enrolment: the provider's ticket, a fresh account made in the wallet, its signature, and the acceptance. */
import { useState } from 'preact/hooks';

import { t, type Key } from '../messages';
import { Progress, Say, Title, useDoing } from '../parts/base';
import { FreshAccount, nextPath, useFresh } from '../parts/fresh';
import { TicketField, useTicket } from '../parts/ticket';
import { redeem, type Redeemed } from '../state/enrolment';
import { note } from '../state/notebook';
import { relationships } from '../state/world';

/** What there is to say afterwards, and where it goes on. */
const AFTER: Record<Redeemed, [title: Key, what: Key, button: Key, path: string]> = {
  accepted: ['enrol.done.title', 'enrol.done', 'enrol.home', '/'],
  waiting: ['recover.named.title', 'recover.named', 'recover.go', '/recover'],
  'goes-on': ['recover.goes-on.title', 'recover.goes-on', 'recover.keys', '/keys'],
};

/** The page. */
export default function Enrol() {
  const [account, setAccount] = useState('');
  const [redeemed, setRedeemed] = useState<Redeemed>();
  const ticket = useTicket();
  const fresh = useFresh();
  const path = nextPath();
  const doing = useDoing();

  const enrol = ({ right }: typeof ticket) =>
    doing.run(async (told) => {
      const became = await redeem(right!, account, told);
      await note((notes) => {
        notes.accounts[account] = `${right!.member.name} ${path}`;
      });
      if (!became) throw new Error(t('enrol.not-proposed'));
      setRedeemed(became);
    });

  if (redeemed) {
    const [title, what, button, path] = AFTER[redeemed];
    const acting = relationships.value.some((one) => one.account === account && one.acting);
    return (
      <>
        <Title>{t(title)}</Title>
        <Say tone="good">{t(what, { provider: ticket.right?.member.name ?? '' })}</Say>
        {acting && <p>{t('enrol.child')}</p>}
        <a class="button main" href={`#${acting ? '/care' : path}`}>
          {t(acting ? 'more.care' : button)}
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
          <TicketField of={ticket} />
        </li>
        <li class="card">
          <h2>{t('enrol.account.title')}</h2>
          <FreshAccount path={path} fresh={fresh} account={account} choose={setAccount} />
        </li>
        <li class="card">
          <h2>{t('enrol.sign.title')}</h2>
          <p>{t('enrol.sign')}</p>
          <button class="main" disabled={!ticket.right || !account || doing.busy} onClick={() => void enrol(ticket)}>
            {t('enrol.sign.button')}
          </button>
          <Progress doing={doing} />
        </li>
      </ol>
    </>
  );
}
