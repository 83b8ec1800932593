/** A researcher's studies: where they stand, and proposing one. */
import { blake2b } from '@noble/hashes/blake2.js';
import { useState } from 'preact/hooks';

import { lastDay, t, type Key } from '../../messages';
import { Progress, useDoing } from '../../parts/base';
import { purposeNames, Purposes } from '../../parts/purposes';
import { hex } from '../../protocol/bytes';
import { halfYears } from '../../protocol/time';
import type { Membership } from '../../state/membership';
import type { Study } from '../../state/research';
import { act } from '../../state/world';

/** How many ends can be chosen: five years. */
const ENDS = 10;

function Propose({ own, now, done }: { own: Membership; now: number; done: () => void }) {
  const doing = useDoing();
  const [purposes, setPurposes] = useState(0);
  const [protocol, setProtocol] = useState<`0x${string}`>();
  const ends = halfYears(now, ENDS);
  const [until, setUntil] = useState(ends[1]!);
  const read = (file: File | undefined) => void file?.arrayBuffer().then((bytes) => setProtocol(hex(blake2b(new Uint8Array(bytes), { dkLen: 32 }))));
  const put = () =>
    doing
      .run((told) => act(own.account, (on) => on.api.tx.Research.propose_study({ purposes, protocol: protocol!, until: BigInt(until) }), 'final', told))
      .then((went) => went && done());
  return (
    <details>
      <summary class="button">{t('study.propose')}</summary>
      <br />
      <Purposes legend="study.purposes" chosen={purposes} change={setPurposes} />
      <br />
      <label class="field">
        <span>{t('study.protocol')}</span>
        <input type="file" onChange={(event) => read(event.currentTarget.files?.[0])} />
      </label>
      <p class="small soft">{t('study.protocol.hint')}</p>
      {protocol && (
        <p class="small">
          <code>{protocol}</code>
        </p>
      )}
      <label class="field">
        <span>{t('study.until')}</span>
        <select value={until} onChange={(event) => setUntil(Number(event.currentTarget.value))}>
          {ends.map((end) => (
            <option key={end} value={end}>
              {t('until', { day: lastDay(end) })}
            </option>
          ))}
        </select>
      </label>
      {purposes !== 0 && <p class="sentence">{t('study.sentence', { purposes: purposeNames(purposes), day: lastDay(until), provider: own.member.name })}</p>}
      <button class="main" disabled={purposes === 0 || !protocol || doing.busy} onClick={() => void put()}>
        {t('study.sign')}
      </button>
      <Progress doing={doing} />
    </details>
  );
}

/** All of them. */
export function Studies({ own, all, now, done }: { own: Membership; all: Study[]; now: number; done: () => void }) {
  const doing = useDoing();
  const end = (study: number) => doing.run((told) => act(own.account, (on) => on.api.tx.Research.end_study({ study }), 'included', told)).then((went) => went && done());
  return (
    <section class="card">
      <h2>{t('study.title')}</h2>
      {all.length === 0 && <p>{t('study.none')}</p>}
      <ul class="plain stack">
        {all.map(({ number, purposes, until, status }) => (
          <li key={number} class="row between">
            <span>
              <b>{t('study.name', { n: number, purposes: purposeNames(purposes) })}</b> <span class={status === 'Approved' ? 'tag good' : 'tag warn'}>{t(`study.${status}` as Key)}</span>
              <br />
              <span class="small soft">{t('until', { day: lastDay(until) })}</span>
            </span>
            {status !== 'Ended' && (
              <button class="stop" disabled={doing.busy} onClick={() => void end(number)}>
                {t('study.end', { n: number })}
              </button>
            )}
          </li>
        ))}
      </ul>
      <Progress doing={doing} />
      <br />
      <Propose own={own} now={now} done={done} />
    </section>
  );
}
