import type { JWK } from 'jose';
import type { Database, SigningKey } from '../db/database.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { newSigningKey, type TokenAlgorithm } from './new-signing-key.ts';
import { accessTokenSeconds, clockToleranceSeconds, signingKeyMaxAgeMs } from './token-times.ts';

/** A retired key has signed its last token when every process knows of it, and that token is refused after this long. */
const acceptedMs = signingKeyMaxAgeMs + (accessTokenSeconds + clockToleranceSeconds) * 1000;

/** When the last token that this key has signed is refused; null while it signs. */
export function acceptedUntil({ retiredAt }: SigningKey): Date | null {
  return retiredAt && new Date(retiredAt.getTime() + acceptedMs);
}

/** Every stored key, the one that signs first. */
export function readSigningKeys(db: Database): Promise<SigningKey[]> {
  return db.reader.signingKey.findMany({
    orderBy: [{ retiredAt: { sort: 'desc', nulls: 'first' } }, { createdAt: 'desc' }, { id: 'asc' }],
  });
}

/** What a key signs with. */
export function algorithmOf({ publicKey }: Pick<SigningKey, 'publicKey'>): TokenAlgorithm {
  return (JSON.parse(publicKey) as JWK).alg as TokenAlgorithm;
}

/**
 * Makes a key of this algorithm, where none of it signs, and retires those that sign with another one. Two processes at once
 * may make two; both are then accepted.
 */
export async function makeMissingSigningKey(
  db: Database,
  secrets: Secrets,
  algorithm: TokenAlgorithm,
  now: Date,
): Promise<void> {
  const data = await newSigningKey(algorithm, secrets, now);
  await db.transaction(async (tx) => {
    const signing = await tx.prisma.signingKey.findMany({ where: { retiredAt: null } });
    const ids = signing.filter((key) => algorithmOf(key) !== algorithm).map(({ id }) => id);
    await tx.prisma.signingKey.updateMany({ where: { id: { in: ids } }, data: { retiredAt: now } });
    if (ids.length === signing.length) await tx.prisma.signingKey.create({ data });
  });
}

/**
 * Makes a key that signs from now on; answers its id. The ones before it are retired, or deleted when they are to be
 * `discarded`: then nothing that they have signed is accepted any more.
 */
export async function rotateSigningKeys(
  db: Database,
  secrets: Secrets,
  now: Date,
  { algorithm, discard = false }: { readonly algorithm: TokenAlgorithm; readonly discard?: boolean },
): Promise<string> {
  const data = await newSigningKey(algorithm, secrets, now);
  await db.transaction(async (tx) => {
    if (discard) await tx.prisma.signingKey.deleteMany();
    await tx.prisma.signingKey.updateMany({ where: { retiredAt: null }, data: { retiredAt: now } });
    await tx.prisma.signingKey.create({ data });
  });
  return data.id;
}

/** Deletes the keys that retired so long ago that nothing they have signed is accepted any more; answers how many. */
export async function removeOutdatedSigningKeys(db: Database, now: Date): Promise<number> {
  const where = { retiredAt: { lt: new Date(now.getTime() - acceptedMs) } };
  return (await db.transaction((tx) => tx.prisma.signingKey.deleteMany({ where }))).count;
}
