/** What research is for, after GA4GH's Data Use Ontology. */
import { list, t, type Key } from '../messages';

/** Purposes by bit, as the chain counts them. */
const PURPOSES: [bit: number, name: Key][] = [
  [1, 'duo.general'],
  [2, 'duo.biomedical'],
  [4, 'duo.disease'],
  [8, 'duo.ancestry'],
  [16, 'duo.methods'],
  [32, 'duo.commercial'],
];

/** Every purpose there is. */
export const ALL_PURPOSES = 63;

/** Purposes in a row. */
export const purposeNames = (bits: number): string => list(PURPOSES.filter(([bit]) => (bits & bit) !== 0).map(([, name]) => t(name)));

/** Boxes to tick, one for each. */
export function Purposes({ legend, chosen, change }: { legend: Key; chosen: number; change: (bits: number) => void }) {
  return (
    <fieldset>
      <legend>{t(legend)}</legend>
      <div class="choices">
        {PURPOSES.map(([bit, name]) => (
          <label class="choice" key={bit}>
            <input type="checkbox" checked={(chosen & bit) !== 0} onChange={() => change(chosen ^ bit)} />
            <b>{t(name)}</b>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
