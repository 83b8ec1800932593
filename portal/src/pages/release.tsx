/** Whether a patient's records count in statistics, for what, and what that means. */
import { useState } from 'preact/hooks';

import { dayUtc, t } from '../messages';
import { Progress, Say, Title, useDoing } from '../parts/base';
import { useChain } from '../parts/load';
import { ALL_PURPOSES, purposeNames, Purposes } from '../parts/purposes';
import { Shelves } from '../parts/shelves';
import { packRelease, type ReleaseChoice } from '../protocol/release';
import { openRelease } from '../protocol/scale';
import { DAY, fullDay } from '../protocol/time';
import type { Call, Chain } from '../state/chain';
import { note, notes } from '../state/notebook';
import { act, active, connection, type Relationship } from '../state/world';

/** For how long a choice may hold (years); 0 for no end. */
const YEARS = [0, 1, 3] as const;

/** A choice as a sentence. */
function sentence({ release, excluded, until }: ReleaseChoice, provider: string): string {
  if (!release) return t('release.sentence.no', { provider });
  const values = { provider, purposes: excluded === 0 ? t('release.all') : t('release.but', { purposes: purposeNames(excluded) }) };
  return until === undefined ? t('release.sentence', values) : t('release.sentence.until', { ...values, day: dayUtc((until - 1) * DAY) });
}

/** Makes the call. */
async function setRelease(on: Chain, { id }: Relationship, choice: ReleaseChoice): Promise<Call> {
  const [{ sealRelease }, key] = await Promise.all([import('../protocol/sealing'), on.sealingKey(id.member)]);
  const sealed = await sealRelease(packRelease(choice), key, on.genesis, id.member, openRelease(id));
  return on.api.tx.Research.set_release({ relationship: id, choice: sealed }) as Call;
}

function One({ relationship }: { relationship: Relationship }) {
  const doing = useDoing();
  const { id, account, provider, name } = relationship;
  const known: ReleaseChoice | undefined = notes.value.releases[name];
  const placed = useChain((on) => on.api.apis.ResearchApi.release(id, { at: 'best' }).then((found) => found !== undefined), [name]);
  const [release, decide] = useState(known?.release ?? false);
  const [excluded, setExcluded] = useState(known?.excluded ?? 0);
  const [years, setYears] = useState<number>(0);
  const until = !release || years === 0 ? undefined : fullDay(Date.now() + years * 365 * DAY) / DAY;
  const choice: ReleaseChoice = { release, excluded: release ? excluded : 0, until };
  const sign = () =>
    doing
      .run(async (told) => {
        // Taking back works from the first block on; counting waits until it is final.
        await act(account, (on) => setRelease(on, relationship, choice), release ? 'final' : 'included', told);
        await note((notes) => {
          notes.releases[name] = choice;
        });
      })
      .then((went) => went && placed.look());
  return (
    <section class="card">
      <h2>{t('release.at', { provider })}</h2>
      <p>{known ? t('release.known', { sentence: sentence(known, provider) }) : t(placed.found ? 'release.unknown' : 'release.default')}</p>
      <fieldset>
        <legend>{t('release.question')}</legend>
        <div class="choices">
          {[false, true].map((yes) => (
            <label class="choice" key={String(yes)}>
              <input type="radio" name={`release-${name}`} checked={release === yes} onChange={() => decide(yes)} />
              <span>
                <b>{t(yes ? 'release.yes' : 'release.no')}</b>
                <span class="small soft">{t(yes ? 'release.yes.hint' : 'release.no.hint')}</span>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      <br />
      {release && (
        <>
          <Purposes legend="release.not-for" chosen={excluded} change={setExcluded} />
          {excluded === ALL_PURPOSES && <Say tone="warn">{t('release.nothing-left')}</Say>}
          <br />
          <fieldset>
            <legend>{t('share.until')}</legend>
            <div class="choices">
              {YEARS.map((one) => (
                <label class="choice" key={one}>
                  <input type="radio" name={`years-${name}`} checked={years === one} onChange={() => setYears(one)} />
                  <b>{one === 0 ? t('release.endless') : t('release.years', { n: one })}</b>
                </label>
              ))}
            </div>
          </fieldset>
          <br />
        </>
      )}
      <p class="sentence">{sentence(choice, provider)}</p>
      <p class="small soft">{t('release.sealed', { provider })}</p>
      <button class="main" disabled={doing.busy} onClick={() => void sign()}>
        {t('share.sign')}
      </button>
      <Progress doing={doing} />
    </section>
  );
}

/** The page. */
export default function Release() {
  return (
    <>
      <Title lead={t('release.lead')}>{t('release.title')}</Title>
      {connection.value !== 'ready' && <Shelves />}
      {connection.value === 'ready' && active.value.length === 0 && <Say>{t('release.nobody')}</Say>}
      {active.value.map((relationship) => (
        <One key={relationship.name} relationship={relationship} />
      ))}
      <section class="card">
        <h2>{t('release.means')}</h2>
        <ul>
          <li>{t('release.means.number')}</li>
          <li>{t('release.means.noise')}</li>
          <li>{t('release.means.guess')}</li>
          <li>{t('release.means.several')}</li>
          <li>{t('release.means.trust')}</li>
          <li>{t('release.means.back')}</li>
          <li>{t('release.means.seen')}</li>
        </ul>
      </section>
    </>
  );
}
