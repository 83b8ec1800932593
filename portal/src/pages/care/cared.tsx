/** For whom the person acts: what they may do there, stepping in and out, and what happens when a child comes of age. */
import { useState } from 'preact/hooks';

import { day, dayUtc, t } from '../../messages';
import { Progress, Say, useDoing } from '../../parts/base';
import { Manage } from '../../parts/manage';
import { DORMANT, has, MANAGE, rightNames, termName } from '../../parts/rights';
import { DAY } from '../../protocol/time';
import type { Custody } from '../../state/custody';
import { act, type Relationship } from '../../state/world';
import { Custodians } from './custodians';

/** A child: until when, and what then. */
function Child({ custody, provider }: { custody: Custody; provider: string }) {
  const { handover, now } = custody;
  if (handover === undefined) return null;
  return handover <= now ? (
    <Say tone="warn">
      <h3>{t('minor.of-age', { day: dayUtc(handover) })}</h3>
      <p>{t('minor.of-age.what', { provider })}</p>
    </Say>
  ) : (
    <Say>
      <h3>{t('minor.until', { day: dayUtc(handover) })}</h3>
      <p>{t('minor.then', { provider })}</p>
      <p>{t('minor.keeps')}</p>
    </Say>
  );
}

/** Who may act only after the patient has been silent. */
function SteppingIn({ relationship, custody, done }: { relationship: Relationship; custody: Custody; done: () => void }) {
  const doing = useDoing();
  const { id, account, provider } = relationship;
  const step = () =>
    doing.run((told) => act(account, (on) => on.api.tx.Relationships.step_in({ relationship: id }), 'final', told)).then((went) => went && done());
  if (custody.stepIn) {
    return <Say tone={custody.stepIn.confirmed ? 'good' : undefined}>{t(custody.stepIn.confirmed ? 'step-in.in' : 'step-in.asked', { provider })}</Say>;
  }
  if (custody.inactivity === undefined || custody.lastSign === undefined) return <Say>{t('step-in.never')}</Say>;
  const from = custody.lastSign + (custody.inactivity + 1) * DAY;
  return (
    <>
      <p>{t('step-in', { n: custody.inactivity, day: day(custody.lastSign), from: day(from), provider })}</p>
      <p class="sentence">{t('step-in.sentence', { provider, n: custody.inactivity })}</p>
      <button class="main" disabled={doing.busy} onClick={() => void step()}>
        {t('step-in.button')}
      </button>
      <Progress doing={doing} />
    </>
  );
}

/** One patient. */
export function Caring({ relationship, custody, done }: { relationship: Relationship; custody: Custody; done: () => void }) {
  const doing = useDoing();
  const [sure, setSure] = useState(false);
  const { id, account, provider } = relationship;
  const me = custody.custodians.find(({ key }) => key === account);
  if (!me) return null;
  const dormant = has(me.rights, DORMANT);
  const awake = (!dormant || custody.stepIn?.confirmed === true) && me.from <= custody.now && (me.until === undefined || me.until > custody.now);
  const stepOut = () =>
    doing.run((told) => act(account, (on) => on.api.tx.Relationships.step_out({ relationship: id }), 'included', told)).then((went) => went && done());
  return (
    <>
      <section class="card">
        <h2>{provider}</h2>
        <p>{t('cared.may', { rights: rightNames(me.rights, 'custodian'), until: termName(me.until) })}</p>
        <Child custody={custody} provider={relationship.member.name} />
        {dormant && <SteppingIn relationship={relationship} custody={custody} done={done} />}
        {awake && custody.stepIn && has(me.rights, MANAGE) && (
          <p class="row">
            {sure ? (
              <>
                {t('step-out.sure')}
                <button class="stop" disabled={doing.busy} onClick={() => void stepOut()}>
                  {t('step-out.yes')}
                </button>
                <button onClick={() => setSure(false)}>{t('cancel')}</button>
              </>
            ) : (
              <button class="stop" onClick={() => setSure(true)}>
                {t('step-out.button')}
              </button>
            )}
          </p>
        )}
        <Progress doing={doing} />
        {awake && (
          <p class="row">
            <a class="button" href="#/records">
              {t('nav.records')}
            </a>
            <a class="button" href="#/sharing">
              {t('nav.sharing')}
            </a>
            {has(me.rights, MANAGE) && (
              <a class="button" href="#/recover">
                {t('more.recover')}
              </a>
            )}
          </p>
        )}
      </section>
      {awake && has(me.rights, MANAGE) && (
        <section class="card">
          <h2>{t('cared.manage', { provider })}</h2>
          <Manage relationship={relationship} />
        </section>
      )}
      {awake && has(me.rights, MANAGE) && <Custodians relationship={relationship} custody={custody} me={me} done={done} />}
    </>
  );
}
