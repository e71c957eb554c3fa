import { SqliteDatabase } from './sqlite/driver.ts';

/** Keys and texts that need not be kept, more of them than fit into memory. */
export interface Scratch {
  /** Adds a text under a key, which may have others. */
  put(key: string, text: string): void;
  /** The texts under a key, oldest first. */
  take(key: string): string[];
  /** The texts of which no key was asked for by `take`. */
  untaken(): IterableIterator<string>;
  /** Puts a text under a key unless there is one, and answers which there is then. */
  claim(key: string, text: string): string;
  close(): void;
}

/** A database without a name: SQLite keeps it in a temporary file, which is removed as soon as it is open. */
export function openScratch(): Scratch {
  const connection = new SqliteDatabase('');
  connection.pragma('journal_mode = OFF');
  connection.pragma('synchronous = OFF');
  connection.exec(`CREATE TABLE texts (id INTEGER PRIMARY KEY, key TEXT NOT NULL, text TEXT NOT NULL, taken INTEGER NOT NULL DEFAULT 0);
    CREATE INDEX texts_key_idx ON texts (key);
    CREATE TABLE claims (key TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;`);
  const insert = connection.prepare<[string, string]>('INSERT INTO texts (key, text) VALUES (?, ?)');
  const mark = connection.prepare<[string]>('UPDATE texts SET taken = 1 WHERE key = ?');
  const select = connection.prepare<[string], string>('SELECT text FROM texts WHERE key = ? ORDER BY id').pluck();
  const rest = connection.prepare<[], string>('SELECT text FROM texts WHERE taken = 0 ORDER BY id').pluck();
  const claim = connection.prepare<[string, string]>('INSERT INTO claims VALUES (?, ?) ON CONFLICT DO NOTHING');
  const owner = connection.prepare<[string], string>('SELECT text FROM claims WHERE key = ?').pluck();
  return {
    put: (key, text) => void insert.run(key, text),
    take(key) {
      const texts = select.all(key);
      if (texts.length > 0) mark.run(key);
      return texts;
    },
    untaken: () => rest.iterate(),
    claim(key, text) {
      if (claim.run(key, text).changes > 0) return text;
      return owner.get(key) as string;
    },
    close: () => void connection.close(),
  };
}
