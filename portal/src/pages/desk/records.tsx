/** Records of which nothing is shown, and rows that are withheld from everybody. */
import { useState } from 'preact/hooks';

import { day, list, t, type Key } from '../../messages';
import { Progress, useDoing } from '../../parts/base';
import { readKeptBack, type KeptBack } from '../../state/desk';
import type { Membership } from '../../state/membership';

/** The card. */
export function Records({ own }: { own: Membership }) {
  const doing = useDoing();
  const [found, setFound] = useState<KeptBack>();
  const look = () =>
    doing.run(async (told) => {
      told('signing');
      setFound(await readKeptBack(own));
    });
  return (
    <section class="card">
      <h2>{t('kept.title')}</h2>
      <p>{t('kept.what')}</p>
      {!found && (
        <button disabled={doing.busy} onClick={() => void look()}>
          {t('kept.look')}
        </button>
      )}
      <Progress doing={doing} />
      {found && (
        <>
          <h3>{t('kept.withheld')}</h3>
          {found.withheld.length === 0 && <p>{t('kept.withheld.none')}</p>}
          <ul>
            {found.withheld.map(({ type, line, all, ground }) => (
              <li key={line}>
                {t(all ? 'kept.withheld.all' : 'kept.withheld.some', { type, line })} {ground && t('kept.ground', { ground })}
              </li>
            ))}
          </ul>
          <h3>{t('kept.suspended')}</h3>
          {found.suspended.length === 0 && <p>{t('kept.suspended.none')}</p>}
          <ul>
            {found.suspended.map(({ record, relationships, ground, since }) => (
              <li key={record}>
                {t(`kept.suspended.${ground}` as Key, { record, day: day(since) })} {relationships.length > 0 && t('kept.suspended.of', { names: list(relationships) })}
              </li>
            ))}
          </ul>
          <p class="small soft">{t('kept.suspended.how')}</p>
        </>
      )}
    </section>
  );
}
