/** A hospital plans what it answers in a year, sees what that costs in privacy, and publishes it. */
import { useState } from 'preact/hooks';

import { dayUtc, number, t } from '../../messages';
import { Progress, Say, useDoing } from '../../parts/base';
import { Load, useChain } from '../../parts/load';
import { purposeNames, Purposes } from '../../parts/purposes';
import { partsOf } from '../../protocol/statistics';
import { DAY } from '../../protocol/time';
import { errorOf } from '../../records/statistics';
import type { Membership } from '../../state/membership';
import { bounds, publish, RHYTHMS, served, type Planned, type Served } from '../../state/plan';
import { act } from '../../state/world';

/** Units in a rho of 1. */
const RHO = 1_000_000;

/** What a table costs at first: rho 0.005 for each answer, one credit for each claim. */
const FIRST = { rho: 5_000, price: 1 };

function Table({ one, plan, change }: { one: Served; plan?: Planned; change: (plan?: Planned) => void }) {
  const { definition } = one;
  const [, table] = plan ? partsOf(definition.kind, plan.rho) : [];
  const off = table && errorOf(table.sigma) / (table.name === 'sum' ? 10 ** definition.decimals : 1);
  return (
    <li class="card">
      <label class="choice">
        <input type="checkbox" checked={plan !== undefined} onChange={() => change(plan ? undefined : { served: one, epochs: 4, days: 91, ...FIRST })} />
        <b>{definition.title}</b>
      </label>
      {plan && (
        <>
          <br />
          <label class="field">
            <span>{t('plan.rhythm', { title: definition.title })}</span>
            <select
              value={plan.epochs}
              onChange={(event) => {
                const [epochs, days] = RHYTHMS.find(([epochs]) => String(epochs) === event.currentTarget.value)!;
                change({ ...plan, epochs, days });
              }}
            >
              {RHYTHMS.map(([epochs, days]) => (
                <option key={epochs} value={epochs}>
                  {t('plan.rhythm.option', { n: epochs, days })}
                </option>
              ))}
            </select>
          </label>
          <label class="field">
            <span>{t('plan.rho', { title: definition.title })}</span>
            <input type="number" min="0.0001" max="0.1" step="any" value={plan.rho / RHO} onInput={(event) => change({ ...plan, rho: Math.round(event.currentTarget.valueAsNumber * RHO) || 0 })} />
          </label>
          {off !== undefined && Number.isFinite(off) && <p class="small soft">{t('plan.error', { off: number(off), unit: table!.name === 'sum' ? definition.unit : t('plan.persons') })}</p>}
          <label class="field">
            <span>{t('plan.price', { title: definition.title })}</span>
            <input type="number" min="1" step="1" value={plan.price} onInput={(event) => change({ ...plan, price: Math.round(event.currentTarget.valueAsNumber) || 0 })} />
          </label>
        </>
      )}
    </li>
  );
}

function Draft({ own, all, yearly, least, now }: { own: Membership; all: Served[]; yearly: number; least: number; now: number }) {
  const doing = useDoing();
  const [planned, setPlanned] = useState<Planned[]>([]);
  const [purposes, setPurposes] = useState(0);
  const [day, setDay] = useState(new Date(now + DAY).toISOString().slice(0, 10));
  const starts = Date.parse(day);
  const change = (one: Served, plan?: Planned) => setPlanned([...planned.filter(({ served }) => served.digest !== one.digest), ...(plan ? [plan] : [])]);
  const cost = planned.reduce((sum, { rho, epochs }) => sum + rho * epochs, 0);
  const timely = starts > now && starts <= now + 365 * DAY;
  const sound = planned.every(({ rho, price }) => rho >= least && price >= 1);
  const ready = planned.length > 0 && purposes !== 0 && timely && sound && cost <= yearly;
  const put = () => doing.run((told) => act(own.account, (on) => publish(on, starts, purposes, planned), 'final', told));
  if (all.length === 0) return <Say>{t('plan.none')}</Say>;
  return (
    <>
      <label class="field">
        <span>{t('plan.starts')}</span>
        <input type="date" value={day} onInput={(event) => setDay(event.currentTarget.value)} />
      </label>
      {!timely && <p class="say bad">{t('plan.starts.wrong')}</p>}
      <Purposes legend="plan.purposes" chosen={purposes} change={setPurposes} />
      <h3>{t('plan.tables')}</h3>
      <ul class="plain">
        {all.map((one) => (
          <Table key={one.digest} one={one} plan={planned.find(({ served }) => served.digest === one.digest)} change={(plan) => change(one, plan)} />
        ))}
      </ul>
      <p class={cost > yearly ? 'say bad' : 'say'} role="status">
        {t(cost > yearly ? 'plan.cost.over' : 'plan.cost', { cost: number(cost / RHO), yearly: number(yearly / RHO) })}
      </p>
      {ready && <p class="sentence">{t('plan.sentence', { provider: own.member.name, n: planned.length, purposes: purposeNames(purposes), day: dayUtc(starts) })}</p>}
      <p>{t('plan.holds')}</p>
      <button class="main" disabled={!ready || doing.busy} onClick={() => void put()}>
        {t('plan.sign')}
      </button>
      <Progress doing={doing} />
    </>
  );
}

/** The card. */
export function Publish({ own }: { own: Membership }) {
  const of = useChain(
    async (on) => {
      const [all, { yearly, least }, now] = await Promise.all([served(own.member), bounds(on), on.now()]);
      return { all, yearly, least, now };
    },
    [own.account],
  );
  return (
    <section class="card">
      <h2>{t('plan.title')}</h2>
      <p>{t('plan.what')}</p>
      <Load of={of}>{(found) => <Draft own={own} {...found} />}</Load>
    </section>
  );
}
