import { join } from 'node:path';
import { setImmediate as macrotask } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { SqliteDatabase } from '../../src/db/sqlite/driver.ts';
import { GroupCommit } from '../../src/db/sqlite/group-commit.ts';
import { connectTo, temporaryFolder } from '../support/database.ts';

function openNotes({ journalMode = 'WAL', busyTimeoutMs = 5000, assertInPlace = () => {} } = {}) {
  const file = join(temporaryFolder(), 'notes.db');
  const statements: string[] = [];
  const connection = new SqliteDatabase(file, { timeout: 0, verbose: (sql) => void statements.push(String(sql)) });
  onTestFinished(() => void connection.close());
  connection.exec(`PRAGMA journal_mode = ${journalMode}; CREATE TABLE notes (text TEXT UNIQUE)`);
  const groups = new GroupCommit(connection, busyTimeoutMs, assertInPlace);
  const other = connectTo(file);
  const insert = (text: string) => connection.prepare('INSERT INTO notes VALUES (?)').run(text);
  const notes = () => other.prepare('SELECT text FROM notes ORDER BY rowid').pluck().all();
  async function write(text: string) {
    const turn = await groups.begin();
    try {
      insert(text);
    } catch (error) {
      turn.rollback();
      throw error;
    }
    await turn.commit();
  }
  return { file, connection, groups, other, insert, notes, write, statements };
}

describe('a group', () => {
  test('shows nothing to other connections before its commit, also after the end of a turn', async () => {
    const { groups, insert, notes } = openNotes();
    const first = await groups.begin();
    insert('first');
    expect(notes()).toEqual([]);
    const second = groups.begin();
    const firstDone = first.commit();
    insert('second');
    expect(notes()).toEqual([]);
    await (await second).commit();
    expect(notes()).toEqual(['first', 'second']);
    await firstDone;
  });

  test('is answered only when its writes can be seen', async () => {
    const { write, notes } = openNotes();
    const texts = Array.from({ length: 200 }, (_, i) => `note ${i}`);
    const seen = await Promise.all(texts.map((text) => write(text).then(() => notes().includes(text))));
    expect(seen).not.toContain(false);
    expect(notes()).toEqual(texts);
  });

  test('loses with a turn that is rolled back only what that turn wrote', async () => {
    const { groups, insert, notes, write } = openNotes();
    const before = write('before');
    const turn = await groups.begin();
    insert('undone');
    const after = write('after');
    turn.rollback();
    await Promise.all([before, after]);
    expect(notes()).toEqual(['before', 'after']);
  });

  test('is not held up by a turn that begins and writes nothing', async () => {
    const { groups, connection, write, notes } = openNotes();
    (await groups.begin()).rollback();
    await write('after');
    expect(notes()).toEqual(['after']);
    await macrotask();
    expect(connection.inTransaction).toBe(false);
  });
});

describe('the first turn of a group', () => {
  test('is no savepoint, of which SQLite would keep a copy of every page that changes', async () => {
    const { write, statements } = openNotes();
    await write('alone');
    await macrotask();
    await Promise.all([write('first'), write('second')]);
    expect(statements.filter((sql) => /^(BEGIN|COMMIT|SAVEPOINT|RELEASE)/.test(sql))).toEqual([
      ...['BEGIN IMMEDIATE', 'COMMIT'],
      ...['BEGIN IMMEDIATE', 'SAVEPOINT turn', 'RELEASE turn', 'COMMIT'],
    ]);
  });

  test('is undone alone where it is rolled back, whatever has been written in turns before and is written after', async () => {
    const { groups, insert, notes, write } = openNotes();
    await write('before');
    const undone = await groups.begin();
    insert('undone');
    const after = [write('after'), write('after, too')];
    undone.rollback();
    await Promise.all(after);
    expect(notes()).toEqual(['before', 'after', 'after, too']);
  });
});

describe('a turn that is over', () => {
  test('takes nothing more, and ending it again harms no neighbour', async () => {
    const { groups, insert, notes } = openNotes();
    const over = await groups.begin();
    over.rollback();
    const neighbour = await groups.begin();
    insert('kept');
    over.rollback();
    await expect(over.commit()).rejects.toThrow('over');
    expect(() => over.assertOpen()).toThrow('over');
    expect(() => neighbour.assertOpen()).not.toThrow();
    await neighbour.commit();
    expect(notes()).toEqual(['kept']);
  });
});

describe('work alone', () => {
  test('has no transaction around it, and begins when the turns before it are committed', async () => {
    const { groups, connection, write, notes } = openNotes();
    const before = write('before');
    const found = groups.alone(() => ({ inTransaction: connection.inTransaction, notes: notes() }));
    const after = write('after');
    expect(await found).toEqual({ inTransaction: false, notes: ['before'] });
    await Promise.all([before, after]);
  });
});

