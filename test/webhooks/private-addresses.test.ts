import { createHook } from 'node:async_hooks';
import { isIPv6 } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createSender, type SenderOptions } from '../../src/webhooks/sender.ts';
import { startReceiver } from '../support/receiver.ts';

const notPublic = { status: null, reason: 'The address of the host is not a public one.', answer: null };
const never = new AbortController().signal;

/** By what they are: loopback, private, link-local, of carriers, multicast, reserved; of IPv6 also all that lead to one of IPv4. */
const addresses = [
  ...['127.0.0.1', '127.1.2.3', '0.0.0.0', '0.1.2.3', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
  ...['169.254.169.254', '100.64.0.1', '192.0.0.1', '192.0.2.1', '198.18.0.1', '198.51.100.1', '203.0.113.1'],
  ...['192.88.99.1', '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255'],
  ...['::1', '::', 'fe80::1', 'fec0::1', 'fc00::1', 'fd12:3456::1', 'ff02::1', '100::1', '2001:db8::1', '3fff::1'],
  ...['::ffff:127.0.0.1', '::ffff:10.0.0.1', '::ffff:169.254.169.254', '::127.0.0.1', '::ffff:0:127.0.0.1'],
  ...['64:ff9b::7f00:1', '64:ff9b::a9fe:a9fe', '64:ff9b:1::7f00:1', '2002:7f00:1::', '2001:0:7f00:1::'],
];

/** Other ways to write addresses of IPv4, which URLs know. */
const spellings = [
  '2130706433',
  '0x7f000001',
  '0177.0.0.1',
  '127.1',
  '0x7f.1',
  '0',
  '①②⑦.0.0.1',
  '127.0.0.1.',
  'LOCALHOST',
];

const asHost = (address: string) => (isIPv6(address) ? `[${address}]` : address);

/** Counts the connections that this process tries to open. */
function watchConnects(): () => number {
  let count = 0;
  const hook = createHook({
    init(_id, type) {
      if (type === 'TCPCONNECTWRAP') count += 1;
    },
  }).enable();
  onTestFinished(() => void hook.disable());
  return () => count;
}

function openSender(options: Partial<SenderOptions> = {}) {
  const sender = createSender({ mayBePrivate: () => false, timeouts: { totalMs: 3000, connectMs: 500 }, ...options });
  onTestFinished(sender.close);
  return (url: string) => sender.send({ url, headers: {}, body: '{}' }, never);
}

const resolvingTo =
  (...found: string[]) =>
  async () =>
    found.map((address) => ({ address, family: isIPv6(address) ? (6 as const) : (4 as const) }));

describe('nothing is contacted', () => {
  test.each([...addresses.map(asHost), ...spellings])('at %s in the URL', async (host) => {
    const connects = watchConnects();
    expect(await openSender()(`https://${host}:8443/`)).toMatchObject(notPublic);
    expect(connects()).toBe(0);
  });

  test.each(addresses)('at %s by its name', async (address) => {
    const connects = watchConnects();
    expect(await openSender({ resolve: resolvingTo(address) })('https://hooks.example/')).toMatchObject(notPublic);
    expect(connects()).toBe(0);
  });

  test.each([
    [['8.8.8.8', '127.0.0.1']],
    [['127.0.0.1', '8.8.8.8']],
    [['2606:4700::1111', '10.0.0.1']],
    [['8.8.8.8', '::ffff:127.0.0.1']],
    [['2606:4700::1111', '8.8.8.8', 'fe80::1']],
  ])('where a name has public and private addresses: %j', async (found) => {
    const connects = watchConnects();
    expect(await openSender({ resolve: resolvingTo(...found) })('https://hooks.example/')).toMatchObject(notPublic);
    expect(connects()).toBe(0);
  });

  test('without TLS, wherever it is', async () => {
    const connects = watchConnects();
    const reason = 'The URL does not begin with https://.';
    expect(await openSender()('http://127.0.0.1/')).toMatchObject({ status: null, reason });
    expect(await openSender({ resolve: resolvingTo('8.8.8.8') })('http://hooks.example/')).toMatchObject({ reason });
    expect(connects()).toBe(0);
  });
});

test('a name that changes between the check and the connection is connected to at the address that was checked', async () => {
  const receiver = await startReceiver({ isSecure: true });
  const unrouted = '2d00::1'; // of the public range, and nobody's
  let asked = 0;
  const resolve = async () => {
    asked += 1;
    return asked === 1 ? resolvingTo(unrouted)() : resolvingTo('127.0.0.1')();
  };
  const post = openSender({ resolve, ca: receiver.ca });
  const url = `https://roster:${receiver.port}/`;
  const first = await post(url);
  expect([first.status, asked]).toEqual([null, 1]);
  expect(first.reason).not.toBe(notPublic.reason);
  expect(await post(url)).toMatchObject(notPublic);
  expect(receiver.connections()).toBe(0);
});

test('a host that was allowed by name is contacted, and no other', async () => {
  const receiver = await startReceiver();
  const post = openSender({ mayBePrivate: (host) => host === 'hooks.internal', resolve: resolvingTo('127.0.0.1') });
  expect(await post(`http://hooks.internal:${receiver.port}/`)).toMatchObject({ status: 200 });
  expect(await post(`https://other.internal:${receiver.port}/`)).toMatchObject(notPublic);
  expect(receiver.connections()).toBe(1);
});

test('a redirect of an allowed host does not lead to one that is not', async () => {
  const [inner, receiver] = [await startReceiver(), await startReceiver()];
  const mayBePrivate = (host: string) => host === 'hooks.internal';
  receiver.answer((response) => response.writeHead(307, { Location: inner.url }).end());
  const post = openSender({ mayBePrivate, resolve: resolvingTo('127.0.0.1') });
  expect(await post(`http://hooks.internal:${receiver.port}/`)).toMatchObject({ status: 307 });
  expect(inner.connections()).toBe(0);
});
