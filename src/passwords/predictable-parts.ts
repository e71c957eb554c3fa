import { type AdjacencyGraph, shortenWalks } from './keyboard-walks.ts';
import { wellKnownPhrases } from './well-known-phrases.ts';

/** The product's own name: whoever guesses tries it first. */
export const productName = 'roster';

const day = '(?:0?[1-9]|[12]\\d|3[01])';
const month = '(?:0?[1-9]|1[0-2])';
const year = '(?:19|20)\\d\\d';
const separator = '[-./_ ]';
const [twoDigitDay, twoDigitMonth] = [day, month].map((pattern) => pattern.replace('0?', '0')) as [string, string];

const separated = [
  [day, month, `(?:${year}|\\d\\d)`],
  [month, day, `(?:${year}|\\d\\d)`],
  [year, month, day],
].map((parts) => parts.join(separator));
const compact = [
  [twoDigitDay, twoDigitMonth, year],
  [twoDigitMonth, twoDigitDay, year],
  [year, twoDigitMonth, twoDigitDay],
].map((parts) => parts.join(''));
const withoutCentury = [`${twoDigitDay}${twoDigitMonth}\\d\\d`, `${twoDigitMonth}${twoDigitDay}\\d\\d`];

/** Dates and years, alone among the digits around them: any long number holds something that looks like one. */
const dates = new RegExp(
  [
    ...separated.map((date) => `(?<!\\d)${date}(?!\\d)`),
    `(?<!\\d)(?:${[...compact, year].join('|')})+(?!\\d)`,
    `(?<!\\d)(?:${withoutCentury.join('|')})(?!\\d)`,
    `(?<!\\d)${year}(?=\\d{1,3}(?!\\d))`,
  ].join('|'),
  'g',
);

/** What people write for a letter. */
const lookalikes: Readonly<Record<string, string>> = {
  ...{ a: 'a4@', b: 'b8', e: 'e3', g: 'g9', i: 'i1!', l: 'l1!', o: 'o0', s: 's5$', t: 't7+', z: 'z2' },
};

const phrases = new RegExp(
  [productName, [...productName].reverse().join(''), ...wellKnownPhrases]
    .sort((a, b) => b.length - a.length)
    .map((phrase) => phrase.split(' ').map(spellings).join('[^\\p{L}]{0,3}'))
    .join('|'),
  'giu',
);

const decorations = /^[^\p{L}]{1,4}|[^\p{L}]{1,4}$/gu;

function spellings(word: string): string {
  return [...word].map((letter) => (lookalikes[letter] ? `[${lookalikes[letter]}]` : letter)).join('');
}

/** The words as they stand in a text, the longest first: an address before its parts. */
function occurrencesOf(words: readonly string[]): RegExp {
  const byLength = [...words].sort((a, b) => b.length - a.length);
  return new RegExp(byLength.map((word) => word.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|') || '(?!)', 'giu');
}

/**
 * What is left of a password when what a guesser tries by rule is taken out: well-known phrases, the product's own name, what is
 * known of the user and dates, with the signs that decorate the ends; and, where more than half of it is a walk over the keyboard, that too. Empty
 * where there is nothing of the kind.
 */
export function findRemainders(
  password: string,
  layouts: readonly AdjacencyGraph[],
  known: readonly string[],
): string[] {
  const words = password.replace(phrases, '').replace(occurrencesOf(known), '').replace(dates, '');
  const shortened = shortenWalks(words, layouts);
  return [
    ...(words === password ? [] : [words.replace(decorations, '')]),
    ...(shortened.length <= words.length / 2 ? [shortened] : []),
  ];
}
