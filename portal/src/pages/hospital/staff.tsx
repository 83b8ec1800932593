/** A member's staff: who is on it, adding, giving a new key, removing; how long an emergency role waits. */
import { useState } from 'preact/hooks';

import { lastDay, moment, t, type Key } from '../../messages';
import { AddressField, useAddress } from '../../parts/address';
import { Progress, Say, short, useDoing, who } from '../../parts/base';
import { Load, useChain } from '../../parts/load';
import { Room } from '../../parts/room';
import { DAY } from '../../protocol/time';
import { staff, staffTerms, type Person } from '../../state/hospital';
import { useMemberships, type Membership } from '../../state/membership';
import { note } from '../../state/notebook';
import { act } from '../../state/world';

/** What somebody may act as. */
const ROLES = ['Clinician', 'Emergency', 'Pharmacist', 'Steward'] as const;

const roleName = (role: string): string => t(`staff.role.${role}` as Key);

function Add({ own, delay, longest, now, done }: { own: Membership; delay: number; longest: number; now: number; done: () => void }) {
  const doing = useDoing();
  const whom = useAddress();
  const [name, setName] = useState('');
  const [role, setRole] = useState<(typeof ROLES)[number]>('Clinician');
  const [last, setLast] = useState('');
  const { address } = whom;
  const until = last ? Date.parse(last) + DAY : undefined;
  const wrong = until !== undefined && (until <= now + (role === 'Emergency' ? delay : 0) || until > now + longest);
  const ready = address && until !== undefined && !wrong;
  const add = () =>
    doing
      .run(async (told) => {
        await act(own.account, (on) => on.api.tx.Registry.add_staff({ key: address!, role: { type: role, value: undefined }, until: BigInt(until!) }), 'final', told);
        if (name.trim()) {
          await note((notes) => {
            notes.people = [...notes.people.filter((one) => one.address !== address), { name: name.trim(), address: address! }];
          });
        }
      })
      .then((went) => {
        if (!went) return;
        whom.write('');
        setName('');
        done();
      });
  return (
    <section class="card">
      <h2>{t('staff.add')}</h2>
      <AddressField of={whom} label={t('staff.address')} hint={t('staff.address.hint')} />
      <br />
      <label class="field">
        <span>{t('staff.name')}</span>
        <input value={name} autocomplete="off" onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <fieldset>
        <legend>{t('staff.role')}</legend>
        <div class="choices">
          {ROLES.map((one) => (
            <label class="choice" key={one}>
              <input type="radio" name="role" checked={role === one} onChange={() => setRole(one)} />
              <span>
                <b>{roleName(one)}</b>
                <span class="small soft">{t(`staff.role.${one}.hint`)}</span>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      <br />
      {role === 'Emergency' && <Say tone="warn">{t('staff.delay', { hours: Math.round(delay / 3_600_000), when: moment(now + delay) })}</Say>}
      <label class="field">
        <span>{t('staff.last')}</span>
        <input type="date" value={last} onInput={(event) => setLast(event.currentTarget.value)} />
      </label>
      <div role="status">{wrong && <Say tone="bad">{t('staff.last.wrong', { day: lastDay(now + longest) })}</Say>}</div>
      {ready && <p class="sentence">{t('staff.sentence', { who: name.trim() || short(address), role: roleName(role), provider: own.member.name, day: lastDay(until) })}</p>}
      <button class="main" disabled={!ready || doing.busy} onClick={() => void add()}>
        {t('staff.sign')}
      </button>
      <p class="small soft">{t('staff.cost')}</p>
      <Progress doing={doing} />
    </section>
  );
}

function Entry({ own, person, now, done }: { own: Membership; person: Person; now: number; done: () => void }) {
  const doing = useDoing();
  const fresh = useAddress();
  const { index, key, role, from, until } = person;
  const remove = () => doing.run((told) => act(own.account, (on) => on.api.tx.Registry.remove_staff({ index }), 'included', told)).then((went) => went && done());
  const rotate = () =>
    doing.run((told) => act(own.account, (on) => on.api.tx.Registry.rotate_staff_key({ index, key: fresh.address! }), 'final', told)).then((went) => {
      if (!went) return;
      fresh.write('');
      done();
    });
  return (
    <li class="card">
      <h2 class="row">
        {who(key)}
        <span class={role === 'Emergency' ? 'tag bad' : 'tag'}>{roleName(role)}</span>
        {until <= now ? <span class="tag warn">{t('staff.over')}</span> : from > now && <span class="tag warn">{t('staff.from', { when: moment(from) })}</span>}
      </h2>
      <p class="small soft">
        s{own.member.number}-{index} · {short(key)} · {t('until', { day: lastDay(until) })}
      </p>
      <div class="row">
        <button class="stop" disabled={doing.busy} onClick={() => void remove()}>
          {t('staff.remove', { who: who(key) })}
        </button>
      </div>
      <br />
      <details>
        <summary class="button">{t('staff.rotate')}</summary>
        <br />
        <p>{t(role === 'Emergency' ? 'staff.rotate.emergency' : 'staff.rotate.what')}</p>
        <AddressField of={fresh} label={t('staff.rotate.address')} />
        <br />
        <button class="main" disabled={!fresh.address || doing.busy} onClick={() => void rotate()}>
          {t('staff.rotate.sign')}
        </button>
      </details>
      <Progress doing={doing} />
    </li>
  );
}

function All({ own }: { own: Membership }) {
  const of = useChain(
    async (on) => {
      const [people, terms, now] = await Promise.all([staff(on, own.member.number), staffTerms(on), on.now()]);
      return { people, ...terms, now };
    },
    [own.member.number],
  );
  return (
    <Load of={of}>
      {({ people, delay, longest, now }) => (
        <>
          {people.length === 0 && <p>{t('staff.none')}</p>}
          <ul class="plain">
            {people.map((person) => (
              <Entry key={person.index} own={own} person={person} now={now} done={of.look} />
            ))}
          </ul>
          <Add own={own} delay={delay} longest={longest} now={now} done={of.look} />
          <p class="small soft">{t('staff.change')}</p>
        </>
      )}
    </Load>
  );
}

/** The page. */
export default function Staff() {
  return (
    <Room title="staff.title" lead="staff.lead" of={useMemberships()} nobody={{ title: 'room.none', what: 'staff.none-here' }}>
      {(own) => <All own={own} />}
    </Room>
  );
}
