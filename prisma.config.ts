import { defineConfig } from 'prisma-cli/config';

const url = process.env.DATABASE_URL ?? 'file:./roster.db';
const provider = url.startsWith('postgres') ? 'postgresql' : 'sqlite';

/** For Prisma's own command line; Roster itself does not read this file. */
export default defineConfig({
  schema: `prisma/${provider}`,
  migrations: { path: `prisma/${provider}/migrations` },
  datasource: { url },
});
