/** Results as charts: one for each test, over all providers. */
import { day, number, t } from '../messages';
import { Title } from '../parts/base';
import { Range, Series, type Point } from '../parts/chart';
import { recordName } from '../parts/rules';
import { Shelves } from '../parts/shelves';
import { allRecords, relationships } from '../state/world';

/** A test that was made once needs no time axis. */
const Single = ({ point }: { point: Point }) => (
  <>
    <Range measured={point} />
    <p>
      <b>
        {number(point.value)} {point.unit}
      </b>{' '}
      <span class="soft">
        {day(point.date)}, {point.provider}
      </span>
    </p>
  </>
);

/** The charts. */
export default function Results() {
  const name = (relationship: string) => relationships.value.find((found) => found.name === relationship)?.provider ?? relationship;
  const measured = allRecords.value.filter((record) => record.measured && record.date);
  // Values in different units are no one line.
  const tests = Map.groupBy(measured, ({ code, title, measured }) => `${code?.system ?? ''}|${code?.code ?? title} ${measured!.unit}`);
  return (
    <>
      <Title lead={t('results.lead')}>{t('results.title')}</Title>
      <Shelves />
      {[...tests.entries()].map(([key, records]) => {
        const points = records
          .map(({ measured, date, relationship }): Point => ({ ...measured!, date: date!, provider: name(relationship) }))
          .sort((a, b) => a.date.localeCompare(b.date));
        return (
          <section class="card" key={key}>
            <h2>{recordName(records[0]!)}</h2>
            {points.length > 1 ? <Series points={points} /> : <Single point={points[0]!} />}
          </section>
        );
      })}
      {measured.length === 0 && allRecords.value.length > 0 && <p>{t('results.none')}</p>}
    </>
  );
}
