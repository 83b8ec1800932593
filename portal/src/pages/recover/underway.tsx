/** A rekey that is under way: who has to act, from when it can be finished, and what this person can do. */
import { moment, t } from '../../messages';
import { Progress, Say, short, useDoing, who } from '../../parts/base';
import { useCustody } from '../../parts/custody';
import { DORMANT, has, MANAGE } from '../../parts/rights';
import type { RelationshipId } from '../../protocol/relationship';
import { DAY } from '../../protocol/time';
import { act } from '../../state/world';

/** For how long a custodian must have managed when a rekey is asked for (ms): `MIN_CUSTODY` of `pallet-relationships`. */
const MIN_CUSTODY = 7 * DAY;

/** One relationship's; nothing where none is under way. `accounts`: those of this wallet that have a part in it. */
export function Underway({ id, provider, accounts }: { id: RelationshipId; provider: string; accounts: string[] }) {
  const { custody, look } = useCustody(id);
  const doing = useDoing();
  const rekey = custody?.rekey;
  if (!custody || !rekey) return null;
  const { now, stepIn } = custody;
  const manages = custody.custodians.filter(
    ({ key, rights, from, until }) =>
      key !== rekey.lost &&
      has(rights, MANAGE) &&
      (!has(rights, DORMANT) || stepIn?.confirmed) &&
      from + MIN_CUSTODY <= rekey.asked &&
      (until === undefined || now < until),
  );
  const approved = rekey.custodian !== undefined && manages.some(({ key }) => key === rekey.custodian);
  const loser = accounts.find((account) => account === rekey.lost);
  const heir = accounts.find((account) => account === rekey.fresh);
  const approver = manages.find(({ key }) => accounts.includes(key))?.key;
  const lapsed = rekey.lapses !== undefined && rekey.lapses <= now;
  const complete = rekey.provider && rekey.stage !== 'Vetoed' && (approved || manages.length === 0);
  const ready = complete && rekey.ready <= now && !lapsed;
  const finisher = heir ?? approver;
  const run = (make: Parameters<typeof act>[1], account: string, wait: 'included' | 'final') => void doing.run((told) => act(account, make, wait, told)).then((went) => went && look());
  const step = (done: boolean, text: string) => (
    <li>
      <span class={done ? 'tag good' : 'tag warn'}>{t(done ? 'rekey.done' : 'rekey.open')}</span> {text}
    </li>
  );
  return (
    <section class="card">
      <h2>{t('rekey.title', { provider })}</h2>
      <p>{t('rekey.what', { fresh: who(rekey.fresh), lost: who(rekey.lost), when: moment(rekey.asked) })}</p>
      {rekey.stage === 'Vetoed' && <Say tone="bad">{t('rekey.vetoed', { provider })}</Say>}
      {rekey.stage === 'Reproofed' && <Say tone="warn">{t('rekey.reproofed', { provider })}</Say>}
      {lapsed && <Say tone="warn">{t('rekey.lapsed', { provider })}</Say>}
      <ul class="plain stack">
        {step(rekey.provider && rekey.stage !== 'Vetoed', t('rekey.step.provider', { provider }))}
        {manages.length > 0 && step(approved, t(approved ? 'rekey.step.custodian.done' : 'rekey.step.custodian', { who: approved ? who(rekey.custodian!) : '' }))}
        {step(ready, t('rekey.step.week', { when: moment(rekey.ready) }))}
      </ul>
      {manages.length === 0 && <p class="small soft">{t('rekey.alone')}</p>}
      {rekey.lapses !== undefined && !lapsed && <p class="small soft">{t('rekey.lapses', { when: moment(rekey.lapses) })}</p>}
      {loser && rekey.stage === 'Asked' && (
        <Say tone="bad">
          <h3>{t('rekey.veto.title')}</h3>
          <p>{t('rekey.veto.what', { provider })}</p>
          <p class="sentence">{t('rekey.veto.sentence', { fresh: short(rekey.fresh), provider })}</p>
          <button disabled={doing.busy} onClick={() => run((on) => on.api.tx.Relationships.veto_rekey({ relationship: id }), loser, 'included')}>
            {t('rekey.veto')}
          </button>
        </Say>
      )}
      {approver && !approved && !lapsed && (
        <>
          <p>{t('rekey.approve.what')}</p>
          <p class="sentence">{t('rekey.approve.sentence', { fresh: short(rekey.fresh), provider })}</p>
          <button
            class="main"
            disabled={doing.busy}
            onClick={() => run((on) => on.api.tx.Relationships.approve_rekey({ relationship: id, key: rekey.fresh, ticket: undefined }), approver, 'final')}
          >
            {t('rekey.approve')}
          </button>
        </>
      )}
      {finisher && complete && !lapsed && (
        <>
          <p class="sentence">{t('rekey.finish.sentence', { fresh: short(rekey.fresh), provider })}</p>
          <button class="main" disabled={doing.busy || !ready} onClick={() => run((on) => on.api.tx.Relationships.finish_rekey({ relationship: id }), finisher, 'final')}>
            {t('rekey.finish')}
          </button>
        </>
      )}
      <Progress doing={doing} />
    </section>
  );
}
