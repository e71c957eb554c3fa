import { networkOf } from '../principal/network.ts';
import type { SessionsApp } from './sessions-app.ts';

/** The newest sessions that are looked at. */
const maxSessions = 100;

/** Whether the user of this address has signed in from this network, as far as their sessions are still kept. */
export async function hasSignedInFrom(app: SessionsApp, canonicalEmail: string, network: string): Promise<boolean> {
  const user = await app.db.reader.user.findUnique({ where: { emailCanonical: canonicalEmail }, select: { id: true } });
  const sessions = await app.db.reader.session.findMany({
    where: { userId: user?.id ?? '', ipAddress: { not: null } }, // as much work for an address that nobody has
    orderBy: { id: 'desc' },
    take: maxSessions,
    select: { ipAddress: true },
  });
  return sessions.some(({ ipAddress }) => ipAddress !== null && networkOf(ipAddress) === network);
}
