/** Pausing, letting go on, stopping all sharing, ending. */
import { useState } from 'preact/hooks';

import { t } from '../messages';
import { act, rules, type Relationship } from '../state/world';
import { Progress, Say, useDoing } from './base';

/** What can be done with a relationship as a whole. */
export function Manage({ relationship }: { relationship: Relationship }) {
  const doing = useDoing();
  const [ending, setEnding] = useState(false);
  const { id, account, status, provider, name } = relationship;
  const viewers = new Set((rules.value[name] ?? []).filter(({ effect }) => effect === 'Allow').map(({ viewer }) => JSON.stringify(viewer)));
  const stopAll = () =>
    doing.run(async (told) => {
      for (const viewer of viewers) {
        await act(account, (on) => on.api.tx.Permissions.revoke_all({ relationship: id, viewer: JSON.parse(viewer) }), 'included', told);
      }
    });
  return (
    <>
      <div class="row">
        {status === 'Active' && (
          <button disabled={doing.busy} onClick={() => void doing.run((told) => act(account, (on) => on.api.tx.Relationships.suspend({ relationship: id }), 'included', told))}>
            {t('manage.suspend')}
          </button>
        )}
        {status === 'Suspended' && (
          <button class="main" disabled={doing.busy} onClick={() => void doing.run((told) => act(account, (on) => on.api.tx.Relationships.resume({ relationship: id }), 'final', told))}>
            {t('manage.resume')}
          </button>
        )}
        {viewers.size > 0 && (
          <button class="stop" disabled={doing.busy} onClick={() => void stopAll()}>
            {t('manage.stop-all', { n: viewers.size })}
          </button>
        )}
        {(status === 'Active' || status === 'Suspended') && !ending && (
          <button class="stop quiet" disabled={doing.busy} onClick={() => setEnding(true)}>
            {t('manage.end')}
          </button>
        )}
      </div>
      {ending && (
        <Say tone="bad">
          <p>{t('manage.end.sure', { provider })}</p>
          <div class="row">
            <button
              disabled={doing.busy}
              onClick={() => void doing.run((told) => act(account, (on) => on.api.tx.Relationships.end({ relationship: id }), 'included', told)).then(() => setEnding(false))}
            >
              {t('manage.end.yes')}
            </button>
            <button onClick={() => setEnding(false)}>{t('cancel')}</button>
          </div>
        </Say>
      )}
      <Progress doing={doing} />
    </>
  );
}
