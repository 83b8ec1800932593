/** A provider's ticket: read by camera or from text, and checked against the chain before anybody signs for it. */
import { useEffect, useState } from 'preact/hooks';

import { t } from '../messages';
import { parseTicket, type Ticket } from '../protocol/ticket';
import type { Member } from '../state/chain';
import { chain, members } from '../state/world';
import { Say } from './base';
import { Scan } from './scan';

/** A ticket as it is being read. */
export interface Reading {
  text: string;
  write: (text: string) => void;
  /** Why it does not count, in words. */
  wrong?: string;
  /** The ticket and who issued it, where it counts. */
  right?: { ticket: Ticket; member: Member };
}

/** Follows a ticket that is being read. */
export function useTicket(): Reading {
  const [text, write] = useState('');
  const [genesis, setGenesis] = useState<string>();
  useEffect(() => {
    void chain().then((on) => setGenesis(on.genesis), () => undefined);
  }, []);
  const ticket = parseTicket(text);
  const member = ticket && members.value.get(ticket.member);
  if (text.trim() === '') return { text, write };
  if (!ticket) return { text, write, wrong: t('enrol.not-a-ticket') };
  if (!genesis) return { text, write };
  if (ticket.genesis !== genesis) return { text, write, wrong: t('enrol.other-chain') };
  // Whoever wrote the ticket must not be able to send the patient elsewhere.
  if (!member || member.status !== 'Active' || member.url !== ticket.gatekeeper) return { text, write, wrong: t('enrol.unknown-provider') };
  return { text, write, right: { ticket, member } };
}

/** Asks for it. */
export function TicketField({ of }: { of: Reading }) {
  return (
    <>
      <Scan found={of.write} />
      <br />
      <label class="field">
        <span>{t('enrol.ticket.text')}</span>
        <textarea value={of.text} spellcheck={false} autocomplete="off" placeholder="medrec-ticket:v1:…" onInput={(event) => of.write(event.currentTarget.value)} />
      </label>
      <div role="status">
        {of.wrong && <Say tone="bad">{of.wrong}</Say>}
        {of.right && <Say tone="good">{t('enrol.ticket.right', { provider: of.right.member.name })}</Say>}
      </div>
    </>
  );
}
