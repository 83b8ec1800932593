/** A record of somebody else's, as far as it was shared. */
import type { ComponentChildren } from 'preact';

import { day, number } from '../messages';
import type { PatientRecord } from '../records/fhir';
import { Range } from './chart';
import { KindIcon } from './icons';
import { Details } from './record';
import { recordName } from './rules';

/** What was shared of it, all in sight. `level`: of its heading. */
export const SharedRecord = ({ record, level = 2, children }: { record: PatientRecord; level?: 2 | 4; children?: ComponentChildren }) => {
  const Heading = `h${level}` as const;
  return (
    <article class="card">
      <Heading class="row">
        <span class="tag">
          <KindIcon kind={record.kind} />
        </span>
        {recordName(record)}
      </Heading>
      {record.date && <p class="small soft">{day(record.date)}</p>}
      {record.measured && (
        <p>
          <b>
            {number(record.measured.value)} {record.measured.unit}
          </b>
        </p>
      )}
      {record.measured && (record.measured.low !== undefined || record.measured.high !== undefined) && <Range measured={record.measured} />}
      <Details record={record} />
      {children}
    </article>
  );
};
