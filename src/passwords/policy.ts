import type { Issue } from '../errors.ts';
import { passwordLength } from './bounds.ts';
import { findRemainders } from './predictable-parts.ts';
import { productName } from './remove-phrases.ts';
import { estimatedLength, loadStrengthEstimator } from './strength-estimator.ts';

/** zxcvbn's scores go from 0 to 4; 3 is "safely unguessable: moderate protection from offline slow-hash scenario". */
const minimumScore = 3;

/**
 * How many guesses what is left of a password has to take, when everything is taken out that is tried by rule: of some 50,000
 * words one alone is too few, two are enough. zxcvbn itself gives any three parts side by side a score of 3.
 */
const minimumGuessesLeft = 1e6;

const shortestExtraWord = 3;

/** What the policy may ask besides itself. */
export interface StrengthOptions {
  /** Whether the password is known from a breach; without it nothing is asked. */
  isBreached?: ((password: string) => Promise<boolean>) | undefined;
}

/**
 * Everything that is wrong with a new password, nothing if it is good. `extraWords` are the user's own address, names and
 * external id, whole and as they are stored; the codes are WorkOS's, under password_strength_error.
 */
export async function checkPasswordStrength(
  password: string,
  extraWords: readonly string[],
  options: StrengthOptions = {},
): Promise<Issue[]> {
  const length = [...password].length;
  if (length > passwordLength.max) {
    return [
      {
        code: 'password_too_long',
        message: `The password has to be at most ${passwordLength.max} characters long.`,
        maximumLength: passwordLength.max,
      },
    ];
  }
  const issues: Issue[] = [];
  if (length < passwordLength.min) {
    issues.push({
      code: 'password_too_short',
      message: `The password has to be at least ${passwordLength.min} characters long.`,
      minimumLength: passwordLength.min,
    });
  }
  issues.push(...(await findWeakness(inPlainLetters(password), extraWords)));
  if (await options.isBreached?.(password)) {
    issues.push({ code: 'password_pwned', message: 'This password is known from a data breach.' });
  }
  return issues;
}

/** `ｑｗｅｒｔｙ` is as easy to guess as `qwerty`. It is judged so alone: hashed is what was typed. One letter may become eighteen. */
function inPlainLetters(password: string): string {
  return password.normalize('NFKC').slice(0, 2 * passwordLength.max);
}

async function findWeakness(password: string, extraWords: readonly string[]): Promise<Issue[]> {
  const { zxcvbn, layouts, commonPasswords, commonPasswordFeedback } = await loadStrengthEstimator();
  const words = splitWords([productName, ...extraWords]);
  const { score, feedback } = zxcvbn.check(password, words);
  if (score < minimumScore) return [describeWeakness(feedback.warning, feedback.suggestions)];
  // zxcvbn counts capitals as guesses: in a mixed case some of the list would pass by the score alone.
  if (commonPasswords.has(password.toLowerCase())) {
    return [describeWeakness(commonPasswordFeedback.warning, commonPasswordFeedback.suggestions)];
  }
  const isWorthLittle = (left: string) => left === '' || zxcvbn.check(left, words).guesses < minimumGuessesLeft;
  if (findRemainders(password, layouts, words).some(isWorthLittle)) {
    return [describeWeakness(predictable, commonPasswordFeedback.suggestions)];
  }
  return [];
}

const predictable = 'Keyboard patterns, dates, well-known phrases and the name of this product are easy to guess.';

function describeWeakness(warning: string | null, suggestions: string[]): Issue {
  return {
    code: 'password_too_weak',
    message: 'The password is too easy to guess.',
    suggestions,
    ...(warning && { warning }),
  };
}

function splitWords(texts: readonly string[]): string[] {
  const words = texts.flatMap((text) => [text, ...text.split(/[^\p{L}\p{N}]+/u)]);
  // A word longer than what zxcvbn looks at cannot be found in it, and would only widen its search.
  return [...new Set(words)].filter((word) => word.length >= shortestExtraWord && word.length <= estimatedLength);
}
