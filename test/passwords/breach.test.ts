import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { isBreached } from '../../src/passwords/breach.ts';

// SHA-1('password') is 5BAA6 1E4C9B93F3F0682250B6CF8331B7EE68FD8; the neighbours are from the real range.
const range = [
  '1D2DA4053E34E76F6576ED1DA63134B5E2A:2',
  '1D72CD07550416C216D8AD296BF5C0AE8E0:10',
  '1E4C9B93F3F0682250B6CF8331B7EE68FD8:10434004',
  '1E5B6F1F9B0F8C7F3C3F1A2B3C4D5E6F708:0',
].join('\r\n');

async function ask(password: string, listener: RequestListener, timeoutMs = 2000) {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const failures: string[] = [];
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/range`;
  try {
    const breached = await isBreached(password, { url, timeoutMs, onFailure: (reason) => failures.push(reason) });
    return { breached, failures, requests };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const answer =
  (body: string, status = 200): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'text/plain' }).end(body);
  };

test('a breached password is found, and only five digits of its SHA-1 are sent, with padding asked for', async () => {
  const { breached, failures, requests } = await ask('password', answer(range));
  expect({ breached, failures }).toEqual({ breached: true, failures: [] });
  expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /range/5BAA6']);
  expect(requests[0]?.headers['add-padding']).toBe('true');
});

test('a password that is not in the range is not breached', async () => {
  expect(await ask('not in this range', answer(range))).toMatchObject({ breached: false, failures: [] });
});

test('a line of the padding, whose count is 0, is not a breach', async () => {
  const padded = range.replace(':10434004', ':0');
  expect(await ask('password', answer(padded))).toMatchObject({ breached: false, failures: [] });
});

test.each<[string, RequestListener, RegExp]>([
  ['a server error', answer('busy', 503), /503/],
  ['too many requests', answer('slow down', 429), /429/],
  ['something else than a range', answer('<html>captive portal</html>'), /not a range/],
  ['an empty answer', answer(''), /not a range/],
  ['a cut connection', (request) => request.socket.destroy(), /could not be reached/],
  [
    'a redirection',
    (_request, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    /could not be reached/,
  ],
])('%s lets the password pass and is reported', async (_name, listener, reason) => {
  const { breached, failures } = await ask('password', listener);
  expect(breached).toBe(false);
  expect(failures).toEqual([expect.stringMatching(reason)]);
  expect(failures.join()).not.toMatch(/5BAA6|1E4C9|range\//);
});

test('a server that does not answer lets the password pass when the time is over', async () => {
  const { breached, failures } = await ask('password', () => {}, 50);
  expect({ breached, failures }).toEqual({ breached: false, failures: ['it did not answer within 50 ms'] });
});

test('a server that never finishes its answer does too', async () => {
  const { breached, failures } = await ask('password', (_request, response) => void response.write(range), 100);
  expect({ breached, failures }).toEqual({ breached: false, failures: ['it did not answer within 100 ms'] });
});

test('a slash at the end of the address makes no difference', async () => {
  const asked: string[] = [];
  const fetchRange: typeof fetch = async (input) => {
    asked.push(String(input));
    return new Response(range);
  };
  const check = { url: 'https://example.test/range/', timeoutMs: 100, onFailure: () => {}, fetch: fetchRange };
  expect(await isBreached('password', check)).toBe(true);
  expect(asked).toEqual(['https://example.test/range/5BAA6']);
});
