import { BlockList, isIPv6 } from 'node:net';

/** All of IPv6 that is given out to be reached from anywhere (RFC 4291, 2.4, and IANA's registry). */
const global = new BlockList();
global.addSubnet('2000::', 3, 'ipv6');

/**
 * Whether an address may be a public one. Within these ranges, and those of IPv4, request-filtering-agent knows the exceptions;
 * outside it takes for public what is not, such as the addresses of IPv4 that are written as `::7f00:1`.
 */
export function mayBePublic(address: string): boolean {
  return !isIPv6(address) || global.check(address, 'ipv6');
}
