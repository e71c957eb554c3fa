import { createHash, randomBytes, randomInt } from 'node:crypto';
import type { OneTimeCode, Transaction, User } from '../db/database.ts';
import { newId } from '../input/ids.ts';
import type { CodesApp } from './codes-app.ts';
import { setOf, whereLive } from './live.ts';
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

/** What was stored, and what only its holder is to know: six digits or a token. */
export interface Made {
  readonly row: OneTimeCode;
  readonly secret: string;
}

/**
 * Within a transaction that has locked the user: makes a code. Up to three are live together, and a further one ends the oldest;
 * what was tried of those counts for the new one, too. Only after the last try does a new code begin anew.
 */
export async function createCode(app: CodesApp, tx: Transaction, purpose: TypedPurpose, holder: Holder): Promise<Made> {
  const now = await tx.statements.decidingTime(app.now());
  const where = { ...setOf(purpose, holder), ...whereLive(now) };
  const live = await tx.prisma.oneTimeCode.findMany({ where, orderBy: { id: 'desc' } });
  const most = holder.userId === null ? 1 : maxLiveCodes; // nobody waits for the mail of a decoy
  const surplus = live.slice(most - 1).map(({ id }) => id);
  if (surplus.length > 0) {
    const data = { endedAt: now, sealed: null };
    await tx.prisma.oneTimeCode.updateMany({ where: { id: { in: surplus } }, data });
  }
  const secret = String(randomInt(0, 1_000_000)).padStart(6, '0');
  const attempts = Math.max(0, ...live.map((code) => code.attempts));
  return store(app, tx, { purpose, holder, secret, attempts, now });
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
  return store(app, tx, { purpose, holder, secret, attempts: 0, now });
}

interface New {
  readonly purpose: CodePurpose;
  readonly holder: Holder;
  readonly secret: string;
  readonly attempts: number;
  readonly now: Date;
}

async function store(app: CodesApp, tx: Transaction, { purpose, holder, secret, attempts, now }: New): Promise<Made> {
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
      attempts,
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
