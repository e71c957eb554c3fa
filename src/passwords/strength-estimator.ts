import type { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { passwordLength } from './bounds.ts';
import { calendarWords } from './calendar-words.ts';
import { moreLayouts } from './keyboard-layouts.ts';
import type { AdjacencyGraph } from './keyboard-walks.ts';

/** What zxcvbn is given of a password: the worst input of this length takes it about 40 ms, one of 256 five seconds. */
export const estimatedLength = 48;

/** Readings of `4` as `a` and the like that zxcvbn tries; its default of 100 costs ten times as long and finds 2 % more. */
const leetReadings = 10;

/** zxcvbn with its dictionaries, and the list of common passwords that are long enough to be chosen here. */
export interface StrengthEstimator {
  zxcvbn: Pick<ZxcvbnFactory, 'check'>;
  /** The keyboards that people walk over. */
  layouts: readonly AdjacencyGraph[];
  commonPasswords: ReadonlySet<string>;
  commonPasswordFeedback: { warning: string; suggestions: string[] };
}

let estimator: Promise<StrengthEstimator> | undefined;

/** The estimator, loaded at the first call: half a second and some 60 MB that a read-only process never pays. */
export function loadStrengthEstimator(): Promise<StrengthEstimator> {
  estimator ??= createEstimator().catch((error: unknown) => {
    estimator = undefined; // or one failure would be everybody's, for ever
    throw error;
  });
  return estimator;
}

async function createEstimator(): Promise<StrengthEstimator> {
  const { ZxcvbnFactory, common, english } = (await import('./zxcvbn.ts')).zxcvbn;
  const { warnings, suggestions } = english.translations;
  const { qwerty, qwertz, azerty, dvorak } = common.adjacencyGraphs;
  return {
    zxcvbn: forgetful(
      new ZxcvbnFactory({
        dictionary: { ...common.dictionary, ...english.dictionary, calendar: calendarWords() },
        graphs: common.adjacencyGraphs,
        translations: english.translations,
        maxLength: estimatedLength,
        l33tMaxSubstitutions: leetReadings,
      }),
    ),
    layouts: [...([qwerty, qwertz, azerty, dvorak] as AdjacencyGraph[]), ...moreLayouts],
    commonPasswords: new Set(
      common.dictionary['passwords-common']
        .map((password) => password.toLowerCase())
        .filter((password) => password.length >= passwordLength.min),
    ),
    commonPasswordFeedback: { warning: warnings.common, suggestions: [suggestions.useWords, suggestions.anotherWord] },
  };
}

/** zxcvbn remembers the last password that it was given, and with it the request that it came in: it is given an empty one then. */
function forgetful(factory: ZxcvbnFactory): Pick<ZxcvbnFactory, 'check'> {
  return {
    check(password, words) {
      try {
        return factory.check(password, words);
      } finally {
        factory.check('');
      }
    },
  };
}
