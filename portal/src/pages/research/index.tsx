/** The researcher's room: credits, studies, plans, claims and how far they are. Whoever else comes sees the plans. */
import { useState } from 'preact/hooks';

import { moment, number, t, type Key } from '../../messages';
import { Progress, Say, short, Title, useDoing } from '../../parts/base';
import { Load, useChain } from '../../parts/load';
import { Shelves } from '../../parts/shelves';
import { useMemberships, type Membership } from '../../state/membership';
import { claims, collators, studies, type Claim } from '../../state/research';
import { fetchAnswer, type Fetched } from '../../state/results';
import { act, connection, members } from '../../state/world';
import { Plans } from './plans';
import { Publish } from './publish';
import { Results } from './results';
import { Studies } from './studies';

function ClaimRow({ own, claim, now, done, fetched }: { own: Membership; claim: Claim; now: number; done: () => void; fetched: (one: Fetched) => void }) {
  const doing = useDoing();
  const { number: name, answer, state, due, credits, disputed } = claim;
  const close = () => doing.run((told) => act(own.account, (on) => on.api.tx.Research.close_claim({ claim: name! }), 'included', told)).then((went) => went && done());
  return (
    <li class="card">
      <h3 class="row">
        {name === undefined ? t('claim.entered') : t('claim.name', { n: name })}
        <span class={state === 'Committed' ? 'tag good' : state === 'Failed' ? 'tag bad' : 'tag warn'}>{t(`claim.${state}` as Key)}</span>
        {disputed && <span class="tag warn">{t('claim.disputed')}</span>}
      </h3>
      <p>
        {t('claim.what', { table: answer.table, epoch: answer.epoch, provider: members.value.get(answer.provider)?.name ?? `${answer.provider}`, study: claim.study, credits: number(credits) })}
      </p>
      {due !== undefined && state === 'Awaited' && <p class="small soft">{t(due > now ? 'claim.due' : 'claim.late', { when: moment(due) })}</p>}
      <div class="row">
        {state === 'Committed' && (
          <button class="main" disabled={doing.busy} onClick={() => void doing.run(async () => fetched(await fetchAnswer(own, claim)))}>
            {t('claim.fetch')}
          </button>
        )}
        {name !== undefined && (
          <button disabled={doing.busy} onClick={() => void close()}>
            {t('claim.close')}
          </button>
        )}
      </div>
      <Progress doing={doing} />
    </li>
  );
}

function Own({ own }: { own: Membership }) {
  const { number: member } = own.member;
  const [results, setResults] = useState<Fetched[]>([]);
  const add = (one: Fetched) => setResults((all) => [...all.filter(({ claim }) => claim.number !== one.claim.number), one]);
  const of = useChain(
    async (on) => {
      const [earnings, its, mine, machines, now] = await Promise.all([
        on.api.apis.ResearchApi.earnings(member, { at: 'best' }),
        studies(on, member),
        claims(on, member),
        collators(on, member),
        on.now(),
      ]);
      return { earnings, its, mine, machines, now };
    },
    [member],
  );
  return (
    <Load of={of}>
      {({ earnings, its, mine, machines, now }) => (
        <>
          <section class="card">
            <h2>{t('credits.title', { name: own.member.name })}</h2>
            <dl>
              <dt>{t('credits.spendable')}</dt>
              <dd>{number(earnings.spendable)}</dd>
              <dt>{t('credits.set-aside')}</dt>
              <dd>{number(earnings.set_aside)}</dd>
              <dt>{t('credits.blocks')}</dt>
              <dd>{number(earnings.blocks)}</dd>
            </dl>
            <p class="small soft">{t('credits.what')}</p>
            <h3>{t('collators.title')}</h3>
            {machines.length === 0 && <p>{t('collators.none')}</p>}
            <ul>
              {machines.map(({ key, status }) => (
                <li key={key}>
                  {short(key)} <span class={status === 'Approved' ? 'tag good' : 'tag warn'}>{t(`collators.${status}`)}</span>
                </li>
              ))}
            </ul>
          </section>
          <Studies own={own} all={its} now={now} done={of.look} />
          <section>
            <h2>{t('claims.title')}</h2>
            {mine.length === 0 && <p class="card">{t('claims.none')}</p>}
            <ul class="plain">
              {mine.map((claim) => (
                <ClaimRow key={`${claim.number}-${claim.answer.provider}-${claim.answer.table}-${claim.answer.epoch}`} own={own} claim={claim} now={now} done={of.look} fetched={add} />
              ))}
            </ul>
          </section>
          <Results fetched={results} />
          <Plans own={own} changed={of.look} />
        </>
      )}
    </Load>
  );
}

/** The page. */
export default function Research() {
  const { found } = useMemberships();
  const researcher = found?.find(({ member }) => member.role === 'Researcher');
  const provider = found?.find(({ member }) => member.role === 'Provider');
  return (
    <>
      <Title lead={t('research.lead')}>{t('research.title')}</Title>
      {connection.value !== 'ready' && <Shelves />}
      {connection.value === 'ready' && found && (
        <>
          {researcher ? <Own own={researcher} /> : <Plans own={provider} />}
          {!researcher && provider && <Publish own={provider} />}
          {!researcher && <Say>{t('research.none')}</Say>}
        </>
      )}
    </>
  );
}
