import { readFileSync } from 'node:fs';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { sqlitePath } from '../../src/config/database-url.ts';
import { SqliteDatabase } from '../../src/db/sqlite/driver.ts';
import { script } from '../support/scripted-operations.ts';
import { createTwins, speakTo } from '../support/twins.ts';

describe('SQLite and PostgreSQL agree', () => {
  test('on everything that a client sees: every answer, refusal, order, text and time', async () => {
    const { sqlite, postgresql } = await createTwins();
    const [one, other] = [speakTo(sqlite), speakTo(postgresql)];
    const seen: string[] = [];
    for (const [what, work] of script) {
      const expected = await work(one);
      expect(await work(other), what).toEqual(expected);
      seen.push(JSON.stringify(expected));
    }
    // The script did what it is for: the answers are many kinds of refusals, and of successes.
    const codes = new Set(seen.flatMap((answer) => answer.match(/(?<=\\"code\\":\\")\w+/g) ?? []));
    expect([...codes].filter((code) => /internal/i.test(code))).toEqual([]);
    expect(codes.size).toBeGreaterThan(20);
    expect(seen.filter((answer) => !answer.includes('\\"errors\\"')).length).toBeGreaterThan(100);
  });

  test('on the names of columns, indexes and foreign keys, and on what these do', async () => {
    const { sqlite, postgresql } = await createTwins();
    const file = new SqliteDatabase(sqlitePath(sqlite.app.config.DATABASE_URL), { readonly: true });
    const server = new pg.Client({ connectionString: postgresql.app.config.DATABASE_URL });
    await server.connect();
    try {
      const [ofFile, ofServer] = [describeFile(file), await describeServer(server)];
      expect(ofServer).toEqual(ofFile);
      expect(ofFile.indexes).toContain('users_email_canonical_key on users (email_canonical) unique');
      expect(ofFile.indexes).toContain('users_last_sign_in_at_idx on users (expression, id)');
      const relations = readFileSync('prisma/models.prisma', 'utf8').match(/@relation\(fields:/g);
      expect(ofFile.foreignKeys).toHaveLength(relations?.length ?? 0);
    } finally {
      file.close();
      await server.end();
    }
  });
});

function describeFile(file: SqliteDatabase) {
  const tables = `(SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_%' ESCAPE '\\') t`;
  const all = (sql: string) => (file.prepare(sql).pluck().all() as string[]).sort();
  return {
    columns: all(
      `SELECT t.name || '.' || c.name || iif(c."notnull", ' not null', '') FROM ${tables}, pragma_table_info(t.name) c`,
    ),
    indexes:
      all(`SELECT i.name || ' on ' || t.name || ' (' || (SELECT group_concat(iif(cid = -2, 'expression', name), ', ' ORDER BY seqno) FROM pragma_index_xinfo(i.name) WHERE key) || ')' || iif(i."unique", ' unique', '')
      FROM ${tables}, pragma_index_list(t.name) i WHERE i.origin = 'c'`),
    foreignKeys: all(`SELECT sql FROM ${tables}`)
      .flatMap((sql) => [
        ...sql.matchAll(/CONSTRAINT "(\w+)" FOREIGN KEY \("(\w+)"\) REFERENCES "(\w+)" \("(\w+)"\) (ON .*)/g),
      ])
      .map(([, name, column, table, key, actions]) => `${name} (${column}) ${table} (${key}) ${actions}`)
      .sort(),
  };
}

async function describeServer(server: pg.Client) {
  const all = async (sql: string) => (await server.query(sql)).rows.map(({ text }) => text as string).sort();
  const tables = `SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname NOT LIKE '\\_%'`;
  const foreignKeys = await all(
    `SELECT conname || ' ' || pg_get_constraintdef(oid) AS text FROM pg_constraint WHERE contype = 'f' AND conrelid IN (${tables})`,
  );
  return {
    columns: await all(
      `SELECT attrelid::regclass || '.' || attname || CASE WHEN attnotnull THEN ' not null' ELSE '' END AS text
       FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped AND attrelid IN (${tables})`,
    ),
    indexes: await all(
      `SELECT i.relname || ' on ' || indrelid::regclass || ' (' || (
         SELECT string_agg(CASE key.attnum WHEN 0 THEN 'expression' ELSE attname END, ', ' ORDER BY key.place)
         FROM unnest(indkey) WITH ORDINALITY AS key(attnum, place)
         LEFT JOIN pg_attribute ON attrelid = indrelid AND pg_attribute.attnum = key.attnum
       ) || ')' || CASE WHEN indisunique THEN ' unique' ELSE '' END AS text
       FROM pg_index JOIN pg_class i ON i.oid = indexrelid WHERE NOT indisprimary AND indrelid IN (${tables})`,
    ),
    foreignKeys: foreignKeys.map((text) =>
      text.replace(
        / FOREIGN KEY \((\w+)\) REFERENCES (\w+)\((\w+)\) ON UPDATE (\w+) ON DELETE (\w+)/,
        ' ($1) $2 ($3) ON DELETE $5 ON UPDATE $4',
      ),
    ),
  };
}
