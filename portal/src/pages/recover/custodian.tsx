/** For a custodian who manages: asks that a fresh key takes the place of a lost one. */
import { useState } from 'preact/hooks';

import { t } from '../../messages';
import { AddressField, useAddress } from '../../parts/address';
import { Progress, short, useDoing, who } from '../../parts/base';
import { useCustody } from '../../parts/custody';
import { has, MANAGE } from '../../parts/rights';
import { act, active, type Relationship } from '../../state/world';

function Ask({ relationship }: { relationship: Relationship }) {
  const { custody, look } = useCustody(relationship.id);
  const fresh = useAddress();
  const doing = useDoing();
  const [guardian, setGuardian] = useState('');
  const { id, account, provider } = relationship;
  const me = custody?.custodians.find(({ key }) => key === account);
  if (!custody || !me || !has(me.rights, MANAGE) || custody.rekey) return null;
  // A child has no key that could be lost: it is another guardian's.
  const guardians = custody.custodians.filter(({ key, rights }) => key !== account && has(rights, MANAGE)).map(({ key }) => key);
  const child = custody.handover !== undefined;
  const lost = child ? guardian || guardians[0] : custody.patient;
  if (lost === undefined) return null;
  const ask = () =>
    doing
      .run((told) => act(account, (on) => on.api.tx.Relationships.request_rekey({ relationship: id, lost, key: fresh.address!, ticket: undefined }), 'final', told))
      .then((went) => went && look());
  return (
    <details class="card">
      <summary class="button">{t('recover.ask', { provider })}</summary>
      <br />
      <p>{t('recover.ask.what')}</p>
      {child && (
        <label class="field">
          <span>{t('recover.ask.lost')}</span>
          <select value={lost} onChange={(event) => setGuardian(event.currentTarget.value)}>
            {guardians.map((key) => (
              <option key={key} value={key}>
                {who(key)}
              </option>
            ))}
          </select>
        </label>
      )}
      <AddressField of={fresh} label={t('recover.ask.fresh')} hint={t('recover.ask.hint')} />
      {fresh.address && <p class="sentence">{t('recover.ask.sentence', { fresh: short(fresh.address), lost: short(lost), provider })}</p>}
      <button class="main" disabled={!fresh.address || doing.busy} onClick={() => void ask()}>
        {t('recover.ask.sign')}
      </button>
      <Progress doing={doing} />
    </details>
  );
}

/** For each of those whom the person looks after. */
export const Custodian = () => (
  <>
    {active.value
      .filter(({ acting }) => acting)
      .map((relationship) => (
        <Ask key={relationship.name} relationship={relationship} />
      ))}
  </>
);