describe('a file that another process holds', () => {
  test('is waited for without blocking this process', async () => {
    const { other, write, notes } = openNotes({ busyTimeoutMs: 20_000 });
    other.exec('BEGIN IMMEDIATE');
    const waiting = write('patient');
    await macrotask();
    setTimeout(() => other.exec('COMMIT'), 20); // never comes when the wait blocks the event loop
    await waiting;
    expect(notes()).toEqual(['patient']);
  });

  test('refuses the turn when it is not released in time; the next turn works', async () => {
    const { connection, other, write, notes } = openNotes({ busyTimeoutMs: 20 });
    other.exec('BEGIN IMMEDIATE');
    await expect(write('refused')).rejects.toMatchObject({ code: 'SQLITE_BUSY' });
    expect(connection.inTransaction).toBe(false);
    other.exec('COMMIT');
    await write('next');
    expect(notes()).toEqual(['next']);
  });

  test('at the COMMIT refuses the whole group and leaves no transaction open; the next one is durable', async () => {
    const { file, connection, other, write } = openNotes({ journalMode: 'DELETE', busyTimeoutMs: 20 });
    other.exec('BEGIN; SELECT * FROM notes');
    const refused = await Promise.allSettled([write('one'), write('two')]);
    expect(refused).toMatchObject(Array(2).fill({ status: 'rejected', reason: { code: 'SQLITE_BUSY' } }));
    expect(connection.inTransaction).toBe(false);
    other.exec('COMMIT');
    await write('next');
    connection.close();
    expect(connectTo(file).prepare('SELECT text FROM notes').pluck().all()).toEqual(['next']);
  });

  test('at the COMMIT is waited for without blocking this process', async () => {
    const { other, write, notes } = openNotes({ journalMode: 'DELETE', busyTimeoutMs: 20_000 });
    other.exec('BEGIN; SELECT * FROM notes');
    const waiting = write('patient');
    await macrotask();
    await macrotask();
    setTimeout(() => other.exec('COMMIT'), 20);
    await waiting;
    expect(notes()).toEqual(['patient']);
  });
});

describe('a group that SQLite itself undoes, as on a full disk', () => {
  test('is refused whole; what was acknowledged before stands, and the turns after it work', async () => {
    const { connection, write, notes } = openNotes();
    await write('acknowledged');
    connection.pragma(`max_page_count = ${connection.pragma('page_count', { simple: true })}`);
    const group = [write('neighbour'), write('too long'.repeat(5000))];
    const next = write('next');
    expect((await Promise.allSettled(group)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await next;
    expect(notes()).toEqual(['acknowledged', 'next']);
    connection.pragma('max_page_count = 1000000');
    await write('roomy'.repeat(5000));
    expect(notes()).toHaveLength(3);
  });

  test('takes no more statements of the turn that it happened in: they would stand by themselves', async () => {
    const { connection, groups, insert, write, notes } = openNotes();
    connection.pragma(`max_page_count = ${connection.pragma('page_count', { simple: true })}`);
    const turn = await groups.begin();
    expect(() => insert('too long'.repeat(5000))).toThrow('full');
    expect(() => turn.assertOpen()).toThrow('over');
    await expect(turn.commit()).rejects.toThrow();
    await write('next');
    expect(notes()).toEqual(['next']);
  });
});

describe('a file that is gone', () => {
  /** The check fails from this call on: it is asked before and after each COMMIT. */
  function failingFrom(call: number) {
    let calls = 0;
    return () => {
      calls += 1;
      if (calls >= call) throw new Error('gone');
    };
  }

  test('before the COMMIT undoes the group', async () => {
    const { write, notes, connection } = openNotes({ assertInPlace: failingFrom(3) });
    await write('kept');
    const refused = await Promise.allSettled([write('one'), write('two')]);
    expect(refused).toMatchObject(Array(2).fill({ status: 'rejected', reason: { message: 'gone' } }));
    expect(connection.inTransaction).toBe(false);
    expect(notes()).toEqual(['kept']);
  });

  test('during the COMMIT leaves open whether it was made: nothing is acknowledged', async () => {
    const { write, connection } = openNotes({ assertInPlace: failingFrom(4) });
    await write('kept');
    const [refused] = await Promise.allSettled([write('one')]);
    expect(refused).toMatchObject({
      status: 'rejected',
      reason: { name: 'UnansweredCommit', cause: { message: 'gone' } },
    });
    expect(connection.inTransaction).toBe(false);
  });
});
