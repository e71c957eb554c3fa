import type { AdjacencyGraph } from './keyboard-walks.ts';

const digits = '`1234567890-=';

/**
 * The rows of layouts that zxcvbn does not know, as they are typed without the shift key, each from its first key on. The keys of
 * a row lie half a key to the right of those above.
 */
const rowsOfLayouts: Readonly<Record<string, readonly [string, string, string, string]>> = {
  colemak: [digits, 'qwfpgjluy;[]\\', "arstdhneio'", 'zxcvbkm,./'],
  bepo: ['$"«»()@+-/*=%', 'bépoèˆvdljzw', 'auie,ctsrnmç', 'àyx.k’qghf'],
  russian: ['ё1234567890-=', 'йцукенгшщзхъ\\', 'фывапролджэ', 'ячсмитьбю.'],
  ukrainian: ["'1234567890-=", 'йцукенгшщзхїґ', 'фівапролджє', 'ячсмитьбю.'],
  greek: [digits, ';ςερτυθιοπ[]\\', "ασδφγηξκλ΄'", 'ζχψωβνμ,./'],
  hebrew: [';1234567890-=', "/'קראטוןםפ][\\", 'שדגכעיחלךף,', 'זסבהנמצתץ.'],
  arabic: ['ذ1234567890-=', 'ضصثقفغعهخحجد\\', 'شسيبلاتنمكط', 'ئءؤرىةوزظ'],
};

/** How far the first key of each row is to the right, in keys; the neighbours below are those at the same place and one to the left. */
const starts = [0, 1, 1, 1] as const;

/** The layouts of keyboards that people walk over besides those of zxcvbn. */
export const moreLayouts: readonly AdjacencyGraph[] = Object.values(rowsOfLayouts).map(graphOf);

function graphOf(rows: readonly string[]): AdjacencyGraph {
  const keys = rows.map((row, y) => [...Array<string>(starts[y] ?? 0).fill(''), ...[...row].map(keyOf)]);
  const at = (x: number, y: number) => keys[y]?.[x] || null;
  const graph: Record<string, (string | null)[]> = {};
  for (const [y, row] of keys.entries()) {
    for (const [x, key] of row.entries()) {
      const beside = [at(x - 1, y), at(x + 1, y), at(x, y - 1), at(x + 1, y - 1), at(x - 1, y + 1), at(x, y + 1)];
      for (const character of key) graph[character] = beside;
    }
  }
  return graph;
}

/** With and without the shift key, as far as that is a letter. */
function keyOf(character: string): string {
  const upper = character.toUpperCase();
  return upper === character || upper.length !== character.length ? character : character + upper;
}
