// better-auth on SQLite. The two names are additional fields of its user; /update-user changes those of the session's user.
import { createServer } from 'node:http';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import Sqlite from 'better-sqlite3';

const [file, users] = process.argv.slice(2) as [string, string];
const db = new Sqlite(file);
db.pragma('journal_mode = WAL');

const auth = betterAuth({
  database: db,
  baseURL: 'http://localhost',
  secret: 'a secret of the benchmark, as long as it has to be',
  telemetry: { enabled: false },
  rateLimit: { enabled: false },
  session: { cookieCache: { enabled: true, maxAge: 24 * 60 * 60 } }, // its guide to performance: no query for the session
  emailAndPassword: {
    enabled: true,
    // Signing in is not what is measured, so it is made cheap.
    password: { hash: async (password) => password, verify: async ({ hash, password }) => hash === password },
  },
  user: {
    additionalFields: {
      firstName: { type: 'string', required: false },
      lastName: { type: 'string', required: false },
    },
  },
});

const { runMigrations } = await getMigrations(auth.options);
await runMigrations();

const addUser = db.prepare(
  `INSERT INTO user (id, name, email, emailVerified, firstName, lastName, createdAt, updatedAt)
   VALUES (@id, 'Ada Lovelace', @email, 1, 'Ada', 'Lovelace', @at, @at)`,
);
const addAccount = db.prepare(
  `INSERT INTO account (id, accountId, providerId, userId, password, createdAt, updatedAt)
   VALUES (@id, @id, 'credential', @id, 'password', @at, @at)`,
);
db.transaction(() => {
  for (let i = 0; i < Number(users); i += 1) {
    const row = {
      id: `user_${String(i).padStart(26, '0')}`,
      email: `first${i}@example.com`,
      at: new Date().toISOString(),
    };
    addUser.run(row);
    addAccount.run(row);
  }
})();

const synchronous = db.pragma('synchronous', { simple: true });
const server = createServer(toNodeHandler(auth));
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ ...(server.address() as object), synchronous })));
