/** Plain words: how many years of school the messages take. No browser is needed. */
import { readFileSync } from 'node:fs';

import { expect, test } from '@playwright/test';
import { fleschKincaid } from 'flesch-kincaid';
import { syllable } from 'syllable';

/** Of twelve-year-olds. */
const GRADE = 7;

/** How many of a hundred messages may take more: one long word in a short message is enough. */
const HARD = 12;

/** Shorter messages have no grade that means anything (words). */
const SHORTEST = 8;

interface Counts {
  sentences: number;
  words: string[];
}

function counts(language: string): Counts[] {
  const messages = JSON.parse(readFileSync(new URL(`../src/messages/${language}.json`, import.meta.url), 'utf8')) as Record<string, string>;
  return Object.values(messages)
    .map((message) => message.replace(/\{\w+\}/g, 'Lena'))
    .map((text) => ({ sentences: Math.max(1, text.match(/[.!?:](\s|$)/g)?.length ?? 0), words: text.match(/[\p{L}’'-]+/gu) ?? [] }))
    .filter(({ words }) => words.length >= SHORTEST);
}

/** Flesch and Kincaid's grade, for English. */
const english = ({ sentences, words }: Counts): number =>
  fleschKincaid({ sentence: sentences, word: words.length, syllable: words.reduce((sum, word) => sum + syllable(word), 0) });

/** The fourth Viennese formula of Bamberger and Vanecek, for German: by long sentences and words of three syllables or more. */
function german({ sentences, words }: Counts): number {
  const long = words.filter((word) => (word.match(/[aeiouyäöü]+/gi)?.length ?? 0) >= 3).length;
  return 0.2656 * (words.length / sentences) + 0.2744 * ((100 * long) / words.length) - 1.693;
}

for (const [language, grade] of [
  ['en', english],
  ['de', german],
] as const) {
  test(`messages should be plain to twelve-year-olds when they are in ${language}`, () => {
    const all = counts(language);
    const together = grade({ sentences: all.reduce((sum, { sentences }) => sum + sentences, 0), words: all.flatMap(({ words }) => words) });
    const hard = all.filter((one) => grade(one) > GRADE);
    console.log(`${language}: grade ${together.toFixed(1)}, ${hard.length} of ${all.length} messages above ${GRADE}`);
    expect(together).toBeLessThan(GRADE - 2);
    expect(hard.length, hard.map(({ words }) => words.join(' ')).join('\n')).toBeLessThanOrEqual((all.length * HARD) / 100);
  });
}
