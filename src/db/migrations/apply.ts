import { randomUUID } from 'node:crypto';
import type { MigrationConnection } from './connection.ts';
import type { Migration } from './files.ts';
import { comparePending, historyTable, readApplied } from './history.ts';

/**
 * Applies the migrations that the database lacks, and answers their names. Each stands or falls with its record, in one
 * transaction, so that a process that is killed leaves nothing half done; what comes next is decided within it. Throws
 * MigrationRefused.
 */
export async function applyPending(connection: MigrationConnection, migrations: Migration[]): Promise<string[]> {
  const applied: string[] = [];
  try {
    for (;;) {
      const name = await applyNext(connection, migrations);
      if (name === null) return applied;
      applied.push(name);
    }
  } finally {
    await connection.close(); // which rolls back what is still open
  }
}

async function applyNext(connection: MigrationConnection, migrations: Migration[]): Promise<string | null> {
  await connection.run(connection.begin);
  await connection.run(connection.createHistory);
  const [next] = comparePending(migrations, await readApplied(connection.query));
  if (!next) return null;
  const startedAt = new Date();
  await connection.run(next.script);
  await connection.assertIntact();
  await connection.run(recordOf(next, startedAt));
  await connection.run('COMMIT');
  return next.name;
}

function recordOf({ name, checksum }: Migration, startedAt: Date): string {
  const times = [startedAt, new Date()].map((time) => time.toISOString());
  const values = [randomUUID(), checksum, name, ...times].map((value) => `'${value.replaceAll("'", "''")}'`);
  return `INSERT INTO ${historyTable} (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
    VALUES (${values.join(', ')}, 1)`;
}
