/** Words in the person's language, from message files. */
import { signal } from '@preact/signals';

import en from './en.json';

/** A message by name. */
export type Key = keyof typeof en;

type Messages = Record<Key, string>;

/** Languages, by the name that their speakers give them. */
export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const;

/** A language's code. */
export type Language = keyof typeof LANGUAGES;

const REMEMBERED = 'medrec.language';

/** The language. */
export const language = signal<Language>('en');

const messages = signal<Messages>(en);

/** Speaks another language from now on. */
export async function speak(to: Language, remember = true): Promise<void> {
  messages.value = to === 'de' ? (await import('./de.json')).default : en;
  language.value = to;
  document.documentElement.lang = to;
  if (remember) localStorage.setItem(REMEMBERED, to);
}

/** The language chosen here before, or the browser's, or English. */
export function preferred(): Language {
  const known = (found: string | null): found is Language => found !== null && found in LANGUAGES;
  const remembered = localStorage.getItem(REMEMBERED);
  if (known(remembered)) return remembered;
  return navigator.languages.map((found) => found.slice(0, 2)).find(known) ?? 'en';
}

/** Whether there is a message of this name. */
export const isKey = (name: string): name is Key => name in en;

type Values = Record<string, string | number>;

/** A message with its values in. Where it has a form for one, `n` chooses. */
export function t(key: Key, values: Values = {}): string {
  const one = `${key}.one` as Key;
  const found = values.n === 1 && one in messages.value ? messages.value[one] : messages.value[key];
  return found.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? `{${name}}`));
}

/** The person's own form of the language: English is written in several ways. */
const locale = (): string => navigator.languages.find((found) => found.slice(0, 2) === language.value) ?? language.value;

const DAY: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'long', year: 'numeric' };

/** A day, from milliseconds or from the text of a record. */
export function day(when: number | string): string {
  const date = typeof when === 'string' && when.length === 10 ? new Date(`${when}T12:00:00`) : new Date(when);
  if (typeof when === 'string' && /^\d{4}(-\d{2})?$/.test(when)) return when;
  return Number.isNaN(date.getTime()) ? String(when) : new Intl.DateTimeFormat(locale(), DAY).format(date);
}

/** A day as the chain counts days. */
export const dayUtc = (when: number): string => new Intl.DateTimeFormat(locale(), { ...DAY, timeZone: 'UTC' }).format(when);

/** The last day of something that ends at this moment. Ends are rounded to full days (UTC), and a midnight belongs to the day before. */
export const lastDay = (end: number): string => dayUtc(end - 1);

/** A day and the time of day. */
export const moment = (when: number): string =>
  new Intl.DateTimeFormat(locale(), { ...DAY, hour: '2-digit', minute: '2-digit' }).format(when);

/** A number as it is written here. */
export const number = (value: number): string => new Intl.NumberFormat(locale(), { maximumSignificantDigits: 8 }).format(value);

/** Plancks in a unit of the chain's token. */
const UNIT = 1e12;

/** An amount of the chain's token, from plancks. */
export const amount = (plancks: bigint): string =>
  `${new Intl.NumberFormat(locale(), { maximumFractionDigits: 3 }).format(Number(plancks) / UNIT)} MDR`;

/** Several things in a row: `a, b and c`. */
export const list = (items: string[]): string => new Intl.ListFormat(language.value, { type: 'conjunction' }).format(items);

/** The short name of a time on an axis. */
export const tick = (when: Date, years: boolean): string =>
  new Intl.DateTimeFormat(locale(), years ? { year: 'numeric' } : { day: 'numeric', month: 'short' }).format(when);
