/** Something that is read from the chain when it is shown. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { t } from '../messages';
import type { Chain } from '../state/chain';
import { chain } from '../state/world';
import { Say, Waiting } from './base';

/** What was read, whether it could not be, and a way to read it again. */
export interface Loaded<T> {
  found?: T;
  problem: boolean;
  look: () => void;
}

/** Reads when `on` changes. */
export function useChain<T>(read: (on: Chain) => Promise<T>, on: unknown[]): Loaded<T> {
  const [found, setFound] = useState<T>();
  const [problem, setProblem] = useState(false);
  const look = () => {
    setProblem(false);
    void chain()
      .then(read)
      .then(setFound, () => setProblem(true));
  };
  useEffect(look, on);
  return { found, problem, look };
}

/** Shows it, or that it is on its way, or that it did not come. */
export function Load<T>({ of, children }: { of: Loaded<T>; children: (found: T) => ComponentChildren }) {
  if (of.problem) {
    return (
      <Say tone="warn" alert>
        <p>{t('load.problem')}</p>
        <button onClick={of.look}>{t('again')}</button>
      </Say>
    );
  }
  return of.found === undefined ? <Waiting>{t('load.reading')}</Waiting> : <>{children(of.found)}</>;
}
