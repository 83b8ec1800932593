/** Drawings. All of them decorate; words beside them say the same. */
import type { JSX } from 'preact';

import type { RecordKind } from '../records/fhir';

const icon = (path: JSX.Element) => () => (
  <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
    {path}
  </svg>
);

export const Home = icon(<path d="M4 11.5 12 5l8 6.5V19a1 1 0 0 1-1 1h-4v-5H9v5H5a1 1 0 0 1-1-1z" />);
export const Book = icon(<path d="M5 5.5A1.5 1.5 0 0 1 6.5 4H19v14H6.5A1.5 1.5 0 0 0 5 19.5m0-14v14A1.5 1.5 0 0 0 6.5 21H19v-3M9 8.5h6M9 12h4" />);
export const Share = icon(<path d="M9 11.5a3 3 0 1 1-6 0 3 3 0 0 1 6 0Zm12-6a3 3 0 1 1-6 0 3 3 0 0 1 6 0Zm0 12.5a3 3 0 1 1-6 0 3 3 0 0 1 6 0ZM8.7 10l6.4-3.2M8.7 13l6.4 3.6" />);
export const Eye = icon(<path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Zm12.2 0a2.7 2.7 0 1 1-5.4 0 2.7 2.7 0 0 1 5.4 0Z" />);
export const More = icon(<path d="M4 7h16M4 12h16M4 17h16" />);
export const Check = icon(<path d="m5 12.5 4.5 4.5L19 7.5" />);
export const Shield = icon(<path d="M12 3.5 5 6v5.5c0 4.5 3 7.5 7 9 4-1.5 7-4.5 7-9V6zM9 12l2.2 2.2L15.2 10" />);

const Drop = icon(<path d="M12 3.5s6 6.6 6 11a6 6 0 0 1-12 0c0-4.4 6-11 6-11Z" />);
const Pulse = icon(<path d="M3 12.5h4l2.5-6 4 12 2.5-6h5" />);
const Pill = icon(<path d="m8.5 20a4.6 4.6 0 0 1-4.5-4.5c0-1.2.5-2.3 1.4-3.2l6.9-6.9A4.6 4.6 0 0 1 18.600 12l-6.900 6.700c-.9.8-2 1.300-3.200 1.300ZM9 8.800l6.200 6.200" />);
const Heart = icon(<path d="M12 20s-7.500-4.600-7.500-10.300A4.200 4.200 0 0 1 12 7.200a4.200 4.200 0 0 1 7.500 2.500C19.500 15.400 12 20 12 20Z" />);
const Flower = icon(<path d="M12 9.500a2.500 2.500 0 1 1 0 5 2.500 2.500 0 0 1 0-5Zm0 0c-3-2-2-6 0-6s3 4 0 6Zm2.400 3.200c2-3 5.800-1.700 5.500.3s-4.200 2-5.500-.3Zm-4.800 0c-1.300 2.300-5.200 2.300-5.500.3s3.500-3.300 5.500-.3ZM12 14.500V21" />);
const Note = icon(<path d="M7 3.500h7l4 4V20a.5.5 0 0 1-.5.500h-10.500A.5.5 0 0 1 6.500 20V4a.5.5 0 0 1 .5-.5ZM14 3.500V8h4M9.500 12h5.500M9.500 15.500h5.500" />);
const Person = icon(<path d="M15.500 8a3.500 3.500 0 1 1-7 0 3.500 3.500 0 0 1 7 0ZM5 20c.5-4 3.500-5.500 7-5.500s6.500 1.500 7 5.500" />);

const KINDS: Record<RecordKind, () => JSX.Element> = {
  results: Drop,
  vitals: Pulse,
  medicines: Pill,
  conditions: Heart,
  allergies: Flower,
  notes: Note,
  person: Person,
  other: Note,
};

/** The drawing of a kind of records. */
export const KindIcon = ({ kind }: { kind: RecordKind }) => {
  const Icon = KINDS[kind];
  return <Icon />;
};

/** The sign of this page. */
export const Brand = () => (
  <svg viewBox="0 0 64 64" aria-hidden="true">
    <rect width="64" height="64" rx="16" fill="var(--accent)" />
    <path d="M32 50S12 39 12 25a10 10 0 0 1 20-3 10 10 0 0 1 20 3c0 14-20 25-20 25Z" fill="var(--ground)" />
    <path d="M20 31h7l3-7 4 12 3-5h7" fill="none" stroke="var(--accent)" stroke-width="3" stroke-linecap="round" stroke-linejoin="round" />
  </svg>
);

/** Two hospitals, a person between them, and one thread that the person holds. */
export const Welcome = () => (
  <svg viewBox="0 0 420 300" aria-hidden="true" fill="none" stroke-linecap="round" stroke-linejoin="round">
    <ellipse cx="210" cy="262" rx="190" ry="20" fill="var(--tint)" />
    <g stroke="var(--soft)" stroke-width="2.500" fill="var(--card)">
      <path d="M30 258V132l48-26 48 26v126Z" />
      <path d="M294 258V120h96v138Z" />
      <path d="M294 120l48-28 48 28" />
    </g>
    <g fill="var(--accent)">
      <path d="M73 146h10v10h10v10H83v10H73v-10H63v-10h10z" />
      <path d="M337 134h10v10h10v10h-10v10h-10v-10h-10v-10h10z" />
    </g>
    <g stroke="var(--soft)" stroke-width="2.500">
      <path d="M48 200h20v18H48zm40 0h20v18H88zM68 258v-22h20v22M312 190h18v18h-18zm42 0h18v18h-18zM332 258v-26h20v26" fill="var(--tint)" />
    </g>
    <circle cx="210" cy="142" r="23" fill="var(--card)" stroke="var(--ink)" stroke-width="2.500" />
    <path d="M168 258c0-56 12-84 42-84s42 28 42 84Z" fill="var(--accent)" />
    <path d="M126 186c26-6 34 14 54 22M294 178c-26-4-36 18-54 28" stroke="var(--accent)" stroke-width="3" stroke-dasharray="1 8" />
    <path d="M210 236s-22-13-22-28a11 11 0 0 1 22-4 11 11 0 0 1 22 4c0 15-22 28-22 28Z" fill="var(--ground)" />
    <path d="M203 144c2 4 11 5 15 0" stroke="var(--ink)" stroke-width="2.500" />
  </svg>
);
