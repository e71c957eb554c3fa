import { withoutMarks } from './calendar-words.ts';
import { wellKnownPhrases } from './well-known-phrases.ts';

/** The product's own name: whoever guesses tries it first. */
export const productName = 'roster';

/** What people write for a letter. */
const lookalikes: Readonly<Record<string, string>> = {
  ...{ a: 'a4@', b: 'b8', e: 'e3', g: 'g9', i: 'i1!', l: 'l1!', o: 'o0', s: 's5$', t: 't7+', z: 'z2' },
};

const reversed = (text: string) => [...text].reverse().join('');

const phrases = new RegExp(
  [productName, ...wellKnownPhrases]
    .flatMap((phrase) => [phrase, reversed(phrase)])
    .sort((a, b) => b.length - a.length)
    .map((phrase) => phrase.split(' ').map(spellings).join('[^\\p{L}]{0,3}'))
    .join('|'),
  'giu',
);

function spellings(word: string): string {
  return [...withoutMarks(word)].map((letter) => (lookalikes[letter] ? `[${lookalikes[letter]}]` : letter)).join('');
}

/** Shorter words are in any text. */
const shortestWord = 3;

/** So many of them are the phrase: three of four. */
const mostOf = 0.75;

/** The words of a phrase, for whoever puts them in another order. */
interface Words {
  /** Each of those that tell it, forwards and backwards. */
  readonly telling: readonly RegExp[];
  readonly all: RegExp;
}

const wordsOfPhrases: readonly Words[] = wellKnownPhrases.flatMap((phrase) => {
  const words = [...new Set(phrase.split(' '))];
  const telling = words.filter((word) => word.length >= shortestWord);
  if (telling.length < 2) return [];
  const either = (word: string) => `${spellings(word)}|${spellings(reversed(word))}`;
  const all = telling.toSorted((a, b) => b.length - a.length).map(either);
  return [{ telling: telling.map((word) => new RegExp(either(word), 'iu')), all: new RegExp(all.join('|'), 'giu') }];
});

/** Takes out phrases that everybody knows and the product's own name, in whatever case, spelling and order of the words. */
export function removePhrases(text: string): string {
  const left = text.replace(phrases, '');
  return wordsOfPhrases.reduce((rest, { telling, all }) => {
    const found = telling.filter((word) => word.test(rest)).length;
    const needed = Math.ceil(telling.length * mostOf);
    return found >= needed ? rest.replace(all, '') : rest;
  }, left);
}
