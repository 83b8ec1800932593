/** What a person should know at once of who acts in their place: a key that somebody wants to replace, somebody who steps in, a word that is waited for. */
import { t } from '../messages';
import { act, type Relationship } from '../state/world';
import { Progress, Say, useDoing } from './base';
import { useCustody } from './custody';

/** Of one relationship; mostly nothing. */
export function Standing({ relationship }: { relationship: Relationship }) {
  const { custody, look } = useCustody(relationship.id);
  const doing = useDoing();
  const { id, account, provider } = relationship;
  if (!custody) return null;
  const accept = () =>
    doing.run((told) => act(account, (on) => on.api.tx.Relationships.accept({ relationship: id }), 'final', told)).then((went) => went && look());
  return (
    <>
      {custody.rekey?.lost === account && (
        <Say tone="bad" alert>
          <h2>{t('rekey.yours', { provider })}</h2>
          <p>{t('rekey.yours.what')}</p>
          <a class="button" href="#/recover">
            {t('more.recover')}
          </a>
        </Say>
      )}
      {custody.patient === account && custody.stepIn && (
        <Say tone="bad" alert>
          <h2>{t(custody.stepIn.confirmed ? 'silence.in' : 'silence.asked')}</h2>
          <p>{t(custody.stepIn.confirmed ? 'silence.in.what' : 'silence.asked.what', { provider })}</p>
          <a class="button" href="#/care">
            {t('more.care')}
          </a>
        </Say>
      )}
      {custody.patient === account && custody.unanswered && custody.status === 'Suspended' && (
        <section class="card">
          <h2>{t('of-age.title', { provider })}</h2>
          <p>{t('of-age.what')}</p>
          <button class="main" disabled={doing.busy} onClick={() => void accept()}>
            {t('proposal.accept')}
          </button>
          <Progress doing={doing} />
        </section>
      )}
    </>
  );
}
