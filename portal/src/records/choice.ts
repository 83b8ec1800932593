/** What a person chooses to share, and the terms that this becomes. */
import { termsText, type Scope } from '../protocol/terms';

/** What a rule covers. */
export type What =
  /** Everything the provider has. */
  | { type: 'everything' }
  /** Some kinds of records, by name in `KINDS`. */
  | { type: 'kinds'; kinds: Kind[] }
  /** One test or drug, by its code; `fields` limits what of it. */
  | { type: 'code'; resource: string; system?: string; code: string; title: string; fields: Field[] };

/** Parts of a record that can be shared by themselves. */
export type Field = 'whole' | 'value' | 'date' | 'range';

/** Kinds of records as people name them. */
export type Kind = 'results' | 'vitals' | 'medicines' | 'conditions' | 'allergies' | 'notes' | 'person';

/** Purposes a person can choose, as HL7's codes. */
export type Purpose = 'TREAT' | 'FAMRQT' | 'HPAYMT' | 'HRESCH';

/** All of it. */
export interface Choice {
  what: What;
  purpose: Purpose;
}

const KINDS: Record<Kind, Scope> = {
  results: { type: 'Observation', categories: ['laboratory'] },
  vitals: { type: 'Observation', categories: ['vital-signs'] },
  medicines: { type: 'MedicationRequest' },
  conditions: { type: 'Condition' },
  allergies: { type: 'AllergyIntolerance' },
  notes: { type: 'DocumentReference' },
  person: { type: 'Patient' },
};

/** All kinds, in the order in which they are shown. */
export const ALL_KINDS = Object.keys(KINDS) as Kind[];

/** All purposes, in the order in which they are shown. */
export const PURPOSES: Purpose[] = ['TREAT', 'FAMRQT', 'HPAYMT', 'HRESCH'];

const FIELDS: Record<Exclude<Field, 'whole'>, string[]> = {
  value: ['valueQuantity'],
  date: ['effectiveDateTime'],
  range: ['interpretation', 'referenceRange'],
};

/** The terms of a choice as text, or nothing where everything is shared in the open. */
export function choiceTerms({ what, purpose }: Choice): string | undefined {
  switch (what.type) {
    case 'everything':
      return undefined;
    case 'kinds':
      return termsText(
        what.kinds.map((kind) => KINDS[kind]),
        [purpose],
      );
    case 'code': {
      const code = what.system ? `${what.system}|${what.code}` : what.code;
      const parts = what.fields.filter((field) => field !== 'whole');
      const elements = what.fields.includes('whole') ? [] : ['code', ...parts.flatMap((field) => FIELDS[field])];
      return termsText([{ type: what.resource, codes: [code], elements }], [purpose]);
    }
  }
}
