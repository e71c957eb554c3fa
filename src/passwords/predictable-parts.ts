import { withoutMarks } from './calendar-words.ts';
import { type AdjacencyGraph, alternate, shortenWalks } from './keyboard-walks.ts';
import { removePhrases } from './remove-phrases.ts';

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

const decorations = /^[^\p{L}]{1,4}|[^\p{L}]{1,4}$/gu;

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
  const words = removeKnownPhrases(password).replace(occurrencesOf(known), '').replace(dates, '');
  const shortened = shortenWalks(words, layouts);
  return [
    ...(words === password ? [] : [words.replace(decorations, '')]),
    ...(shortened.length <= words.length / 2 ? [shortened] : []),
  ];
}

/** As it is, without its marks, and where it is interleaved with something else, as `c1o2r3r4e5c6t7`: what leaves the least. */
function removeKnownPhrases(password: string): string {
  const readings = [password, withoutMarks(password), withoutMarks(alternate(password))];
  const [plain, ...others] = readings.map((reading) => ({ reading, left: removePhrases(reading) }));
  const removed = others.filter(({ reading, left }) => left !== reading).map(({ left }) => left);
  return [plain?.left ?? '', ...removed].reduce((least, left) => (left.length < least.length ? left : least));
}
