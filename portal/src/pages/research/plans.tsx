/** What providers plan to answer: tables in words, what they cost, and what is left; claiming one; taking one back. */
import { useState } from 'preact/hooks';

import { amount, dayUtc, number, t } from '../../messages';
import { Progress, useDoing } from '../../parts/base';
import { Load, useChain } from '../../parts/load';
import { purposeNames } from '../../parts/purposes';
import type { Kind } from '../../protocol/statistics';
import { claimable, plans, studies, type Plan, type Study, type Table } from '../../state/research';
import type { Membership } from '../../state/membership';
import { act, members } from '../../state/world';

/** Units in a rho of 1. */
const RHO = 1_000_000;

function kindName(kind: Kind): string {
  switch (kind.type) {
    case 'Counts':
      return t('table.Counts', { n: kind.value.cells, per: kind.value.per_person });
    case 'Histogram':
      return t('table.Histogram', { n: kind.value.cells });
    case 'Incidents':
      return t('table.Incidents', { n: kind.value.bins });
    default:
      return t(`table.${kind.type}`, { lower: String(kind.value.lower), upper: String(kind.value.upper) });
  }
}

function Claiming({ own, plan, table, possible, epochs, done }: { own: Membership; plan: Plan; table: Table; possible: Study[]; epochs: number[]; done: () => void }) {
  const doing = useDoing();
  const [study, setStudy] = useState(possible[0]!.number);
  const [epoch, setEpoch] = useState(epochs.at(-1)!);
  const claim = () =>
    doing
      .run((told) =>
        act(own.account, (on) => on.api.tx.Research.claim({ study, answer: { provider: plan.provider, table: table.number, epoch } }), 'final', told),
      )
      .then((went) => went && done());
  return (
    <details>
      <summary class="button">{t('claim.open')}</summary>
      <br />
      <label class="field">
        <span>{t('claim.study')}</span>
        <select value={study} onChange={(event) => setStudy(Number(event.currentTarget.value))}>
          {possible.map(({ number: one, purposes }) => (
            <option key={one} value={one}>
              {t('study.name', { n: one, purposes: purposeNames(purposes) })}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{t('claim.epoch')}</span>
        <select value={epoch} onChange={(event) => setEpoch(Number(event.currentTarget.value))}>
          {epochs.map((one) => (
            <option key={one} value={one}>
              {dayUtc(table.first + one * table.length)} – {dayUtc(table.first + (one + 1) * table.length - 1)}
            </option>
          ))}
        </select>
      </label>
      <p class="sentence">{t(table.fee === undefined ? 'claim.sentence' : 'claim.sentence.fee', { study, table: table.number, credits: table.price, fee: table.fee === undefined ? '' : amount(table.fee) })}</p>
      <button class="main" disabled={doing.busy} onClick={() => void claim()}>
        {t('claim.sign')}
      </button>
      <Progress doing={doing} />
    </details>
  );
}

function TableCard({ own, plan, table, approved, now, done }: { own?: Membership; plan: Plan; table: Table; approved: Study[]; now: number; done: () => void }) {
  const doing = useDoing();
  const epochs = claimable(table, now);
  // A study may claim tables that are planned for all of its purposes.
  const possible = approved.filter(({ purposes, until }) => (purposes & table.purposes) === purposes && until > now);
  const mine = own?.member.number === plan.provider;
  const withdraw = () =>
    doing.run((told) => act(own!.account, (on) => on.api.tx.Research.withdraw_table({ table: table.number }), 'included', told)).then((went) => went && done());
  return (
    <li class="card">
      <h4>
        {t('table.name', { n: table.number })}: {kindName(table.kind)} {table.withdrawn && <span class="tag warn">{t('table.withdrawn')}</span>}
      </h4>
      <dl>
        <dt>{t('table.purposes')}</dt>
        <dd>{purposeNames(table.purposes)}</dd>
        <dt>{t('table.epochs')}</dt>
        <dd>{t('table.epochs.what', { n: table.epochs, days: number(table.length / 86_400_000), first: dayUtc(table.first), over: epochs.length })}</dd>
        <dt>{t('table.costs')}</dt>
        <dd>{t('table.costs.what', { credits: table.price, rho: number(table.rho / RHO) })}</dd>
      </dl>
      {possible.length > 0 && epochs.length > 0 && <Claiming own={own!} plan={plan} table={table} possible={possible} epochs={epochs} done={done} />}
      {mine && !table.withdrawn && (
        <button class="stop" disabled={doing.busy} onClick={() => void withdraw()}>
          {t('table.withdraw', { n: table.number })}
        </button>
      )}
      <Progress doing={doing} />
    </li>
  );
}

/** All plans. `own`: the member for whom the person claims, or whose plan it is. */
export function Plans({ own, changed }: { own?: Membership; changed?: () => void }) {
  const of = useChain(
    async (on) => {
      const providers = [...members.value.values()].filter(({ role, status }) => role === 'Provider' && status === 'Active').map(({ number }) => number);
      const [found, now, mine] = await Promise.all([plans(on, providers), on.now(), own?.member.role === 'Researcher' ? studies(on, own.member.number) : []]);
      return { found, now, approved: mine.filter(({ status }) => status === 'Approved') };
    },
    [members.value, own?.account],
  );
  const done = () => {
    of.look();
    changed?.();
  };
  return (
    <section>
      <h2>{t('plans.title')}</h2>
      <p>{t('plans.what')}</p>
      <Load of={of}>
        {({ found, now, approved }) => (
          <>
            {found.length === 0 && <p class="card">{t('plans.none')}</p>}
            {found.map((plan) => (
              <section key={plan.provider}>
                <h3>{t('plans.of', { provider: members.value.get(plan.provider)?.name ?? `${plan.provider}`, day: dayUtc(plan.starts) })}</h3>
                <p class="small soft">{t('plans.budget', { spent: number(plan.spent / RHO), left: number(plan.left / RHO) })}</p>
                <ul class="plain">
                  {plan.tables.map((table) => (
                    <TableCard key={table.number} own={own} plan={plan} table={table} approved={approved} now={now} done={done} />
                  ))}
                </ul>
              </section>
            ))}
          </>
        )}
      </Load>
    </section>
  );
}
