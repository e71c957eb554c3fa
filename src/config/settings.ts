import { z } from 'zod';
import { emailAddress, headerText, linkedPage, smtpUrl, supportLink } from './mail-setting-rules.ts';
import { databaseUrl, headerNames, integer, origins } from './setting-rules.ts';

const milliseconds = integer(0, 3_600_000);
const flag = z.stringbool();
const perMinute = integer(0, 1_000_000);

/** Every setting: its name in the environment, its rule, its default and what it does. `docs/configuration.md` is written from it. */
export const settings = {
  DATABASE_URL: databaseUrl(/^(file:.|postgres(ql)?:\/\/)/, 'expected file:PATH or postgresql://…')
    .default('file:./roster.db')
    .describe('Where the users are: `file:` and a path, or `postgresql://user:password@host/database`.'),
  DATABASE_READ_URL: databaseUrl(/^postgres(ql)?:\/\//, 'expected postgresql://…')
    .optional()
    .describe('A streaming replica that answers queries; PostgreSQL only. Unset: the same database.'),
  DATABASE_POOL_SIZE: integer(1, 1000)
    .default(10)
    .describe('Connections that one process holds at most; PostgreSQL only.'),
  DATABASE_CONNECT_TIMEOUT_MS: milliseconds
    .default(3000)
    .describe('How long to wait for a free or new connection; PostgreSQL only.'),
  DATABASE_STATEMENT_TIMEOUT_MS: milliseconds
    .default(5000)
    .describe(
      'When a statement, or a transaction that waits for its next one, is given up; 0 leaves it to the server; PostgreSQL only.',
    ),
  DATABASE_IDLE_TIMEOUT_MS: milliseconds
    .default(60_000)
    .describe('When an unused connection is closed; PostgreSQL only.'),
  HOST: z.string().min(1).default('127.0.0.1').describe('The address to listen on; `0.0.0.0` for all.'),
  PORT: integer(0, 65_535).default(4000).describe('The port to listen on; 0 takes a free one.'),
  NODE_ENV: z
    .enum(['development', 'production', 'test'])
    .default('development')
    .describe('`production` makes no development key and shows none.'),
  GRAPHIQL: flag.optional().describe('Whether `/graphql` shows GraphiQL to browsers. Unset: not in `production`.'),
  INTROSPECTION: flag
    .optional()
    .describe(
      'Whether the schema can be asked for; without, refusals suggest no names either. Unset: not in `production`.',
    ),
  PERSISTED_DOCUMENTS: z
    .string()
    .min(1)
    .optional()
    .describe(
      'A JSON file of SHA-256 → document; then these documents are answered and no others. Unset: any document.',
    ),
  CORS_ORIGINS: origins
    .optional()
    .describe(
      'Whose pages may ask `/graphql`: origins such as `https://app.example.com`, separated by commas. Unset: only its own.',
    ),
  CORS_HEADERS: headerNames
    .optional()
    .describe(
      'Request headers that those pages may send besides the usual ones of tracing and GraphQL libraries, separated by commas.',
    ),
  TRUST_PROXY: integer(0, 10)
    .default(0)
    .describe(
      'How many proxies are in front. The address of a client is then taken from `X-Forwarded-For`, so many from the right.',
    ),
  RATE_LIMIT_PER_USER: perMinute.default(600).describe('Requests a minute from one signed-in user; 0 for no limit.'),
  RATE_LIMIT_PER_ADDRESS: perMinute
    .default(3000)
    .describe('Requests a minute from one network without a valid credential; 0 for no limit.'),
  SIGN_INS_PER_ADDRESS: perMinute
    .default(100)
    .describe(
      'Sign-ins a minute that succeed from one address; 0 for no limit. With an API key the address is the `ip_address` that it sends, and without one there is no limit.',
    ),
  RATE_LIMIT_PER_API_KEY: perMinute.default(0).describe('Requests a minute with one API key; 0 for no limit.'),
  RATE_LIMIT_STORE: z
    .enum(['memory', 'database'])
    .default('memory')
    .describe(
      '`database` counts requests and wrong passwords for all processes together, PostgreSQL only; `memory` for each.',
    ),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent'])
    .default('info')
    .describe('The least severe log lines to write.'),
  SQLITE_SYNCHRONOUS: z
    .enum(['full', 'normal'])
    .default('full')
    .describe(
      '`full` keeps every acknowledged write through a power loss; `normal` may lose the last ones; SQLite only.',
    ),
  DATABASE_BUSY_TIMEOUT_MS: milliseconds
    .default(5000)
    .describe('How long a write waits for another process that holds the file; SQLite only.'),
  MAX_BODY_BYTES: integer(1024, 16_777_216)
    .default(262_144)
    .describe(
      'The largest request body; larger ones get 413. Without credentials, with an access token, and for a sign-in over REST: 16384 at most.',
    ),
  REQUEST_TIMEOUT_MS: milliseconds.default(30_000).describe('How long a client may take to send a request.'),
  HEADERS_TIMEOUT_MS: milliseconds.default(10_000).describe('How long a client may take to send the headers.'),
  KEEP_ALIVE_TIMEOUT_MS: milliseconds
    .default(65_000)
    .describe(
      'How long a connection may stay open between two requests. Longer than a proxy in front keeps it (often 60 s), or that one now and then sends a request on a connection that is being closed.',
    ),
  WRITE_TIMEOUT_MS: milliseconds
    .default(30_000)
    .describe('How long a client may take nothing of its answer, before its connection is cut; 0 for ever.'),
  MAX_CONNECTIONS: integer(1, 1_000_000)
    .default(10_000)
    .describe('How many connections may be open at once; further ones are cut.'),
  SHUTDOWN_TIMEOUT_MS: milliseconds
    .default(10_000)
    .describe('How long a stop waits for the requests in flight, and for the jobs that run.'),
  RUN_JOBS: flag
    .default(true)
    .describe(
      'Whether this process runs jobs: the cleanups, and what is to be done after a request. At least one process has to; `false` for one that only serves.',
    ),
  ARGON2_MEMORY_KIB: integer(19_456, 262_144)
    .default(19_456)
    .describe('Memory of one password hash, in KiB. Upwards only.'),
  ARGON2_TIME_COST: integer(2, 5).default(2).describe('Passes of one password hash.'),
  ARGON2_PARALLELISM: integer(1, 8).default(1).describe('Lanes of one password hash.'),
  PASSWORD_HASH_CONCURRENCY: integer(1, 64)
    .default(2)
    .describe('How many passwords are hashed at once. Memory: this many times `ARGON2_MEMORY_KIB`.'),
  COSTLY_HASH_CONCURRENCY: integer(1, 64)
    .default(1)
    .describe(
      'How many imported hashes that cost more than a hash of our own are checked at once, besides. Memory: up to 256 MiB each.',
    ),
  PASSWORD_HASH_QUEUE: integer(1, 10_000)
    .default(64)
    .describe(
      'How many passwords may wait to be hashed, and a quarter as many for costly imported hashes. Callers take turns; beyond, whoever has most gets `RATE_LIMITED`.',
    ),
  PASSWORD_BREACH_CHECK_URL: z
    .url({ protocol: /^https?$/, error: 'expected https://… or http://…' })
    .optional()
    .describe(
      'A Have I Been Pwned range API, such as `https://api.pwnedpasswords.com/range`. New passwords are looked up there by five digits of their SHA-1. Unset: no check.',
    ),
  PASSWORD_BREACH_CHECK_TIMEOUT_MS: integer(1, 60_000)
    .default(1000)
    .describe('How long the breach check may take; then the password passes, with a warning in the log.'),
  PASSWORD_CHANGE_ENDS_SESSIONS: flag
    .default(true)
    .describe('Whether a changed password ends all sessions of the user but the one that asked.'),
  EMAIL_CHANGE_ENDS_SESSIONS: flag
    .default(true)
    .describe('Whether a changed email ends all sessions of the user but the one that asked.'),
  EMAIL_VERIFICATION_CODE_MINUTES: integer(10, 1440)
    .default(10)
    .describe('How long a code that verifies an address is good for. All other codes: ten minutes.'),
  MAGIC_AUTH_CREATES_USERS: flag
    .default(true)
    .describe(
      'Whether `POST /user_management/magic_auth` makes a user for an address that nobody has. `false`: it is refused with `sign_up_not_allowed`.',
    ),
  SIGN_IN_FAILURES_PER_ADDRESS: integer(1, 10_000)
    .default(10)
    .describe(
      'Wrong passwords for one address from one network in 10 minutes, and wrong current passwords of one session; after that, one attempt in 5 minutes.',
    ),
  SIGN_IN_FAILURES_PER_ADDRESS_FROM_STRANGERS: integer(1, 1_000_000)
    .default(100)
    .describe(
      'Wrong passwords for one address in an hour, from all networks together. Networks that its user has signed in from are let through all the same.',
    ),
  SIGN_IN_FAILURES_PER_CALLER: integer(1, 1_000_000)
    .default(1000)
    .describe(
      'Wrong passwords from one network in 10 minutes, whatever the addresses; after that, one attempt a second.',
    ),
  SIGN_IN_FAILURES_PER_API_KEY: integer(0, 1_000_000)
    .default(0)
    .describe(
      'Wrong passwords through one API key in 10 minutes, whoever they are from; after that, one attempt a second. 0 for no limit.',
    ),
  SESSION_LIFETIME_HOURS: integer(1, 87_600)
    .default(720)
    .describe('When a session ends, counted from the sign-in. A refresh does not move it.'),
  MAX_SESSIONS_PER_USER: integer(1, 1000)
    .default(100)
    .describe('Sessions that one user can have at a time; a sign-in beyond it ends the oldest.'),
  REFRESH_REUSE_GRACE_SECONDS: integer(0, 60)
    .default(0)
    .describe(
      'How long a used refresh token gets the same next one again, for tabs that refresh at once and answers that were lost; 0: it ends its session.',
    ),
  SIGNING_KEY_SECRET: z
    .string()
    .min(32, 'expected at least 32 characters; `openssl rand -base64 32` makes some')
    .optional()
    .describe(
      'Encrypts the private keys of access tokens in the database: at least 32 characters, the same in every process. `production` does not start without it; elsewhere a well-known one is used.',
    ),
  TOKEN_ISSUER: z.string().min(1).default('http://localhost:4000').describe('The `iss` of access tokens.'),
  TOKEN_AUDIENCE: z.string().min(1).default('roster').describe('The `aud` of access tokens.'),
  MAIL: z
    .enum(['smtp', 'log', 'off'])
    .optional()
    .describe(
      '`smtp` sends mail by `SMTP_URL`; `log` prints it to the terminal instead, and not in `production`; `off` sends none: codes are read by the API only. Unset: `smtp` where `SMTP_URL` is set, else `log` in `development` and `off` elsewhere.',
    ),
  SMTP_URL: smtpUrl
    .optional()
    .describe(
      'The mail server: `smtps://user:password@host`, or `smtp://…`, which must offer STARTTLS unless it is on this machine. Special characters of the password percent-encoded.',
    ),
  MAIL_FROM: emailAddress.optional().describe('The address that mail comes from. Required with `SMTP_URL`.'),
  MAIL_FROM_NAME: headerText
    .default('Roster')
    .describe('The name that mail comes from, which it also signs with: what your users call your product.'),
  MAIL_REPLY_TO: emailAddress.optional().describe('Where answers to a mail go. Unset: to `MAIL_FROM`.'),
  MAIL_SUPPORT_URL: supportLink
    .optional()
    .describe(
      'A page of yours, or `mailto:` and an address, that a mail names for when it was not the user. Unset: it says to answer the mail where `MAIL_REPLY_TO` is set, else nothing.',
    ),
  MAIL_LOCALE: z
    .string()
    .regex(/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i, 'expected a language such as en or pt-BR')
    .default('en')
    .describe(
      'The language of mail to users without a locale, or with one that there are no texts for: `en`, `de`, `fr`, `es`, or one of `MAIL_TEMPLATES`.',
    ),
  MAIL_NOTICES: flag
    .default(true)
    .describe(
      'Whether users are told by mail of changes to how they sign in: the address, the password, identities. `false` where your product tells them.',
    ),
  MAIL_TEMPLATES: z
    .string()
    .min(1)
    .optional()
    .describe('A folder whose files replace texts of the mails, as docs/mail.md says. Unset: those of Roster.'),
  PASSWORD_RESET_URL: linkedPage
    .optional()
    .describe(
      'The page of yours where a forgotten password is replaced; a mail links to it with `?token=…` added. Required with `SMTP_URL`; with `MAIL=log`: `http://127.0.0.1:5173/reset-password`.',
    ),
  AUTH_ISSUER: z
    .string()
    .min(1)
    .optional()
    .describe(
      'The `iss` of another service whose tokens are accepted too. Their `sub` is the `externalId` of a user. Unset: none.',
    ),
  AUTH_AUDIENCE: z.string().min(1).optional().describe('The `aud` that its tokens must have. With `AUTH_ISSUER`.'),
  AUTH_JWKS_URL: z
    .url()
    .regex(/^https:\/\/|^http:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/]/, 'expected https://…')
    .optional()
    .describe('Where its public keys are: a JSON Web Key Set. With `AUTH_ISSUER`.'),
  AUTH_TOKEN_TYPE: z
    .enum(['at+jwt', 'JWT'])
    .default('at+jwt')
    .describe(
      'The `typ` in the header of its access tokens. `JWT`, for issuers that do not follow RFC 9068, takes `JWT` or none as well.',
    ),
  AUTH_TOKEN_MAX_AGE_SECONDS: integer(1, 31_536_000)
    .default(86_400)
    .describe('How long one of its tokens may be valid, from `iat` to `exp`; a longer one is refused.'),
};

/** Names that settings once had, which still work, and what they are called now. */
export const renamedSettings: Readonly<Record<string, keyof typeof settings>> = {
  RATE_LIMIT_PER_PRINCIPAL: 'RATE_LIMIT_PER_USER', // it never counted API keys
};

export type Config = { readonly [Name in keyof typeof settings]: z.infer<(typeof settings)[Name]> };
