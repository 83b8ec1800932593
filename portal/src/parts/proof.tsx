/** Checks one record against the chain, when a person wants to know. */
import { useState } from 'preact/hooks';

import { moment, t } from '../messages';
import type { PatientRecord } from '../records/fhir';
import type { Finding } from '../state/proof';
import { Progress, Say, useDoing } from './base';

/** The button, and what came of it. `account` reads the record, for this purpose. */
export function Proof({ record, account, purpose }: { record: PatientRecord; account: string; purpose: string }) {
  const doing = useDoing();
  const [found, setFound] = useState<Finding>();
  const look = () =>
    doing.run(async () => {
      const { prove } = await import('../state/proof');
      setFound(await prove(record, account, purpose));
    });
  if (found) {
    return (
      <div role="status">
        <Say tone={found.verdict === 'altered' ? 'bad' : 'good'}>{t(`proof.${found.verdict}`, { when: found.verdict === 'anchored' ? moment(found.when) : '' })}</Say>
      </div>
    );
  }
  return (
    <>
      <button disabled={doing.busy} onClick={() => void look()}>
        {t('proof.check')}
      </button>
      <Progress doing={doing} />
    </>
  );
}
