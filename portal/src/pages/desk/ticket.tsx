/** An enrolment ticket, made by a steward and shown as a code. */
import { useState } from 'preact/hooks';

import { moment, t, type Key } from '../../messages';
import { Progress, Say, useDoing } from '../../parts/base';
import { ShownTicket } from '../../parts/shown-ticket';
import { DeskRefusal, makeTicket, type TicketWish } from '../../state/desk';
import type { Membership } from '../../state/membership';

/** What tickets are for. */
const KINDS = ['first', 'minor', 'rekey', 'of-age'] as const;

/** The card. */
export function MakeTicket({ own }: { own: Membership }) {
  const doing = useDoing();
  const [record, setRecord] = useState('');
  const [kind, setKind] = useState<TicketWish['for']>('first');
  const [ofAge, setOfAge] = useState('');
  const [again, setAgain] = useState(false);
  const [enrolled, setEnrolled] = useState(false);
  const [made, setMade] = useState<{ ticket: string; expires: number }>();
  const ready = record.trim() !== '' && (kind !== 'minor' || ofAge !== '');
  const wish: TicketWish = {
    record: record.trim(),
    for: kind,
    ...(kind === 'minor' && { ofAge }),
    ...((kind === 'first' || kind === 'minor') && again && { again }),
  };
  const make = () =>
    doing.run(async (told) => {
      told('signing');
      try {
        setMade(await makeTicket(own, wish));
      } catch (error) {
        if (error instanceof DeskRefusal && error.word === 'enrolled') setEnrolled(true);
        throw error instanceof DeskRefusal ? new Error(`Desk.${error.word}`) : error;
      }
    });
  const write = (text: string) => {
    setRecord(text);
    setEnrolled(false);
    setAgain(false);
  };
  if (made) {
    return (
      <section class="card">
        <h2>{t('desk.ticket.made', { record: record.trim() })}</h2>
        <p>{t('desk.ticket.until', { when: moment(made.expires) })}</p>
        <ShownTicket
          text={made.ticket}
          done={() => {
            setMade(undefined);
            write('');
          }}
        />
        <details>
          <summary class="button">{t('desk.ticket.text')}</summary>
          <p>
            <code>{made.ticket}</code>
          </p>
        </details>
      </section>
    );
  }
  return (
    <section class="card">
      <h2>{t('desk.ticket')}</h2>
      <p>{t('desk.ticket.what')}</p>
      <label class="field">
        <span>{t('desk.ticket.record')}</span>
        <input value={record} spellcheck={false} autocomplete="off" onInput={(event) => write(event.currentTarget.value)} />
      </label>
      <fieldset>
        <legend>{t('desk.ticket.for')}</legend>
        <div class="choices">
          {KINDS.map((one) => (
            <label class="choice" key={one}>
              <input type="radio" name="ticket-for" checked={kind === one} onChange={() => setKind(one)} />
              <span>
                <b>{t(`desk.ticket.${one}` as Key)}</b>
                <span class="small soft">{t(`desk.ticket.${one}.hint` as Key)}</span>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      <br />
      {kind === 'minor' && (
        <label class="field">
          <span>{t('desk.ticket.of-age.day')}</span>
          <input type="date" value={ofAge} onInput={(event) => setOfAge(event.currentTarget.value)} />
        </label>
      )}
      {enrolled && (kind === 'first' || kind === 'minor') && (
        <Say tone="warn">
          <label class="choice">
            <input type="checkbox" checked={again} onChange={() => setAgain(!again)} />
            <b>{t('desk.ticket.again')}</b>
          </label>
        </Say>
      )}
      <button class="main" disabled={!ready || doing.busy} onClick={() => void make()}>
        {t('desk.ticket.make')}
      </button>
      <p class="small soft">{t('desk.signed')}</p>
      <Progress doing={doing} />
    </section>
  );
}
