/** A ticket on the screen, for the camera of the patient who stands before it. */
import { t } from '../../messages';
import { Say } from '../../parts/base';
import { ShownTicket } from '../../parts/shown-ticket';
import { useTicket } from '../../parts/ticket';
import type { Member } from '../../state/chain';

/** Tickets that the gatekeeper's command has made. Stewards make them at the desk. */
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
      {own && <ShownTicket text={ticket.text.trim()} done={() => ticket.write('')} />}
    </section>
  );
}
