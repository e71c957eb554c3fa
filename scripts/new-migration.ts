// npm run migration -- NAME: writes the next migration of both databases from the models.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { adapterFor } from '../src/db/dialects.ts';
import { schemaFolder } from '../src/db/migrations/files.ts';
import { startPostgres } from './postgresql-server.ts';
import { diffModels } from './schema-engine.ts';

const name = process.argv[2];
if (!name || !/^[a-z0-9_]+$/.test(name)) {
  console.error('Usage: npm run migration -- NAME   (lower case letters, digits and underscores)');
  process.exit(2);
}

const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
const server = await startPostgres();
const urls = { sqlite: 'file::memory:', postgresql: server.url('postgres') } as const;

for (const provider of ['sqlite', 'postgresql'] as const) {
  const script = await diffModels(
    provider,
    await adapterFor({ url: urls[provider], synchronous: 'full', busyTimeoutMs: 0 }, 'migrate'),
  );
  if (script === null) {
    console.log(`${provider}: the migrations already match the models.`);
    continue;
  }
  const folder = join(schemaFolder(provider), 'migrations', `${stamp}_${name}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'migration.sql'), script);
  writeFileSync(join(schemaFolder(provider), 'migrations', 'migration_lock.toml'), `provider = "${provider}"\n`);
  console.log(`${provider}: wrote ${folder}/migration.sql. Read it before you commit it.`);
}

await server.stop();
