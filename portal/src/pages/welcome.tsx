/** The first thing a person meets: what this is, and the wallet. */
import { useEffect, useState } from 'preact/hooks';

import { t } from '../messages';
import { Progress, Say, Title, useDoing, Waiting } from '../parts/base';
import { Check, Welcome as Drawing } from '../parts/icons';
import { connectWallet, walletsSoon } from '../state/wallet';

/** The welcome page. */
export function Welcome() {
  const [found, setFound] = useState<string[]>();
  const doing = useDoing();
  const look = () => void walletsSoon().then(setFound);
  useEffect(look, []);
  return (
    <>
      <section class="welcome">
        <div>
          <Title lead={t('welcome.lead')}>{t('welcome.title')}</Title>
          {found === undefined && <Waiting>{t('welcome.looking')}</Waiting>}
          {found?.length === 0 && (
            <Say>
              <h2>{t('welcome.none.title')}</h2>
              <p>{t('welcome.none')}</p>
              <p>
                <button onClick={look}>{t('again')}</button>
              </p>
            </Say>
          )}
          <div class="row">
            {found?.map((name) => (
              <button key={name} class="main" disabled={doing.busy} onClick={() => void doing.run(() => connectWallet(name))}>
                {t('welcome.connect', { name })}
              </button>
            ))}
          </div>
          <Progress doing={doing} />
        </div>
        <div class="drawing">
          <Drawing />
        </div>
      </section>
      <ul class="plain grid">
        {(['welcome.see', 'welcome.share', 'welcome.know'] as const).map((key) => (
          <li class="card" key={key}>
            <h2 class="row">
              {t(`${key}.title`)}
            </h2>
            <p>{t(key)}</p>
          </li>
        ))}
      </ul>
      <h2>{t('welcome.never.title')}</h2>
      <ul class="plain stack">
        {(['welcome.never.seed', 'welcome.never.records', 'welcome.never.money'] as const).map((key) => (
          <li key={key} class="row">
            <span class="tag good">
              <Check />
            </span>
            <span>{t(key)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
