import { networkOf } from '../principal/network.ts';
import type { SessionsApp } from './sessions-app.ts';

/**
 * Whether the user of this address has signed in from this network, as far as their sessions are still kept, or has set a password
 * there within the last day by a link that was mailed to them. It takes as long for an address that nobody has.
 */
export async function hasSignedInFrom(app: SessionsApp, canonicalEmail: string, network: string): Promise<boolean> {
  const user = await app.db.reader.user.findUnique({ where: { emailCanonical: canonicalEmail }, select: { id: true } });
  const userId = user?.id ?? '';
  const [addresses, resets] = await Promise.all([
    app.db.reader.session.groupBy({ by: ['ipAddress'], where: { userId, ipAddress: { not: null } } }),
    app.db.reader.oneTimeCode.count({ where: { userId, purpose: 'password_reset', usedFrom: network } }),
  ]);
  return resets > 0 || addresses.some(({ ipAddress }) => ipAddress !== null && networkOf(ipAddress) === network);
}
