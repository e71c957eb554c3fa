import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startService } from '../../src/commands/serve.ts';
import { newMigratedDatabase, newTestDatabase, production, recordingTerminal, roster } from '../support/processes.ts';
import { serveHere, startServerProcess } from '../support/server.ts';
import { dumpTables } from '../support/tables.ts';

async function start(settings: Record<string, string>) {
  const server = await serveHere(settings);
  onTestFinished(server.dispose);
  return server;
}

async function takePort(): Promise<string> {
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await new Promise((resolve) => other.once('listening', resolve));
  return String((other.address() as AddressInfo).port);
}

test('a bad configuration: every problem at once, no stack, nothing made', async () => {
  const { url, file } = newTestDatabase();
  const { code, stdout, stderr } = await roster(['serve'], { DATABASE_URL: url, PORT: 'abc', LOG_LEVEL: 'loud' });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^The configuration has problems:\n {2}PORT: .+\n {2}LOG_LEVEL: .+\n$/);
  expect(stderr).not.toMatch(/^ +at /m);
  expect(() => dumpTables(file)).toThrow();
});

test.each([
  ['a port that is taken', async () => ({ PORT: await takePort() }), /EADDRINUSE.*Set HOST and PORT/],
  ['an address that is not ours', async () => ({ HOST: '192.0.2.1', PORT: '0' }), /EADDRNOTAVAIL.*Set HOST and PORT/],
  ['a host that is none', async () => ({ HOST: 'nonsense.invalid', PORT: '0' }), /(ENOTFOUND|EAI_AGAIN).*Set HOST/],
])('%s: one sentence, and the key of a new database is not lost', async (_what, settings, expected) => {
  const { url } = newTestDatabase();
  const { code, stderr, stdout } = await roster(['serve'], {
    DATABASE_URL: url,
    LOG_LEVEL: 'error',
    ...(await settings()),
  });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^Cannot listen: [^\n]+\n$/);
  expect(stderr).toMatch(expected);
  const server = await start({ DATABASE_URL: url });
  expect(server.key).toMatch(/^sk_/);
});

test('a database in a folder that there is not: one sentence', async () => {
  const { code, stderr } = await roster(['serve'], { DATABASE_URL: 'file:/nonexistent/folder/roster.db', PORT: '0' });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^[^\n]+\n$/);
  expect(stderr).toContain('/nonexistent/folder');
});

test('the first start makes a development key and prints it; the second makes none', async () => {
  const { url, file } = newTestDatabase();
  const first = await start({ DATABASE_URL: url });
  expect(first.key).toMatch(/^sk_/);
  await first.stop();
  const second = await start({ DATABASE_URL: url });
  expect(second.key).toBe('');
  expect(second.output()).toContain('node dist/main.js api-key create NAME');
  expect(dumpTables(file).api_keys).toMatchObject([{ name: 'development' }]);
});

test('the welcome names the database, and says what becomes of mail', async () => {
  const server = await startServerProcess();
  onTestFinished(server.dispose);
  expect(server.output()).toContain(`  Database   ${server.file}\n  Mail       not sent, but printed here\n`);
});

test('with NODE_ENV=production no key is made', async () => {
  const server = await start(production);
  expect(server.key).toBe('');
  expect(dumpTables(server.file).api_keys).toEqual([]);
});

test('a time-out of requests that is shorter than that of headers still starts', async () => {
  const server = await start({ REQUEST_TIMEOUT_MS: '1000', HEADERS_TIMEOUT_MS: '5000' });
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});

test('a mistyped setting gets a warning in the log of the server, and on the error output of a command', async () => {
  const server = await start({ DATABSE_URL: 'file:./elsewhere.db' });
  const sentence = 'DATABSE_URL: there is no such setting; perhaps DATABASE_URL is meant';
  expect(server.output()).toContain(sentence);
  const settings = { DATABASE_URL: server.databaseUrl, DATABSE_URL: 'x' };
  expect(await roster(['api-key', 'list'], settings)).toMatchObject({ code: 0, stderr: `Warning: ${sentence}.\n` });
});

test('whoever is told that it listens finds it ready for a signal', async () => {
  const database = newMigratedDatabase();
  onTestFinished(database.remove);
  const terminal = recordingTerminal({ PORT: '0', DATABASE_URL: database.url });
  let toldBefore: string | null = null;
  const { server } = await startService(
    terminal,
    {},
    {
      listening: () => {
        toldBefore = terminal.stdout.text;
      },
    },
  );
  onTestFinished(() => server.stop());
  expect(toldBefore).not.toBeNull();
  expect(toldBefore).not.toContain('Roster is running.');
  expect(terminal.stdout.text).toContain('Roster is running.');
});
