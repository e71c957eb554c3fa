import type { SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import { migrationList, noFilters, withEngine } from '../../scripts/schema-engine.ts';
import type { Provider } from '../../src/config/database-url.ts';
import type { Migration } from '../../src/db/migrations/files.ts';

/** What `npx prisma migrate deploy` does, by Prisma's own engine: applies what is missing and answers the names. */
export async function deployWithPrisma(
  provider: Provider,
  adapter: SqlMigrationAwareDriverAdapterFactory,
  migrations: Migration[],
): Promise<string[]> {
  const migrationsList = migrationList(provider, migrations);
  return withEngine(provider, adapter, async (engine) => {
    const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList, filters: noFilters });
    return appliedMigrationNames;
  });
}
