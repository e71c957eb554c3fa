import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { calculateJwkThumbprint, type JWK } from 'jose';
import type { Database, Prisma, SigningKey } from '../db/database.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { encryptPrivateKey } from './private-keys.ts';
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

/** Makes the first key, where there is none that signs. Two processes at once may make two; both are then accepted. */
export async function makeFirstSigningKey(db: Database, secrets: Secrets, now: Date): Promise<void> {
  const data = await newSigningKey(secrets, now);
  await db.transaction(async (tx) => {
    if (!(await tx.prisma.signingKey.findFirst({ where: { retiredAt: null } })))
      await tx.prisma.signingKey.create({ data });
  });
}

/**
 * Makes a key that signs from now on; answers its id. The ones before it are retired, or deleted when they are to be
 * `discarded`: then nothing that they have signed is accepted any more.
 */
export async function rotateSigningKeys(db: Database, secrets: Secrets, now: Date, discard: boolean): Promise<string> {
  const data = await newSigningKey(secrets, now);
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

async function newSigningKey(secrets: Secrets, createdAt: Date): Promise<Prisma.SigningKeyCreateInput> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
  const jwk = publicKey.export({ format: 'jwk' }) as JWK;
  const id = await calculateJwkThumbprint(jwk);
  return {
    id,
    publicKey: JSON.stringify({ ...jwk, kid: id, alg: 'ES256', use: 'sig' }),
    encryptedPrivateKey: encryptPrivateKey(privateKey, id, secrets),
    createdAt,
  };
}
