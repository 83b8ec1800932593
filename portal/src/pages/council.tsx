/** The votes of the consortium: motions in words, voting, closing; proposing what it decides about most. */
import { useState } from 'preact/hooks';

import { list, moment, t, type Key } from '../messages';
import { Progress, Say, short, Title, useDoing, who } from '../parts/base';
import { Load, useChain } from '../parts/load';
import { motionDetails, motionName } from '../parts/motion';
import { Shelves } from '../parts/shelves';
import { relationshipName, type RelationshipId } from '../protocol/relationship';
import type { Call, Chain } from '../state/chain';
import { close, council, mayClose, propose, reviews, vote, type Council, type Motion } from '../state/council';
import { loadGroups } from '../state/groups';
import { accounts } from '../state/wallet';
import { act, connection, members, refreshMembers } from '../state/world';

/** How long a block takes on a parachain (s), for a rough word on how long is left. */
const BLOCK_S = 6;

/** The seats of this wallet. */
const seatsHere = (seats: string[]): string[] => accounts.value.map(({ address }) => address).filter((address) => seats.includes(address));

function Votes({ motion, seats, done }: { motion: Motion; seats: string[]; done: () => void }) {
  const doing = useDoing();
  const here = seatsHere(seats);
  const [seat, setSeat] = useState('');
  const chosen = here.includes(seat) ? seat : here[0];
  const { ayes, nays, threshold, left, call, index } = motion;
  const run = (make: (on: Chain) => Call | Promise<Call>) => void doing.run((told) => act(chosen!, make, 'final', told)).then(async (went) => {
      if (!went) return;
      await refreshMembers().catch(() => undefined);
      done();
    });
  const names = (votes: string[]) => (votes.length === 0 ? t('council.nobody') : list(votes.map(who)));
  const hours = Math.round((left * BLOCK_S) / 3600);
  return (
    <li class="card">
      <h3>{motionName(call)}</h3>
      <p class="small soft">
        {t('council.motion', { n: index })} · {left === 0 ? t('council.over') : hours > 48 ? t('council.left.days', { n: Math.round(hours / 24) }) : t('council.left', { n: left })}
      </p>
      <dl>
        <dt>{t('council.ayes', { n: ayes.length, of: threshold })}</dt>
        <dd>{names(ayes)}</dd>
        <dt>{t('council.nays', { n: nays.length })}</dt>
        <dd>{names(nays)}</dd>
      </dl>
      {call && (
        <details>
          <summary class="button">{t('council.details')}</summary>
          <pre>{motionDetails(call)}</pre>
        </details>
      )}
      <br />
      {here.length > 1 && (
        <label class="field">
          <span>{t('council.seat')}</span>
          <select value={chosen} onChange={(event) => setSeat(event.currentTarget.value)}>
            {here.map((address) => (
              <option key={address} value={address}>
                {accounts.value.find((account) => account.address === address)?.name ?? short(address)}
              </option>
            ))}
          </select>
        </label>
      )}
      {chosen && (
        <div class="row">
          {left > 0 && (
            <>
              <button class="main" disabled={doing.busy || ayes.includes(chosen)} onClick={() => run((on) => vote(on, motion, true))}>
                {t('council.yes')}
              </button>
              <button class="stop" disabled={doing.busy || nays.includes(chosen)} onClick={() => run((on) => vote(on, motion, false))}>
                {t('council.no')}
              </button>
            </>
          )}
          {mayClose(motion, seats.length) && (
            <button disabled={doing.busy || !call} onClick={() => run((on) => close(on, motion))}>
              {t(ayes.length >= threshold ? 'council.close' : 'council.close.down')}
            </button>
          )}
        </div>
      )}
      <Progress doing={doing} />
    </li>
  );
}

/** What can be proposed about a member, by where it stands. */
const DEEDS: Record<string, ('admit' | 'suspend' | 'reinstate' | 'remove')[]> = {
  Applied: ['admit', 'remove'],
  Active: ['suspend', 'remove'],
  Suspended: ['reinstate', 'remove'],
};

