/** Follows who acts for a patient. */
import { useEffect, useState } from 'preact/hooks';

import type { RelationshipId } from '../protocol/relationship';
import { custodyOf, type Custody } from '../state/custody';
import { chain, relationships } from '../state/world';

/** What the chain says, whether it could not be read, and a way to read it again. Read again by itself when the page learns of something new. */
export function useCustody(id: RelationshipId): { custody?: Custody; problem: boolean; look: () => void } {
  const [custody, setCustody] = useState<Custody>();
  const [problem, setProblem] = useState(false);
  const look = () => {
    setProblem(false);
    void chain()
      .then((on) => custodyOf(on, id))
      .then(setCustody, () => setProblem(true));
  };
  useEffect(look, [id.member, id.index, relationships.value]);
  return { custody, problem, look };
}
