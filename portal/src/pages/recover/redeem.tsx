/** For whoever has lost a key, or shows after a veto that it is not lost: the provider's ticket, redeemed. */
import { useState } from 'preact/hooks';

import { t } from '../../messages';
import { Progress, Say, useDoing } from '../../parts/base';
import { FreshAccount, nextPath, useFresh } from '../../parts/fresh';
import { TicketField, useTicket } from '../../parts/ticket';
import { redeem, type Redeemed } from '../../state/enrolment';
import { note } from '../../state/notebook';
import { relationships } from '../../state/world';

/** The steps. */
export function Redeem() {
  const ticket = useTicket();
  const fresh = useFresh();
  const path = nextPath();
  const doing = useDoing();
  const [account, setAccount] = useState('');
  const [redeemed, setRedeemed] = useState<Redeemed>();
  const run = ({ right }: typeof ticket) =>
    doing.run(async (told) => {
      const became = await redeem(right!, account, told);
      if (fresh.includes(account)) {
        await note((notes) => {
          notes.accounts[account] = `${right!.member.name} ${path}`;
        });
      }
      if (!became) throw new Error(t('enrol.not-proposed'));
      setRedeemed(became);
    });
  return (
    <details class="card">
      <summary class="button">{t('recover.lost')}</summary>
      <br />
      <p>{t('recover.lost.what')}</p>
      <TicketField of={ticket} />
      <br />
      <h2>{t('recover.account')}</h2>
      {/* After a veto the key that is not lost redeems a ticket as well. */}
      <FreshAccount path={path} fresh={fresh} besides={relationships.value.map(({ account }) => account)} account={account} choose={setAccount} />
      <p class="small soft">{t('recover.account.veto')}</p>
      {ticket.right && account && <p class="sentence">{t('recover.sentence', { provider: ticket.right.member.name })}</p>}
      <button class="main" disabled={!ticket.right || !account || doing.busy} onClick={() => void run(ticket)}>
        {t('recover.sign')}
      </button>
      <Progress doing={doing} />
      {redeemed && <Say tone="good">{t(redeemed === 'waiting' ? 'recover.named' : redeemed === 'goes-on' ? 'recover.goes-on' : 'enrol.done', { provider: ticket.right?.member.name ?? '' })}</Say>}
    </details>
  );
}
