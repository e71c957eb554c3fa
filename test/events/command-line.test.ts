import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { updateUser } from '../../src/users/update.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { type Recorded, readEvents } from '../support/events.ts';
import { roster, rosterProcess, startRoster } from '../support/processes.ts';
import { makeUser } from '../support/users.ts';
import { waitFor } from '../support/wait.ts';

/** More than two pages of the command line, and more than a pipe holds. */
const updates = 250;
const unknown = 'event_7ZZZZZZZZZZZZZZZZZZZZZZZZZ';
const expired = 'event_01E4ZCR3C56J083X43JQXF3JK5';

let t: TestApp;
let settings: Record<string, string>;
let events: Recorded[];

beforeAll(async () => {
  t = await createTestApp();
  t.app.start(); // on PostgreSQL, a running server gives events their positions
  settings = { DATABASE_URL: t.app.config.DATABASE_URL };
  const { id } = await makeUser(t.app);
  for (let i = 0; i < updates; i += 1) {
    await updateUser(t.app, 'roster', id, { name: `${i} ${'x'.repeat(200)}` });
  }
  events = await readEvents(t.app);
});
afterAll(() => t.close());

const linesOf = (text: string) => text.split('\n').filter(Boolean);
const textsOf = (of: readonly Recorded[]) => of.map(({ text }) => text);

/** What listens to signals has a process of its own. */
const runs = [
  ['list', roster],
  ['tail', rosterProcess],
] as const;

/** A command that goes on until it is stopped; killed after the test. */
function startTail(...options: string[]) {
  const started = startRoster(['events', 'tail', ...options], settings);
  onTestFinished(() => void started.child.kill('SIGKILL'));
  return started;
}

describe('events list', () => {
  test('prints everything that happened as lines of JSON, oldest first, through all pages', async () => {
    const { code, stdout, stderr } = await roster(['events', 'list'], settings);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(linesOf(stdout)).toEqual(textsOf(events));
  });

  test('prints what is of some types, after an event', async () => {
    const after = events[100] as Recorded;
    const { stdout } = await roster(['events', 'list', '--types', 'user.created', '--after', after.id], settings);
    expect(stdout).toBe('');
    const both = ['--types', 'user.created', 'user.updated', '--after', after.id];
    expect(linesOf((await roster(['events', 'list', ...both], settings)).stdout)).toEqual(textsOf(events.slice(101)));
  });

  test.each([
    [['--after', unknown], 'There is no event with this id.\n'],
    [['--after', 'nonsense'], 'There is no event with this id.\n'],
    [['--types', 'user.renamed'], "There is no type of event 'user.renamed'. The types are: user.created, "],
  ])('says what is wrong with %j in a sentence', async (options, sentence) => {
    for (const [command, run] of runs) {
      const { code, stdout, stderr } = await run(['events', command, ...options], settings);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr.startsWith(sentence), stderr).toBe(true);
      expect(linesOf(stderr)).toHaveLength(1);
    }
  });

  test('names the oldest event where the one before is no longer kept', async () => {
    for (const [command, run] of runs) {
      const { code, stderr } = await run(['events', command, '--after', expired], settings);
      expect(code).toBe(1);
      expect(stderr).toBe(`This event is no longer kept. The oldest that is kept is '${events[0]?.id}'.\n`);
    }
  });

  test.each(['list', 'tail'])('events %s ends quietly when whoever reads it has enough', async (command) => {
    const after = ['--after', events[0]?.id as string];
    const { PATH = '', HOME = '' } = process.env;
    const shell = `set -o pipefail; "${process.execPath}" dist/main.js events ${command} ${after.join(' ')} | head -n 1`;
    const child = spawn('bash', ['-c', shell], { env: { PATH, HOME, ...settings } });
    onTestFinished(() => void child.kill('SIGKILL'));
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (text) => (stdout += text));
    child.stderr.on('data', (text) => (stderr += text));
    if (command === 'tail') {
      // What is written after the reader is gone tells it so.
      const { id } = await makeUser(t.app);
      const writing = setInterval(() => void updateUser(t.app, 'roster', id, { name: `${Math.random()}` }), 100);
      onTestFinished(() => clearInterval(writing));
    }
    const [code] = await once(child, 'close');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(linesOf(stdout)).toEqual(textsOf(events.slice(1, 2)));
  });
});

describe('events tail', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('follows what happens after an event, and stops by %s', async (signal) => {
    const all = await readEvents(t.app);
    const tail = startTail('--after', all.at(-3)?.id as string, '--types', 'user.created', 'user.updated');
    await waitFor('what had happened', () => linesOf(tail.output()).length >= 2);
    const { id } = await makeUser(t.app);
    await updateUser(t.app, 'roster', id, { name: 'Ada' });
    await waitFor('what happened then', () => linesOf(tail.output()).length >= 4);
    tail.child.kill(signal);
    const { code, stdout, stderr } = await tail.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(linesOf(stdout)).toEqual(textsOf((await readEvents(t.app)).slice(all.length - 2)));
  });

  test('without an event to begin after: only what happens from then on', async () => {
    const tail = startTail();
    const made: string[] = [];
    await waitFor('the first line', async () => {
      made.push((await makeUser(t.app)).id);
      return linesOf(tail.output()).length > 0;
    });
    const [first] = linesOf(tail.output()).map((line) => JSON.parse(line));
    expect(made).toContain(first.data.id);
  });
});
