import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { newTestDatabase } from '../support/processes.ts';
import { waitFor } from '../support/wait.ts';

interface Started {
  readonly command: ChildProcess;
  readonly output: () => string;
  readonly url: string;
}

/** The server as a newcomer or a supervisor starts it, in a process group of its own. Resolves when it listens. */
async function start(command: string, ...args: string[]): Promise<Started> {
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, DATABASE_URL: newTestDatabase().url, PORT: '0' };
  const child = spawn(command, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => killGroup(child, 'SIGKILL'));
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const url = await waitFor('the welcome', () => /GraphiQL +(http:\/\/[^/]+)/.exec(output)?.[1]);
  return { command: child, output: () => output, url };
}

function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(-(pid as number), signal);
  } catch {} // everybody in it has ended
}

const answers = ({ url }: Started) =>
  fetch(`${url}/health`).then(
    () => true,
    () => false,
  );

const commands: [name: string, args: string[]][] = [
  ['npm start', ['npm', 'start']],
  ['npx roster serve', ['npx', 'roster', 'serve']],
];

test.each(commands)('SIGTERM to `%s` stops the server, gracefully', async (_name, [command = '', ...args]) => {
  const started = await start(command, ...args);
  expect(await answers(started)).toBe(true);
  started.command.kill('SIGTERM');
  await waitFor('the server to end', async () => !(await answers(started)));
  expect(started.output()).toContain('the requests in flight finish');
});

test('`npm start` ends only when the server has ended', async () => {
  const started = await start('npm', 'start');
  started.command.kill('SIGTERM');
  await once(started.command, 'exit');
  expect(await answers(started)).toBe(false);
});

test('a server whose npm was killed does not stay behind', async () => {
  const started = await start('npm', 'start');
  started.command.kill('SIGKILL');
  await waitFor('the server to end', async () => !(await answers(started)));
});

test('Ctrl-C, which a terminal sends to npm and to the server, and npm to the server again, lets it stop gracefully', async () => {
  const started = await start('npm', 'start');
  killGroup(started.command, 'SIGINT');
  const [code] = await once(started.command, 'exit');
  expect({ code, output: started.output() }).toMatchObject({ code: 0 });
  expect(started.output().match(/the requests in flight finish/g)).toHaveLength(1);
});
