// Another process that has a database file to itself: node lock-holder.mjs FILE. It says "locked" and lets go when told.
import Sqlite from 'better-sqlite3';

const connection = new Sqlite(process.argv[2]);
connection.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
process.stdout.write('locked\n');
process.stdin.once('data', (milliseconds) => setTimeout(() => connection.close(), Number(milliseconds)));
