import type { App } from '../../src/app.ts';
import { firstIdAt } from '../../src/input/ids.ts';

const dayMs = 86_400_000;

let serial = 0;
const nextSerial = () => ++serial;

interface StoredSessions {
  readonly count: number;
  /** How many days ago they began; they last 30. */
  readonly daysAgo?: number;
  /** How many days ago they ended; absent: they did not. */
  readonly endedDaysAgo?: number;
  readonly userAgent?: string;
}

/** Sessions that are there already, from before there was a limit; answers their ids, oldest first. */
export async function storeSessions({ db }: App, userId: string, given: StoredSessions): Promise<string[]> {
  const { count, daysAgo = 1, endedDaysAgo, userAgent = null } = given;
  const days = (offset: number) => new Date(Date.now() - offset * dayMs);
  const createdAt = days(daysAgo);
  const data = Array.from({ length: count }, () => ({
    id: `${firstIdAt('session', createdAt).slice(0, -8)}${String(nextSerial()).padStart(8, '0')}`,
    userId,
    authMethod: 'password',
    userAgent,
    createdAt,
    updatedAt: createdAt,
    expiresAt: days(daysAgo - 30),
    endedAt: endedDaysAgo === undefined ? null : days(endedDaysAgo),
  }));
  await inBlocks(data, (block) => db.transaction((tx) => tx.prisma.session.createMany({ data: block })));
  return data.map(({ id }) => id);
}

/** Rows of refresh tokens of this session, from before tokens named their session. */
export async function storeRefreshTokens({ db }: App, sessionId: string, count: number): Promise<void> {
  const data = Array.from({ length: count }, (_, i) => {
    return { hash: `${sessionId} ${i}`, sessionId, createdAt: new Date(), usedAt: new Date() };
  });
  await inBlocks(data, (block) => db.transaction((tx) => tx.prisma.refreshToken.createMany({ data: block })));
}

async function inBlocks<Row>(rows: Row[], store: (block: Row[]) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < rows.length; from += 200) await store(rows.slice(from, from + 200));
}
