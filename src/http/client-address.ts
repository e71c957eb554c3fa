import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv6 } from 'node:net';

/**
 * The address of whoever asks. Each proxy adds to the right end of `X-Forwarded-For` whom it was asked by, and what stands
 * further to the left the client may have written itself. So the entry is counted from the right, one for each proxy.
 */
export function clientAddress(incoming: IncomingMessage, trustedProxies: number): string | undefined {
  const { remoteAddress } = incoming.socket;
  if (trustedProxies === 0) return remoteAddress;
  const entries = (incoming.headersDistinct['x-forwarded-for'] ?? []).join(',').split(',');
  const address = withoutPort(entries.slice(-trustedProxies)[0] ?? '');
  return isIP(address) ? address : remoteAddress;
}

/** Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function withoutPort(entry: string): string {
  return entry
    .trim()
    .replace(/^\[(.+)\](:\d+)?$/, '$1')
    .replace(/^([\d.]+):\d+$/, '$1');
}

/** It finds the IPv4 addresses that are written as IPv6 ones, too. */
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether a connection comes from this machine itself. */
export function isLoopback(address: string | undefined): boolean {
  return address !== undefined && loopback.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
