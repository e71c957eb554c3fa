// Keystone on SQLite, as `keystone build` and `keystone start` make it, without its pages.
import { config, list } from '@keystone-6/core';
import { allowAll } from '@keystone-6/core/access';
import { checkbox, integer, text, timestamp } from '@keystone-6/core/fields';
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';

interface Pragma {
  synchronous: bigint;
}
let synchronous = 0;

export default config({
  db: {
    provider: 'sqlite',
    prismaClientPath: 'generated/prisma',
    prismaClientOptions: () => ({ adapter: new PrismaBetterSqlite3({ url: `file:${process.env.DATABASE_FILE}` }) }),
    onConnect: async ({ prisma }) => {
      const [row] = (await prisma.$queryRawUnsafe('PRAGMA synchronous')) as Pragma[];
      synchronous = Number(row?.synchronous);
    },
  },
  telemetry: false,
  ui: { isDisabled: true },
  server: {
    extendHttpServer: (server) => {
      server.once('listening', () => {
        console.log(JSON.stringify({ ...(server.address() as object), synchronous }));
      });
    },
  },
  lists: {
    User: list({
      access: allowAll,
      fields: {
        email: text({ isIndexed: 'unique', validation: { isRequired: true } }),
        emailVerified: checkbox(),
        firstName: text(),
        lastName: text(),
        name: text(),
        version: integer({ defaultValue: 1 }),
        updatedAt: timestamp({ db: { updatedAt: true } }),
      },
    }),
  },
});
