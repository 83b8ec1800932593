/** A hospital's patients as the chain knows them, by number alone; what waits for the hospital; pausing, and consenting to go on. */
import { useState } from 'preact/hooks';

import { dayUtc, t, type Key } from '../../messages';
import { Progress, short, useDoing } from '../../parts/base';
import { Load, useChain } from '../../parts/load';
import { Room } from '../../parts/room';
import { relationshipName } from '../../protocol/relationship';
import { PAGE, patientCount, patients, waiting, type Patient, type Waiting } from '../../state/hospital';
import { useMemberships, type Membership } from '../../state/membership';
import { act } from '../../state/world';

function Waits({ own, of, done }: { own: Membership; of: Waiting; done: () => void }) {
  const doing = useDoing();
  const id = { member: own.member.number, index: of.index };
  const name = relationshipName(id);
  const confirm = () =>
    doing.run((told) => act(own.account, (on) => on.api.tx.Relationships.confirm_step_in({ relationship: id }), 'final', told)).then((went) => went && done());
  const cancel = () =>
    doing.run((told) => act(own.account, (on) => on.api.tx.Relationships.cancel_rekey({ relationship: id }), 'included', told)).then((went) => went && done());
  const stepOut = () =>
    doing.run((told) => act(own.account, (on) => on.api.tx.Relationships.step_out({ relationship: id }), 'included', told)).then((went) => went && done());
  return (
    <li class="card">
      <h3>{t(`waits.${of.what}`, { name })}</h3>
      <p>{t(`waits.${of.what}.what`)}</p>
      <div class="row">
        {of.what === 'step-in' && (
          <button class="main" disabled={doing.busy} onClick={() => void confirm()}>
            {t('waits.confirm')}
          </button>
        )}
        {(of.what === 'step-in' || of.what === 'stepped-in') && (
          <button class="stop" disabled={doing.busy} onClick={() => void stepOut()}>
            {t(of.what === 'step-in' ? 'waits.refuse' : 'waits.end')}
          </button>
        )}
        {of.what === 'rekey' && (
          <button class="stop" disabled={doing.busy} onClick={() => void cancel()}>
            {t('waits.cancel')}
          </button>
        )}
      </div>
      <Progress doing={doing} />
    </li>
  );
}

function Row({ own, patient, done }: { own: Membership; patient: Patient; done: () => void }) {
  const doing = useDoing();
  const id = { member: own.member.number, index: patient.index };
  const name = relationshipName(id);
  const rest = (pause: boolean) =>
    doing
      .run((told) =>
        act(own.account, (on) => (pause ? on.api.tx.Relationships.suspend({ relationship: id }) : on.api.tx.Relationships.resume({ relationship: id })), 'included', told),
      )
      .then((went) => went && done());
  const open = patient.status === 'Active' || patient.status === 'Suspended';
  return (
    <li class="card">
      <h3 class="row">
        {name}
        <span class={patient.status === 'Active' ? 'tag good' : 'tag warn'}>{t(`patients.${patient.status}` as Key)}</span>
        {patient.paused && <span class="tag warn">{t('patients.paused')}</span>}
      </h3>
      <p class="small soft">
        {short(patient.account)} · {t('patients.rules', { n: patient.rules })} · {t('patients.custodians', { n: patient.custodians })}
        {patient.handover !== undefined && ` · ${t('minor.until', { day: dayUtc(patient.handover) })}`}
      </p>
      {open && (
        <div class="row">
          {patient.paused ? (
            <button disabled={doing.busy} onClick={() => void rest(false)}>
              {t('patients.consent', { name })}
            </button>
          ) : (
            <button class="stop" disabled={doing.busy} onClick={() => void rest(true)}>
              {t('patients.pause', { name })}
            </button>
          )}
        </div>
      )}
      <Progress doing={doing} />
    </li>
  );
}

function All({ own }: { own: Membership }) {
  const { number } = own.member;
  const [from, setFrom] = useState<number>();
  const of = useChain(
    async (on) => {
      const [count, waits] = await Promise.all([patientCount(on, number), waiting(on, number)]);
      const last = Math.min(from ?? count - 1, count - 1);
      return { count, waits, last, shown: await patients(on, number, last) };
    },
    [number, from],
  );
  return (
    <Load of={of}>
      {({ count, waits, last, shown }) => (
        <>
          {waits.length > 0 && (
            <>
              <h2>{t('waits.title')}</h2>
              <ul class="plain">
                {waits.map((one) => (
                  <Waits key={`${one.index}${one.what}`} own={own} of={one} done={of.look} />
                ))}
              </ul>
            </>
          )}
          <h2>{t('patients.all', { n: count })}</h2>
          {count === 0 && <p>{t('patients.none')}</p>}
          <ul class="plain">
            {shown.map((patient) => (
              <Row key={patient.index} own={own} patient={patient} done={of.look} />
            ))}
          </ul>
          <p class="row">
            {last < count - 1 && <button onClick={() => setFrom(Math.min(count - 1, last + PAGE))}>{t('patients.newer')}</button>}
            {last - PAGE >= 0 && <button onClick={() => setFrom(last - PAGE)}>{t('patients.older')}</button>}
          </p>
        </>
      )}
    </Load>
  );
}

/** The page. */
export default function Patients() {
  return (
    <Room title="patients.title" lead="patients.lead" of={useMemberships('Provider')} nobody={{ title: 'room.none', what: 'hospital.none' }}>
      {(own) => <All own={own} />}
    </Room>
  );
}
