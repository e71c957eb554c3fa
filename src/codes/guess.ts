import { timingSafeEqual } from 'node:crypto';
import type { OneTimeCode } from '../db/database.ts';
import type { CodeAttempt } from '../limits/sign-in-limits.ts';
import { hasSignedInFrom } from '../sessions/known-networks.ts';
import type { CodesApp } from './codes-app.ts';
import { digestOfCode } from './create.ts';
import { type CodeSet, type Guesser, isUsable, maxAttempts, triesOf, whereTriable } from './live.ts';

/** Somebody has typed a code. */
export interface Guess {
  readonly set: CodeSet;
  readonly code: string;
  /** Who tries, and whose code. */
  readonly attempt: CodeAttempt;
  /** The canonical address of the user, or of nobody. */
  readonly address: string;
}

/**
 * Why a code does not count: there never was one, or it is another, or one that was used, has expired, was tried too often.
 * `over`: none can be used any more, and it is none of those that could. A stranger learns by it that there were some lately.
 */
export type Miss = 'none' | 'wrong' | 'used' | 'expired' | 'exhausted' | 'over';

/** A right code is not used yet: `useCode` does that, in the transaction of what it is for. */
export type Verdict = { readonly kind: 'right'; readonly row: OneTimeCode } | { readonly kind: Miss };

/** A code that was tried lately may be tried again by a second click: so many are looked at to say so. */
const maxLookedAt = 10;

/**
 * Compares a code with those of a set that are live. The attempt is counted before that, by a transaction of its own, so that
 * of any number of guesses at once five are compared; see `Guesser` for whose. Throws `rate_limited` where there were too many of this user's codes.
 */
export async function guessCode(app: CodesApp, { set, code, attempt, address }: Guess): Promise<Verdict> {
  const given = normalize(code);
  const { network, apiKeyId, isProven } = attempt;
  const isKnown = network !== null && (await hasSignedInFrom(app, address, network));
  const tries: Tries = { set, given, by: { id: network ?? apiKeyId, isOwner: isKnown || isProven } };
  if (!(await canTry(app, tries))) return explainMiss(app, tries);
  const reservation = await app.signInLimits.reserveCode(attempt, isKnown);
  try {
    const verdict = await compare(app, tries);
    if (verdict.kind === 'right') await reservation.succeed();
    else if (verdict.kind !== 'wrong') await reservation.giveBack();
    return verdict;
  } catch (error) {
    await reservation.giveBack();
    throw error;
  }
}

interface Tries {
  readonly set: CodeSet;
  readonly given: string;
  readonly by: Guesser;
}

async function compare(app: CodesApp, tries: Tries): Promise<Verdict> {
  const { given } = tries;
  const tried = await countAttempt(app, tries);
  if (tried.length === 0) return explainMiss(app, tries);
  const [row] = tried.filter((candidate) => isCodeOf(app, candidate, given)); // each is compared, whichever it is
  return row ? { kind: 'right', row } : { kind: 'wrong' };
}

/** Whether there is something that this one can guess. What has expired is decided when the attempt is counted. */
async function canTry(app: CodesApp, { set, by }: Tries): Promise<boolean> {
  const { ownAttempts, attempts } = whereTriable(by, app.now());
  const OR = [ownAttempts, ...(attempts ? [attempts] : [])].map(({ expiresAt: _, ...where }) => where);
  return (await app.db.reader.oneTimeCode.count({ where: { ...set, OR } })) > 0;
}

/**
 * Counts an attempt at each code of the set that this one can still try, and answers those. The user is locked, so that no two
 * attempts count the same codes in another order.
 */
function countAttempt(app: CodesApp, { set, by }: Tries): Promise<OneTimeCode[]> {
  return app.db.transactionApart(async ({ statements, prisma }) => {
    await statements.lock([set.userId ?? '']);
    const { ownAttempts, attempts } = whereTriable(by, await statements.decidingTime(app.now()));
    const increment = { increment: 1 };
    const own = await prisma.oneTimeCode.updateManyAndReturn({
      where: { ...set, ...ownAttempts },
      data: { ownAttempts: increment },
    });
    if (!attempts) return own;
    const others = { where: { ...set, ...attempts }, data: { attempts: increment } };
    return [...own, ...(await prisma.oneTimeCode.updateManyAndReturn(others))];
  });
}

async function explainMiss(app: CodesApp, { set, given, by }: Tries): Promise<Verdict> {
  const rows = await app.db.reader.oneTimeCode.findMany({
    where: set,
    orderBy: { id: 'desc' },
    take: maxLookedAt,
  });
  const [newest] = rows;
  if (!newest) return { kind: 'none' };
  const typed = rows.filter((row) => isCodeOf(app, row, given));
  if (typed.some(({ usedAt }) => usedAt !== null)) return { kind: 'used' };
  if (isUsable(newest, app.now()) && triesOf(newest, by) >= maxAttempts) return { kind: 'exhausted' };
  return { kind: typed.length > 0 ? 'expired' : 'over' };
}

function isCodeOf(app: CodesApp, row: OneTimeCode, given: string): boolean {
  return timingSafeEqual(Buffer.from(digestOfCode(app, row, given)), Buffer.from(row.digest));
}

/** People type a code as they read it: in groups, or with the digits of their keyboard. */
function normalize(code: string): string {
  return code.normalize('NFKC').replaceAll(/[\s\p{Pd}]/gu, '');
}
