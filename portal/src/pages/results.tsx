/** Results as charts: one for each test, over all providers. */
import { t } from '../messages';
import { Title } from '../parts/base';
import { Series, type Point } from '../parts/chart';
import { Shelves } from '../parts/shelves';
import { allRecords, relationships } from '../state/world';

/** The charts. */
export default function Results() {
  const name = (relationship: string) => relationships.value.find((found) => found.name === relationship)?.member.name ?? relationship;
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
            <h2>{records[0]!.title}</h2>
            <Series points={points} />
          </section>
        );
      })}
      {Object.values(tests).length === 0 && measured.length === 0 && allRecords.value.length > 0 && <p>{t('results.none')}</p>}
    </>
  );
}
