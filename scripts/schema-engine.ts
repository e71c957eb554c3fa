import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import {
  bindMigrationAwareSqlAdapterFactory,
  type ErrorRegistry,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import type { SchemaEngine as Engine, MigrationList } from '@prisma/schema-engine-wasm';
import type { Provider } from '../src/config/database-url.ts';
import { type Migration, readMigrations, schemaFolder } from '../src/db/migrations/files.ts';

export const noFilters = { externalTables: [], externalEnums: [] };

/**
 * Prisma Migrate's own engine, as WebAssembly in this process: no binary is fetched or started. It writes migrations; Roster
 * applies them by itself. It leaves its connection open, so that is closed here.
 */
export async function withEngine<T>(
  provider: Provider,
  adapter: SqlMigrationAwareDriverAdapterFactory,
  work: (engine: Engine) => Promise<T>,
): Promise<T> {
  const { SchemaEngine } = await loadBindings();
  const datamodels = await readSchema(provider);
  const connections: SqlDriverAdapter[] = [];
  const keep = async (connection: Promise<SqlDriverAdapter>) => {
    connections.push(await connection);
    return connection;
  };
  const bound = bindMigrationAwareSqlAdapterFactory({
    ...adapter,
    connect: () => keep(adapter.connect()),
    connectToShadowDb: () => adapter.connectToShadowDb(), // this one the engine closes
  });
  let engine: Engine | undefined;
  try {
    engine = await SchemaEngine.new({ datamodels }, () => {}, bound);
    return await work(engine);
  } catch (error) {
    throw readableError(error, bound.errorRegistry);
  } finally {
    engine?.free();
    for (const connection of connections) await connection.dispose();
  }
}

let bindings: ReturnType<typeof instantiate> | undefined;

/** Once only: the bindings are one module, and they keep views of the first instance's memory. */
function loadBindings() {
  bindings ??= instantiate();
  return bindings;
}

/** The package's own entry imports its `.wasm` as a module, which Node cannot; so it is instantiated by hand. */
async function instantiate() {
  const bindings = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const path = createRequire(import.meta.url)
    .resolve('@prisma/schema-engine-wasm/schema_engine_bg')
    .replace(/js$/, 'wasm');
  const { instance } = await WebAssembly.instantiate(await readFile(path), { './schema_engine_bg.js': bindings });
  bindings.__wbg_set_wasm(instance.exports);
  (instance.exports.__wbindgen_start as () => void)();
  return bindings;
}

async function readSchema(provider: Provider): Promise<[string, string][]> {
  const files = ['schema.prisma', 'models.prisma'].map((name) => join(schemaFolder(provider), name));
  return Promise.all(files.map(async (file): Promise<[string, string]> => [file, await readFile(file, 'utf8')]));
}

export function migrationList(provider: Provider, migrations: Migration[]): MigrationList {
  return {
    baseDir: join(schemaFolder(provider), 'migrations'),
    lockfile: { path: 'migration_lock.toml', content: `provider = "${provider}"\n` },
    shadowDbInitScript: '',
    migrationDirectories: migrations.map(({ name, script }) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: script } },
    })),
  };
}

/** The engine names an error of the adapter by a number only; the registry has the error itself. */
function readableError(error: unknown, registry: ErrorRegistry): Error {
  const message = error instanceof Error ? error.message : String(error);
  const id = /External error id#(\d+)/.exec(message)?.[1];
  const external = id === undefined ? undefined : registry.consumeError(Number(id))?.error;
  return new Error(external instanceof Error ? external.message : withoutTrace(message), { cause: external ?? error });
}

/** What the database said, without the places in the engine's source that come after it. */
function withoutTrace(message: string): string {
  const [said = message] = message.split(/\n\s*\d+: /);
  return (/ERROR: (.+)/.exec(said)?.[1] ?? said).trim();
}

/** Writes the difference between the migrations and the models as SQL; null when there is none. */
export async function diffModels(
  provider: Provider,
  adapter: SqlMigrationAwareDriverAdapterFactory,
): Promise<string | null> {
  const files = (await readSchema(provider)).map(([path, content]) => ({ path, content }));
  return withEngine(provider, adapter, async (engine) => {
    const { stdout } = await engine.diff({
      from: { tag: 'migrations', ...migrationList(provider, readMigrations(provider)) },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: null,
      filters: noFilters,
    });
    return stdout?.includes('-- This is an empty migration.') || !stdout ? null : stdout;
  });
}
