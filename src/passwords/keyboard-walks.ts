/** Which keys lie beside each other: a key of a layout, and what is on its neighbours, as zxcvbn's graphs have it. */
export type AdjacencyGraph = Readonly<Record<string, readonly (string | null)[]>>;

/** From so many keys on, neighbours are a walk and no accident. */
const shortestWalk = 3;

/** Where each digit of a numeric keypad is. There only straight lines count: half of all pairs are neighbours. */
const keypad = new Map([...'123456789'].map((digit, i) => [digit, { x: i % 3, y: Math.floor(i / 3) }]));

/** Says whether a key may follow in a walk whose last keys are these, at least one. */
type Continues = (walk: readonly string[], next: string) => boolean;

/**
 * Shortens each walk over a keyboard, a keypad or the alphabet to its first key, as long as there are any: the starts of
 * `1qaz2wsx3edc` are a walk again. Whatever case and shift key it was typed with; also one that alternates between two
 * places, such as `1z2x3c4v`. Answers the shortest result, and the text itself where there is no walk.
 */
export function shortenWalks(text: string, layouts: readonly AdjacencyGraph[]): string {
  const keyboards: Continues[] = layouts.map(walksOn);
  const ways = [...keyboards.map((keyboard) => [keyboard, isSequence, isKeypadLine]), [isSequence, isKeypadLine]];
  const texts = [text, alternate(text)];
  const results = texts.flatMap((candidate) => ways.map((continues) => shortenAll([...candidate], continues)));
  return results.reduce((shortest, result) => (result.length < shortest.length ? result : shortest), text);
}

function shortenAll(characters: string[], continues: readonly Continues[]): string {
  let before: string[];
  let after = characters;
  do {
    before = after;
    after = continues.reduce(shortenOnce, before);
  } while (after.length < before.length);
  return after.join('');
}

function shortenOnce(characters: string[], continues: Continues): string[] {
  const kept: string[] = [];
  for (let start = 0; start < characters.length; ) {
    let end = start + 1;
    while (end < characters.length && continues(characters.slice(start, end), characters[end] as string)) end += 1;
    const isWalk = end - start >= shortestWalk;
    kept.push(...characters.slice(start, isWalk ? start + 1 : end));
    start = end;
  }
  return kept;
}

/** On a keyboard a walk may turn, and stay on a key; but not from digit to digit, where a third of all pairs are neighbours. */
function walksOn(graph: AdjacencyGraph): Continues {
  const keyOf = new Map<string, string>();
  for (const key of Object.values(graph).flat()) {
    if (key !== null) for (const character of key) keyOf.set(character, key);
  }
  const isNeighbour = (from: string, to: string): boolean => {
    const key = keyOf.get(to);
    if (/\d/.test(from) && /\d/.test(to)) return false;
    return key !== undefined && (keyOf.get(from) === key || (graph[from]?.includes(key) ?? false));
  };
  return (walk, next) => isNeighbour(walk.at(-1) as string, next);
}

/** `abc`, `321`: always the same step of one. */
const isSequence: Continues = (walk, next) => {
  const codes = [...walk.slice(-2), next].map((character) => character.toLowerCase().codePointAt(0) as number);
  const steps = codes.slice(1).map((code, i) => code - (codes[i] as number));
  return /^[\p{L}\p{N}]$/u.test(next) && steps.every((step) => step === steps[0] && Math.abs(step) === 1);
};

/** `147`, `951`: on in the same direction. */
const isKeypadLine: Continues = (walk, next) => {
  const [first, second, third] = [...walk.slice(-2), next].map((character) => keypad.get(character));
  if (!first || !second || (walk.length > 1 && !third)) return false;
  const isStep = first.x !== second.x || first.y !== second.y;
  return isStep && (!third || (second.x - first.x === third.x - second.x && second.y - first.y === third.y - second.y));
};

/** Every other character, and then the rest. */
export function alternate(text: string): string {
  const characters = [...text];
  return [0, 1].map((start) => characters.filter((_, i) => i % 2 === start).join('')).join('');
}
