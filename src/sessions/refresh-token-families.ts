import type { DatabaseClient, RefreshTokenFamily, Session, Transaction } from '../db/database.ts';
import {
  firstToken,
  hashToken,
  isAuthentic,
  isRowToken,
  parseRefreshToken,
  type TokenParts,
} from './refresh-tokens.ts';

/** A refresh token that a session gave out, be it used or not. */
export interface Presented extends TokenParts {
  readonly text: string;
  readonly session: Session;
}

/** The session that gave this token out, and which of its tokens it is; null for one that nobody gave out. */
export async function findPresented(reader: DatabaseClient, text: string): Promise<Presented | null> {
  const parts = parseRefreshToken(text);
  if (!parts) return isRowToken(text) ? findByRow(reader, text) : null;
  const family = await reader.refreshTokenFamily.findUnique({
    where: { sessionId: parts.sessionId },
    include: { session: true },
  });
  return family && isAuthentic(family, text) ? { ...parts, text, session: family.session } : null;
}

/** A token from before tokens named their session comes before the first of those that do. */
async function findByRow(reader: DatabaseClient, text: string): Promise<Presented | null> {
  const row = await reader.refreshToken.findUnique({ where: { hash: hashToken(text) } });
  const session = row && (await reader.session.findUnique({ where: { id: row.sessionId } }));
  return session ? { sessionId: session.id, number: 0, text, session } : null;
}

/** Within a transaction: the family of a token. A session whose tokens are rows so far has one that begins with them. */
export async function readFamily(tx: Transaction, { sessionId, text }: Presented): Promise<RefreshTokenFamily> {
  const stored = await tx.prisma.refreshTokenFamily.findUnique({ where: { sessionId } });
  if (stored) return stored;
  const row = await tx.prisma.refreshToken.findUnique({ where: { hash: hashToken(text) } });
  const { family } = firstToken(sessionId, row?.createdAt ?? new Date(0));
  return { ...family, hash: row && !row.usedAt ? row.hash : '' };
}

/** Within a transaction: stores the newest token of a family, in the place of the one that was exchanged for it. */
export async function storeNewest(
  tx: Transaction,
  family: RefreshTokenFamily,
  { sessionId, number, text }: Presented,
): Promise<void> {
  const { createdAt } = family;
  await tx.prisma.refreshTokenFamily.upsert({ where: { sessionId }, create: family, update: family });
  if (number === 0)
    await tx.prisma.refreshToken.updateMany({ where: { hash: hashToken(text) }, data: { usedAt: createdAt } });
}
