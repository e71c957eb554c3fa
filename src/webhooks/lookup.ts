import { promises as dns, type LookupAddress, lookup as lookupByHost } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** Asks for every address of a name. */
export type Resolve = (hostname: string) => Promise<LookupAddress[]>;

/** A server of names that is silent is asked for so long, in ms, and as often. */
const patience = { timeout: 2000, tries: 2 };

/** What a server of names says of a name that it does not have, or not of this kind. */
const isAbsent = (error: NodeJS.ErrnoException) => error.code === 'ENOTFOUND' || error.code === 'ENODATA';

/**
 * By the network, and not by the system's own function: that one holds one of the few threads which hash passwords for as long
 * as a server of names is silent. It is asked only for a name that the network does not know: one of the hosts file, say.
 */
export async function resolveByNetwork(hostname: string): Promise<LookupAddress[]> {
  const resolver = new dns.Resolver(patience);
  const [v4, v6] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
  const found = [...addressesOf(v4, 4), ...addressesOf(v6, 6)];
  if (found.length > 0) return found;
  for (const answer of [v4, v6]) if (answer.status === 'rejected' && !isAbsent(answer.reason)) throw answer.reason;
  return new Promise((resolve, reject) =>
    lookupByHost(hostname, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses))),
  );
}

function addressesOf(answer: PromiseSettledResult<string[]>, family: 4 | 6): LookupAddress[] {
  return answer.status === 'fulfilled' ? answer.value.map((address) => ({ address, family })) : [];
}

/**
 * What a socket asks for the addresses of a name, anew for each connection. It is told all of them, so that each is checked,
 * whichever it connects to.
 */
export function lookupWith(resolve: Resolve, assertAllowed: (address: string) => void): LookupFunction {
  async function find(hostname: string): Promise<LookupAddress[]> {
    const addresses = await resolve(hostname);
    for (const { address } of addresses) assertAllowed(address);
    return addresses;
  }
  return (hostname, { all }, callback) => {
    if (!all) return callback(new Error('A socket asks for all addresses.'), []);
    find(hostname).then(
      (addresses) => callback(null, addresses),
      (error) => callback(error, []),
    );
  };
}
