/**
 * What the thread of `openBulkInserts` runs: JavaScript, which is the same for Node and for the tests. It has a connection of its
 * own, and may wait.
 *
 * There is no savepoint for each batch, of which SQLite would keep a copy of every page that changes: what a refused batch
 * has added is removed again. Between two transactions it pauses for longer than it takes until another process of Roster
 * that waits for the file looks again.
 */
export const bulkThread = `
const { parentPort, workerData: data } = require('node:worker_threads');
const Database = require(data.driver);
const pauseMs = 20;

const connection = new Database(data.path, { fileMustExist: true, timeout: data.busyTimeoutMs });
for (const pragma of [
  'foreign_keys = ON',
  'synchronous = ' + data.synchronous,
  'wal_autocheckpoint = 0',
  'temp_store = MEMORY',
  'cache_size = -' + data.cacheKiB,
]) connection.pragma(pragma);
const inserts = data.inserts.map((sql) => connection.prepare(sql));
const remove = connection.prepare('DELETE FROM users WHERE id IN (SELECT value FROM json_each(?))');
const advance = connection.prepare(
  'UPDATE imports SET records = ?, counts = ?, updated_at = ?, locked_until = ? WHERE id = ? AND locked_by = ?',
);
const commitsOfOthers = connection.prepare('PRAGMA data_version').pluck();
const lookAtLog = connection.prepare('PRAGMA wal_checkpoint(NOOP)');
const checkpoint = connection.prepare('PRAGMA wal_checkpoint(PASSIVE)');
const [begin, commit, rollback] = ['BEGIN IMMEDIATE', 'COMMIT', 'ROLLBACK'].map((sql) => connection.prepare(sql));

let seen = null;
let refuses = false;
let failure = null;
let committedAt = 0;

function beginAlone() {
  const restMs = committedAt + pauseMs - performance.now();
  if (restMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, restMs);
  begin.run();
  const last = seen;
  seen = commitsOfOthers.get();
  if (last === null || last === seen) return true;
  rollback.run();
  return false;
}

/** When the commit is answered, and while others may write; what does not succeed is left to the next time. */
function bringIntoFile() {
  try {
    if (lookAtLog.get().log >= data.pagesOfLog) checkpoint.all();
  } catch {}
}

/** The first column of a user is the id. */
function add(rows) {
  let added = 0;
  try {
    for (let table = 0; table < rows.length; table += 1) {
      for (const row of rows[table]) {
        inserts[table].run(row);
        if (table === 0) added += 1;
      }
    }
    return true;
  } catch (error) {
    if (!/^SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY)$/.test(error.code)) throw error;
    remove.run(JSON.stringify(rows[0].slice(0, added).map(([id]) => id)));
    return false;
  }
}

const answers = {
  insert(rows) {
    if (refuses) return 'refused';
    if (!connection.inTransaction && !beginAlone()) {
      refuses = true;
      return 'others wrote';
    }
    refuses = !add(rows);
    return refuses ? 'refused' : 'inserted';
  },
  commit(progress) {
    if (!connection.inTransaction) begin.run();
    const isMine = advance.run(progress).changes === 1;
    (isMine ? commit : rollback).run();
    committedAt = performance.now();
    return isMine;
  },
  pause() {
    if (connection.inTransaction) rollback.run(); // of a first batch that was refused
    refuses = false;
    seen = null;
  },
  close() {
    connection.close();
    parentPort.close();
  },
};

parentPort.on('message', ([name, argument]) => {
  try {
    if (failure && name !== 'close') throw failure;
    parentPort.postMessage({ result: answers[name](argument) });
    if (name === 'commit') bringIntoFile();
  } catch (error) {
    failure ??= error;
    if (connection.open && connection.inTransaction) rollback.run();
    parentPort.postMessage({ error: { name: error.name, code: error.code, message: error.message } });
  }
});
`;
