/** One record: what it says, where it comes from, that it is verified, who may see it. */
import { useState } from 'preact/hooks';

import { day, moment, number, t } from '../messages';
import type { PatientRecord } from '../records/fhir';
import { newRecords, OWN, relationships, rules, shelves } from '../state/world';
import { Range } from './chart';
import { KindIcon, Shield } from './icons';
import { Proof } from './proof';
import { counts, covers, noted, recordName, viewerName } from './rules';

function WhoMaySee({ record }: { record: PatientRecord }) {
  const its = (rules.value[record.relationship] ?? []).filter((rule) => rule.effect === 'Allow' && counts(rule));
  const sure = its.filter((rule) => {
    const choice = noted(record.relationship, rule);
    return choice && covers(choice, record);
  });
  const unknown = its.filter((rule) => !noted(record.relationship, rule));
  return (
    <>
      <h4>{t('record.who')}</h4>
      <ul>
        <li>{t('record.who.you')}</li>
        {sure.map((rule) => (
          <li key={rule.id}>{viewerName(rule.viewer)}</li>
        ))}
        {unknown.map((rule) => (
          <li key={rule.id}>{t('record.who.sealed', { who: viewerName(rule.viewer) })}</li>
        ))}
      </ul>
    </>
  );
}

/** Facts of a record. */
export function Details({ record }: { record: PatientRecord }) {
  return (
    <dl>
      {record.text && !record.measured && (
        <>
          <dt>{t(record.kind === 'medicines' ? 'detail.directions' : 'detail.found')}</dt>
          <dd>{record.text}</dd>
        </>
      )}
      {record.details.map(([name, text]) => (
        <>
          <dt>{t(`detail.${name}`)}</dt>
          <dd>{/^\d{4}-\d\d-\d\d/.test(text) ? day(text) : text}</dd>
        </>
      ))}
    </dl>
  );
}

/** A record that opens. */
export function RecordCard({ record }: { record: PatientRecord }) {
  const [open, setOpen] = useState(false);
  const relationship = relationships.value.find(({ name }) => name === record.relationship);
  const provider = relationship?.provider ?? record.relationship;
  const signed = shelves.value[record.relationship]?.date;
  const { measured } = record;
  const out = measured?.flag === 'H' || measured?.flag === 'HH' ? 'high' : measured?.flag === 'L' || measured?.flag === 'LL' ? 'low' : undefined;
  return (
    <details class="card record" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span class="mark">
          <KindIcon kind={record.kind} />
        </span>
        <h3>{record.withheld === undefined ? recordName(record) : t('record.withheld')}</h3>
        {measured ? (
          <span class="value">
            {number(measured.value)} {measured.unit}
          </span>
        ) : (
          <span />
        )}
        <span class="where">
          {record.date && <span>{day(record.date)}</span>}
          <span>{provider}</span>
          {out && <span class="tag warn">{t(out === 'high' ? 'record.high' : 'record.low')}</span>}
          {newRecords.value.has(record.key) && <span class="tag">{t('record.new')}</span>}
        </span>
      </summary>
      {open && (
        <div class="inside">
          {record.withheld !== undefined && <p>{t('record.withheld.why', { provider, ground: record.withheld })}</p>}
          {measured && <Range measured={measured} />}
          <Details record={record} />
          <h4>{t('record.from')}</h4>
          <p class="row">
            <span class="tag good">
              <Shield />
              {t('verified')}
            </span>
            <span>{t('record.verified', { provider, when: signed ? moment(signed) : '' })}</span>
          </p>
          {relationship && record.withheld === undefined && <Proof record={record} account={relationship.account} purpose={OWN} />}
          {relationship && record.withheld === undefined && (
            <>
              <WhoMaySee record={record} />
              {(record.code || record.kind !== 'other') && (
                <a class="button" href={`#/share?from=${record.relationship}&record=${encodeURIComponent(record.key)}`}>
                  {t('record.share')}
                </a>
              )}
            </>
          )}
        </div>
      )}
    </details>
  );
}
