/** What happens when the patient is silent for long: the period, signs of life, and those who stepped in. */
import { useState } from 'preact/hooks';

import { day, t } from '../../messages';
import { Progress, Say, useDoing } from '../../parts/base';
import { DORMANT, has } from '../../parts/rights';
import type { Custody } from '../../state/custody';
import { act, type Relationship } from '../../state/world';

/** Periods that can be chosen (days). The chain takes 30 to 3,660. */
const PERIODS = [30, 90, 180, 365, 730];

/** For the patient. */
export function Silence({ relationship, custody, done }: { relationship: Relationship; custody: Custody; done: () => void }) {
  const doing = useDoing();
  const [chosen, setChosen] = useState(custody.inactivity ?? 0);
  const { id, account, provider, name } = relationship;
  const periods = custody.inactivity && !PERIODS.includes(custody.inactivity) ? [...PERIODS, custody.inactivity] : PERIODS;
  const nobody = !custody.custodians.some(({ rights }) => has(rights, DORMANT));
  const touch = () =>
    doing.run((told) => act(account, (on) => on.api.tx.Relationships.touch({ relationship: id }), 'included', told)).then((went) => went && done());
  const set = () =>
    doing
      .run((told) => act(account, (on) => on.api.tx.Relationships.set_inactivity({ relationship: id, days: chosen || undefined }), 'final', told))
      .then((went) => went && done());
  return (
    <section class="card">
      <h2>{t('silence.title', { provider })}</h2>
      {custody.stepIn && (
        <Say tone="bad" alert>
          <h3>{t(custody.stepIn.confirmed ? 'silence.in' : 'silence.asked')}</h3>
          <p>{t(custody.stepIn.confirmed ? 'silence.in.what' : 'silence.asked.what', { provider })}</p>
          <button disabled={doing.busy} onClick={() => void touch()}>
            {t('silence.here')}
          </button>
        </Say>
      )}
      <p>{t('silence')}</p>
      <label class="field" for={`silence-${name}`}>
        <span>{t('silence.period')}</span>
        <select id={`silence-${name}`} value={chosen} onChange={(event) => setChosen(Number(event.currentTarget.value))}>
          <option value={0}>{t('silence.never')}</option>
          {periods.map((days) => (
            <option key={days} value={days}>
              {t('silence.days', { n: days })}
            </option>
          ))}
        </select>
      </label>
      <p class="sentence">{chosen === 0 ? t('silence.sentence.never') : t('silence.sentence', { n: chosen, provider })}</p>
      {chosen !== 0 && nobody && <p class="small soft">{t('silence.nobody')}</p>}
      <p class="row">
        <button class="main" disabled={doing.busy || chosen === (custody.inactivity ?? 0)} onClick={() => void set()}>
          {t('silence.sign')}
        </button>
        {!custody.stepIn && (
          <button disabled={doing.busy} onClick={() => void touch()}>
            {t('silence.touch')}
          </button>
        )}
      </p>
      {custody.lastSign !== undefined && <p class="small soft">{t('silence.last', { day: day(custody.lastSign) })}</p>}
      <Progress doing={doing} />
    </section>
  );
}
