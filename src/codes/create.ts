import { createHash, randomBytes, randomInt } from 'node:crypto';
import type { OneTimeCode, Transaction, User } from '../db/database.ts';
import { newId } from '../input/ids.ts';
import type { Requester } from '../limits/send-limits.ts';
import type { CodesApp } from './codes-app.ts';
import { maxAttempts, setOf, whereLive } from './live.ts';
import { type CodePurpose, purposes, type TokenPurpose, type TypedPurpose } from './purposes.ts';

/** So many codes of a set can be live: mails may come late, or in another order than they were sent. */
const maxLiveCodes = 3;

/** For whom something is given out, and about which address. */
export interface Holder {
  /** Null for a decoy, where nobody has the address. */
  readonly userId: string | null;
  readonly email: string;
  readonly emailCanonical: string;
}

/** The user, with the address of their own. */
export function holderOf({ id: userId, email, emailCanonical }: User): Holder {
  return { userId, email, emailCanonical };
}

/** Who has asked for it, as limits see them: a network, or the id of an API key; null is Roster itself. */
export interface RequestedBy {
  readonly requester: Requester;
  readonly id: string | null;
}

/** What was stored, and what only its holder is to know: six digits or a token. */
export interface Made {
  readonly row: OneTimeCode;
  readonly secret: string;
}

/** What strangers have asked for makes room first: they could else end what the user has. */
const ranks: Readonly<Record<string, number>> = { stranger: 0, backend: 1, owner: 2 } satisfies Record<
  Requester,
  number
>;

/**
 * Within a transaction that has locked the user: makes a code. Up to three are live together, and a further one ends the oldest of
 * those that strangers asked for, or else the oldest; what was tried of those counts for the new one, too. Only after the last try
 * does a new code begin anew. An address that nobody has is treated alike, or it could be told from others.
 */
export async function createCode(
  app: CodesApp,
  tx: Transaction,
  purpose: TypedPurpose,
  holder: Holder,
  by: RequestedBy,
): Promise<Made> {
  const now = await tx.statements.decidingTime(app.now());
  const where = { ...setOf(purpose, holder), ...whereLive(now) };
  const live = await tx.prisma.oneTimeCode.findMany({ where, orderBy: { id: 'desc' } });
  const worthKeeping = live.toSorted((a, b) => (ranks[b.requester] ?? 0) - (ranks[a.requester] ?? 0));
  const surplus = worthKeeping.slice(maxLiveCodes - 1).map(({ id }) => id);
  if (surplus.length > 0) {
    const data = { endedAt: now, sealed: null };
    await tx.prisma.oneTimeCode.updateMany({ where: { id: { in: surplus } }, data });
  }
  const secret = String(randomInt(0, 1_000_000)).padStart(6, '0');
  return store(app, tx, { purpose, holder, secret, now, by, ...triedSoFar(live, by) });
}

/** What a new code goes on with. */
function triedSoFar(live: readonly OneTimeCode[], { requester, id }: RequestedBy) {
  const isOwn = (code: OneTimeCode) =>
    code.requestedBy === id || (requester === 'owner' && code.requester === requester);
  const most = (counts: readonly number[]) => Math.max(0, ...counts.filter((count) => count < maxAttempts));
  return {
    attempts: most(live.map(({ attempts }) => attempts)),
    ownAttempts: most(live.filter(isOwn).map(({ ownAttempts }) => ownAttempts)),
  };
}

/** Within a transaction: makes a token of 256 random bits. Earlier ones stay as they are. */
export async function createToken(
  app: CodesApp,
  tx: Transaction,
  purpose: TokenPurpose,
  holder: Holder,
): Promise<Made> {
  const now = await tx.statements.decidingTime(app.now());
  const secret = randomBytes(32).toString('base64url');
  return store(app, tx, { purpose, holder, secret, now });
}

interface New {
  readonly purpose: CodePurpose;
  readonly holder: Holder;
  readonly secret: string;
  readonly now: Date;
  /** Of a code alone: nobody guesses a token. */
  readonly by?: RequestedBy;
  readonly attempts?: number;
  readonly ownAttempts?: number;
}

async function store(
  app: CodesApp,
  tx: Transaction,
  { purpose, holder, secret, now, by, ...counts }: New,
): Promise<Made> {
  const { id, createdAt } = newId(purpose, now);
  const { form, isShown } = purposes[purpose];
  const { userId, email, emailCanonical } = holder;
  const row = await tx.prisma.oneTimeCode.create({
    data: {
      id,
      purpose,
      userId,
      email,
      emailCanonical,
      digest: form === 'code' ? digestOfCode(app, { id, purpose }, secret) : digestOfToken(secret),
      sealed: isShown && userId !== null ? app.secrets.sealSecret('codes', id, secret) : null,
      ...counts,
      ...(by && { requester: by.requester, requestedBy: by.id }),
      createdAt,
      expiresAt: new Date(now.getTime() + lifeMinutesOf(app, purpose) * 60_000),
    },
  });
  return { row, secret };
}

function lifeMinutesOf({ config }: CodesApp, purpose: CodePurpose): number {
  return purpose === 'email_verification' ? config.EMAIL_VERIFICATION_CODE_MINUTES : purposes[purpose].lifeMinutes;
}

/** Keyed: six digits are soon tried out by whoever has the database. Bound to the row, so that no other code equals it. */
export function digestOfCode(
  { secrets }: Pick<CodesApp, 'secrets'>,
  { id, purpose }: Pick<OneTimeCode, 'id' | 'purpose'>,
  code: string,
): string {
  return secrets.hmacOf('codes', purpose, id, code);
}

/** A plain hash is enough for 256 random bits. */
export function digestOfToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
