/** A ticket on the screen, for the camera of the patient who stands before it. */
import { t } from '../../messages';
import { Say } from '../../parts/base';
import { Code } from '../../parts/code';
import { useTicket } from '../../parts/ticket';
import type { Member } from '../../state/chain';

/** Tickets are made where the record numbers are: by the gatekeeper's command. The page shows them. */
export function Tickets({ member }: { member: Member }) {
  const ticket = useTicket();
  const own = ticket.right?.member.number === member.number;
  return (
    <section class="card">
      <h2>{t('tickets.title')}</h2>
      <p>{t('tickets.what')}</p>
      <p>
        <code>medrec-gatekeeper enrol --record MRN-1042</code>
      </p>
      <label class="field">
        <span>{t('tickets.text')}</span>
        <textarea value={ticket.text} spellcheck={false} autocomplete="off" placeholder="medrec-ticket:v1:…" onInput={(event) => ticket.write(event.currentTarget.value)} />
      </label>
      <div role="status">
        {ticket.wrong && <Say tone="bad">{ticket.wrong}</Say>}
        {ticket.right && !own && <Say tone="bad">{t('tickets.other', { provider: ticket.right.member.name })}</Say>}
      </div>
      {own && (
        <>
          <Code text={ticket.text.trim()} label={t('tickets.code')} />
          <ol>
            <li>{t('tickets.patient.page', { page: `${location.origin}${location.pathname}` })}</li>
            <li>{t('tickets.patient.scan')}</li>
            <li>{t('tickets.patient.once')}</li>
          </ol>
          <button onClick={() => ticket.write('')}>{t('tickets.clear')}</button>
        </>
      )}
    </section>
  );
}
