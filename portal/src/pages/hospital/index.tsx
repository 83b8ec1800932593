/** A hospital's first room: whether all is well, and the ways to the others. */
import { useEffect, useState } from 'preact/hooks';

import { amount, moment, t, type Key } from '../../messages';
import { Say, Waiting } from '../../parts/base';
import { Load, useChain } from '../../parts/load';
import { Room } from '../../parts/room';
import { INTERVAL } from '../../protocol/time';
import type { Member } from '../../state/chain';
import { health, type Health as State } from '../../state/gatekeeper';
import { anchors, money, openRequests, patientCount, waiting } from '../../state/hospital';
import { useMemberships } from '../../state/membership';
import { Tickets } from './tickets';

/** How many intervals are shown: two hours. */
const SHOWN = 12;

const ROOMS: [path: string, name: Key, what: Key][] = [
  ['/hospital/patients', 'patients.title', 'patients.what'],
  ['/hospital/staff', 'staff.title', 'staff.what'],
  ['/desk', 'desk.title', 'desk.what'],
  ['/council', 'council.title', 'council.what'],
  ['/research', 'research.title', 'research.what'],
];

function Health({ member }: { member: Member }) {
  const [state, setState] = useState<State>();
  const look = () => {
    setState(undefined);
    void health(member).then(setState);
  };
  useEffect(look, [member.number]);
  return (
    <section class="card">
      <h2>{t('hospital.gatekeeper')}</h2>
      <p class="small soft">{member.url}</p>
      {!state && <Waiting>{t('network.asking')}</Waiting>}
      {state && (
        <>
          <p class="row">
            <span class={state.ready ? 'tag good' : 'tag bad'}>{t(state.ready ? 'hospital.ready' : state.lives ? 'hospital.not-ready' : 'hospital.silent')}</span>
          </p>
          {!state.ready && <p>{state.reason ?? t(state.lives ? 'hospital.not-ready.what' : 'hospital.silent.what')}</p>}
          <button onClick={look}>{t('hospital.look')}</button>
        </>
      )}
    </section>
  );
}

function Anchors({ member }: { member: Member }) {
  const of = useChain((on) => anchors(on, member.number, SHOWN), [member.number]);
  return (
    <section class="card">
      <h2>{t('hospital.anchors')}</h2>
      <p>{t('hospital.anchors.what')}</p>
      <Load of={of}>
        {(found) => (
          <>
            <p>
              {t(found.every(({ anchored }) => anchored) ? 'hospital.anchors.all' : found.some(({ anchored }) => anchored) ? 'hospital.anchors.some' : 'hospital.anchors.none', {
                n: found.filter(({ anchored }) => anchored).length,
                of: SHOWN,
              })}
            </p>
            <details>
              <summary class="button">{t('hospital.anchors.each')}</summary>
              <ul>
                {found.map(({ interval, anchored }) => (
                  <li key={interval}>
                    {moment((interval + 1) * INTERVAL)}: {t(anchored ? 'hospital.anchored' : 'hospital.not-anchored')}
                  </li>
                ))}
              </ul>
            </details>
          </>
        )}
      </Load>
    </section>
  );
}

function Numbers({ member }: { member: Member }) {
  const of = useChain(
    async (on) => {
      const [patients, waits, requests, purse] = await Promise.all([
        patientCount(on, member.number),
        waiting(on, member.number),
        openRequests(on, member.number),
        money(on, member),
      ]);
      return { patients, waits: waits.filter(({ what }) => what === 'step-in' || what === 'vetoed').length, requests, purse };
    },
    [member.number],
  );
  return (
    <section class="card">
      <h2>{t('hospital.chain')}</h2>
      <Load of={of}>
        {({ patients, waits, requests, purse }) => (
          <>
            {waits > 0 && (
              <Say tone="warn">
                <p>{t('hospital.waits', { n: waits })}</p>
                <a class="button" href="#/hospital/patients">
                  {t('patients.title')}
                </a>
              </Say>
            )}
            <dl>
              <dt>{t('hospital.patients')}</dt>
              <dd>{patients}</dd>
              <dt>{t('hospital.requests')}</dt>
              <dd>{t('hospital.requests.counts', { waiting: requests.waiting, ready: requests.ready })}</dd>
              <dt>{t('hospital.deposits')}</dt>
              <dd>{amount(purse.deposits)}</dd>
              <dt>{t('hospital.fees')}</dt>
              <dd>{amount(purse.fees)}</dd>
              <dt>{t('hospital.own')}</dt>
              <dd>{amount(purse.own)}</dd>
            </dl>
          </>
        )}
      </Load>
    </section>
  );
}

/** The page. */
export default function Hospital() {
  return (
    <Room title="hospital.title" lead="hospital.lead" of={useMemberships('Provider')} nobody={{ title: 'room.none', what: 'hospital.none' }}>
      {({ member }) => (
        <>
          <p class="row">
            <b>{member.name}</b>
            <span class={member.status === 'Active' ? 'tag good' : 'tag warn'}>{t(`member.${member.status}` as Key)}</span>
          </p>
          <ul class="plain grid">
            {ROOMS.map(([path, name, what]) => (
              <li class="card" key={path}>
                <h2>
                  <a href={`#${path}`}>{t(name)}</a>
                </h2>
                <p class="soft">{t(what)}</p>
              </li>
            ))}
          </ul>
          <Health member={member} />
          <Numbers member={member} />
          <Anchors member={member} />
          <Tickets member={member} />
          <Say>
            <h2>{t('hospital.elsewhere')}</h2>
            <p>{t('hospital.elsewhere.what')}</p>
          </Say>
        </>
      )}
    </Room>
  );
}
