/** What holds in an emergency. */
import { t } from '../../messages';
import { Progress, useDoing } from '../../parts/base';
import type { Facts } from '../../state/chain';
import { act, type Relationship } from '../../state/world';

/** Flags of a relationship, as the chain counts them. */
const [NEVER, OVER] = [1, 2];

/** The patient's choice. */
export function Emergency({ relationship, flags, done }: { relationship: Relationship; flags: Facts['flags']; done: () => void }) {
  const doing = useDoing();
  const chosen = flags & NEVER ? NEVER : flags & OVER ? OVER : 0;
  const choose = (flag: number) =>
    doing
      .run((told) =>
        act(
          relationship.account,
          (on) => on.api.tx.Relationships.set_flags({ relationship: relationship.id, set: flag, clear: (NEVER | OVER) & ~flag }),
          'included',
          told,
        ),
      )
      .then((went) => went && done());
  return (
    <fieldset class="card" disabled={doing.busy}>
      <legend>{t('emergency.title', { provider: relationship.provider })}</legend>
      <p>{t('emergency.hint')}</p>
      <div class="choices">
        {(
          [
            [0, 'emergency.normal'],
            [OVER, 'emergency.over'],
            [NEVER, 'emergency.never'],
          ] as const
        ).map(([flag, name]) => (
          <label class="choice" key={flag}>
            <input type="radio" name={`emergency-${relationship.name}`} checked={chosen === flag} onChange={() => void choose(flag)} />
            <b>{t(name)}</b>
          </label>
        ))}
      </div>
      <Progress doing={doing} />
    </fieldset>
  );
}
