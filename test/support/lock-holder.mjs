// Another process that has a database file to itself: node lock-holder.mjs FILE. It says "locked" and lets go when told.
import { SqliteDatabase } from '../../dist/db/sqlite/driver.js';

const connection = new SqliteDatabase(process.argv[2]);
connection.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
process.stdout.write('locked\n');
process.stdin.once('data', (milliseconds) => setTimeout(() => connection.close(), Number(milliseconds)));