function Propose({ seats, threshold, done }: Pick<Council, 'seats' | 'threshold'> & { done: () => void }) {
  const doing = useDoing();
  const seat = seatsHere(seats)[0];
  const [member, setMember] = useState('');
  const [deed, setDeed] = useState<'admit' | 'suspend' | 'reinstate' | 'remove'>();
  const possible = [...members.value.values()].filter(({ status }) => status in DEEDS);
  const chosen = member === '' ? undefined : members.value.get(Number(member));
  const deeds = chosen ? DEEDS[chosen.status]! : [];
  const doable = deed && deeds.includes(deed) ? deed : undefined;
  if (!seat) return null;
  const put = () =>
    doing
      .run((told) => act(seat, (on) => propose(on, threshold, on.api.tx.Registry[doable!]({ member: chosen!.number }) as Call), 'final', told))
      .then((went) => went && done());
  return (
    <section class="card">
      <h2>{t('council.propose')}</h2>
      <label class="field">
        <span>{t('council.about')}</span>
        <select value={member} onChange={(event) => setMember(event.currentTarget.value)}>
          <option value="">{t('council.about.choose')}</option>
          {possible.map(({ number, name, status }) => (
            <option key={number} value={number}>
              {name} ({t(`member.${status}` as Key)})
            </option>
          ))}
        </select>
      </label>
      {chosen && (
        <fieldset>
          <legend>{t('council.deed')}</legend>
          <div class="choices">
            {deeds.map((one) => (
              <label class="choice" key={one}>
                <input type="radio" name="deed" checked={doable === one} onChange={() => setDeed(one)} />
                <span>
                  <b>{t(`council.deed.${one}`)}</b>
                  <span class="small soft">{t(`council.deed.${one}.hint`)}</span>
                </span>
              </label>
            ))}
          </div>
        </fieldset>
      )}
      <br />
      {chosen && doable && <p class="sentence">{t('council.sentence', { motion: t(`motion.${doable}`, { who: chosen.name }) })}</p>}
      <button class="main" disabled={!doable || doing.busy} onClick={() => void put()}>
        {t('council.sign')}
      </button>
      <p class="small soft">{t('council.sign.hint')}</p>
      <Progress doing={doing} />
    </section>
  );
}

interface Review {
  id: RelationshipId;
  relationship: RelationshipId;
  staff: RelationshipId;
  from: number;
}

function Reviews({ seats, threshold, open, done }: Pick<Council, 'seats' | 'threshold'> & { open: Review[]; done: () => void }) {
  const doing = useDoing();
  const seat = seatsHere(seats)[0];
  const put = (id: RelationshipId, type: 'Justified' | 'Unjustified') =>
    doing
      .run((told) =>
        act(seat!, (on) => propose(on, threshold, on.api.tx.Permissions.review_glass({ glasses: [id], outcome: { type, value: undefined } }) as Call), 'final', told),
      )
      .then((went) => went && done());
  if (open.length === 0) return null;
  return (
    <section class="card">
      <h2>{t('reviews.title')}</h2>
      <p>{t('reviews.what')}</p>
      <ul class="plain stack">
        {open.map(({ id, relationship, staff, from }) => (
          <li key={relationshipName(id)}>
            <p>
              {t('reviews.one', {
                name: `g${id.member}-${id.index}`,
                staff: `s${staff.member}-${staff.index}`,
                hospital: members.value.get(staff.member)?.name ?? `${staff.member}`,
                relationship: relationshipName(relationship),
                when: moment(from),
              })}
            </p>
            {seat && (
              <div class="row">
                <button disabled={doing.busy} onClick={() => void put(id, 'Justified')}>
                  {t('reviews.justified')}
                </button>
                <button class="stop" disabled={doing.busy} onClick={() => void put(id, 'Unjustified')}>
                  {t('reviews.unjustified')}
                </button>
              </div>
            )}
          </li>
        ))}
      </ul>
      <Progress doing={doing} />
    </section>
  );
}

/** The page. */
export default function Consortium() {
  const of = useChain(
    async (on) => {
      const all = await council(on);
      if (all.motions.some(({ call }) => call?.value.type.includes('group'))) await loadGroups();
      const open = await Promise.all([...members.value.values()].filter(({ role }) => role === 'Provider').map(({ number }) => reviews(on, number)));
      return { ...all, open: open.flat() };
    },
    [members.value],
  );
  return (
    <>
      <Title lead={t('council.lead')}>{t('council.title')}</Title>
      {connection.value !== 'ready' && <Shelves />}
      {connection.value === 'ready' && (
        <Load of={of}>
          {({ seats, threshold, motions, open }) => (
            <>
              {seatsHere(seats).length === 0 && <Say>{t('council.no-seat')}</Say>}
              <h2>{t('council.motions')}</h2>
              {motions.length === 0 && <p>{t('council.none')}</p>}
              <ul class="plain">
                {motions.map((motion) => (
                  <Votes key={motion.hash} motion={motion} seats={seats} done={of.look} />
                ))}
              </ul>
              <Reviews seats={seats} threshold={threshold} open={open} done={of.look} />
              <Propose seats={seats} threshold={threshold} done={of.look} />
              <section class="card">
                <h2>{t('council.seats', { n: seats.length, of: threshold })}</h2>
                <ul>
                  {seats.map((address) => (
                    <li key={address}>{who(address)}</li>
                  ))}
                </ul>
              </section>
            </>
          )}
        </Load>
      )}
    </>
  );
}
