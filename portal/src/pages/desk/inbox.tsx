/** What patients and viewers sent to be added to the records: looked at, accepted or rejected. */
import { useState } from 'preact/hooks';

import { moment, t, type Key } from '../../messages';
import { Progress, useDoing, who } from '../../parts/base';
import { SharedRecord } from '../../parts/shared-record';
import { toRecord } from '../../records/fhir';
import { decideItem, readInbox, type InboxItem } from '../../state/desk';
import type { Membership } from '../../state/membership';

/** HL7's codes for what is sensitive (v3 ActCode), each with a message. */
const SYSTEM = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const LABELS = ['PSY', 'ETH', 'HIV', 'STD', 'SDV', 'GDIS'] as const;

/** The longest reason (characters). */
const REASON = 500;

function Item({ own, item, decided }: { own: Membership; item: InboxItem; decided: () => void }) {
  const doing = useDoing();
  const [labels, setLabels] = useState<string[]>();
  const [rejecting, setRejecting] = useState(false);
  const [reason, setReason] = useState('');
  const decide = (decision: Parameters<typeof decideItem>[2]) =>
    doing
      .run(async (told) => {
        told('signing');
        await decideItem(own, item.number, decision);
      })
      .then((went) => went && decided());
  const toggle = (code: string) => setLabels(labels?.includes(code) ? labels.filter((other) => other !== code) : [...(labels ?? []), code]);
  return (
    <li class="card">
      <h3>{t('inbox.item', { n: item.number, name: item.patient })}</h3>
      <p class="small soft">{t(`inbox.from.${item.capacity}` as Key, { who: who(item.account), when: moment(item.received) })}</p>
      <SharedRecord record={toRecord(item.resource, item.patient)} level={4} />
      <fieldset>
        <legend>{t('inbox.sensitive')}</legend>
        <div class="choices">
          <label class="choice">
            <input type="checkbox" checked={labels?.length === 0} onChange={() => setLabels(labels?.length === 0 ? undefined : [])} />
            <b>{t('inbox.label.none')}</b>
          </label>
          {LABELS.map((code) => (
            <label class="choice" key={code}>
              <input type="checkbox" checked={labels?.includes(code) ?? false} onChange={() => toggle(code)} />
              <b>{t(`inbox.label.${code}` as Key)}</b>
            </label>
          ))}
        </div>
      </fieldset>
      <p class="small soft">{t('inbox.sensitive.what')}</p>
      {rejecting && (
        <label class="field">
          <span>{t('inbox.reason')}</span>
          <textarea value={reason} maxLength={REASON} onInput={(event) => setReason(event.currentTarget.value)} />
        </label>
      )}
      <div class="row">
        {!rejecting && (
          <button class="main" disabled={labels === undefined || doing.busy} onClick={() => void decide({ accept: { labels: labels!.map((code) => `${SYSTEM}|${code}`) } })}>
            {t('inbox.accept')}
          </button>
        )}
        {rejecting ? (
          <>
            <button class="stop" disabled={reason.trim() === '' || doing.busy} onClick={() => void decide({ reject: reason.trim() })}>
              {t('inbox.reject.sure')}
            </button>
            <button onClick={() => setRejecting(false)}>{t('cancel')}</button>
          </>
        ) : (
          <button class="stop" onClick={() => setRejecting(true)}>
            {t('inbox.reject')}
          </button>
        )}
      </div>
      <Progress doing={doing} />
    </li>
  );
}

/** The card. */
export function Inbox({ own }: { own: Membership }) {
  const doing = useDoing();
  const [found, setFound] = useState<{ items: InboxItem[]; waiting: number }>();
  const look = () =>
    doing.run(async (told) => {
      told('signing');
      setFound(await readInbox(own));
    });
  const gone = (number: number) => setFound((before) => before && { items: before.items.filter((item) => item.number !== number), waiting: before.waiting - 1 });
  return (
    <section class="card">
      <h2>{t('inbox.title')}</h2>
      <p>{t('inbox.what')}</p>
      <button disabled={doing.busy} onClick={() => void look()}>
        {t(found ? 'inbox.look.again' : 'inbox.look')}
      </button>
      <Progress doing={doing} />
      <div role="status">{found && <p>{t(found.waiting === 0 ? 'inbox.empty' : 'inbox.waiting', { n: found.waiting })}</p>}</div>
      <ul class="plain">
        {found?.items.map((item) => (
          <Item key={item.number} own={own} item={item} decided={() => gone(item.number)} />
        ))}
      </ul>
    </section>
  );
}
