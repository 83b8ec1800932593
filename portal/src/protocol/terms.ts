/** Terms of a rule: text with one spelling for one meaning, packed in 88 bytes. The rules stand in `policy/README.md`. */
import { FIRST, VERSION, WORDS } from './dictionary';

/** Bytes in which terms are sealed. */
export const PACKED = 88;

/** What a rule covers. */
export interface Scope {
  /** A FHIR resource type, or `*`. */
  type: string;
  /** Categories; none for all. */
  categories?: string[];
  /** Codes, as `system|code`; none for all. */
  codes?: string[];
  /** Elements, as paths; none for whole records. */
  elements?: string[];
}

const sorted = (list: string[]): string[] => [...new Set(list)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));

function scopeText({ type, categories = [], codes = [], elements = [] }: Scope): string {
  const parameters = [
    ['category', categories],
    ['code', codes],
    ['_elements', elements],
  ]
    .filter(([, values]) => values!.length > 0)
    .map(([name, values]) => `${name as string}=${sorted(values as string[]).join(',')}`);
  return `patient/${type}.rs${parameters.length > 0 ? `?${parameters.join('&')}` : ''}`;
}

/** The text of terms that let read and search. */
export function termsText(scopes: Scope[], purposes: string[]): string {
  const texts = sorted(scopes.map(scopeText));
  return `${texts.join(' ')};purpose=${sorted(purposes).join(',')}`;
}

/** Terms in the bytes that are sealed, or nothing where they do not fit. */
export function packTerms(text: string): Uint8Array | undefined {
  const packed: number[] = [VERSION];
  for (let rest = text; rest.length > 0; ) {
    let best = -1;
    WORDS.forEach((word, place) => {
      if (rest.startsWith(word) && word.length > (best < 0 ? 0 : WORDS[best]!.length)) best = place;
    });
    packed.push(best < 0 ? rest.charCodeAt(0) : FIRST + best);
    rest = rest.slice(best < 0 ? 1 : WORDS[best]!.length);
  }
  if (packed.length > PACKED) return undefined;
  const bytes = new Uint8Array(PACKED);
  bytes.set(packed);
  return bytes;
}
