import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { renderConfiguration } from '../../scripts/configuration.ts';
import { ConfigError, readConfig } from '../../src/config/config.ts';
import { findWarnings } from '../../src/config/config-checks.ts';
import { findUnknownNames } from '../../src/config/setting-names.ts';
import { settings } from '../../src/config/settings.ts';
import { findDocumentsProblem } from '../../src/graphql/execution/persisted-documents.ts';
import { findMissingSecret } from '../../src/secrets/signing-key-secret.ts';

describe('the configuration', () => {
  test('reports every problem at once, by name', () => {
    const env = { PORT: 'abc', LOG_LEVEL: 'loud', DATABASE_URL: 'mysql://x', ARGON2_MEMORY_KIB: '1024' };
    expect(() => readConfig(env)).toThrow(ConfigError);
    try {
      readConfig(env);
    } catch (error) {
      for (const name of Object.keys(env)) expect((error as Error).message).toContain(`\n  ${name}: `);
    }
  });

  test('reports what is wrong between settings beside what is malformed', () => {
    const env = {
      PORT: 'abc',
      NODE_ENV: 'production',
      RATE_LIMIT_STORE: 'database',
      AUTH_ISSUER: 'https://issuer.example',
      PERSISTED_DOCUMENTS: '/nonexistent.json',
    };
    const read = () => readConfig(env, [findMissingSecret, findDocumentsProblem]);
    for (const name of ['PORT', 'RATE_LIMIT_STORE', 'AUTH_JWKS_URL', 'SIGNING_KEY_SECRET', 'PERSISTED_DOCUMENTS']) {
      expect(read, name).toThrow(new RegExp(`\n  ${name}: `));
    }
  });

  test('says of a malformed setting one thing alone', () => {
    const env = { NODE_ENV: 'production', SIGNING_KEY_SECRET: 'short' };
    expect(() => readConfig(env, [findMissingSecret])).toThrow(
      /problems:\n {2}SIGNING_KEY_SECRET: expected at least [^\n]+$/,
    );
  });

  test('takes defaults for what is unset or empty, and ignores the rest of the environment', () => {
    expect(readConfig({ PORT: '', HOME: '/root' })).toMatchObject({ PORT: 4000, DATABASE_URL: 'file:./roster.db' });
  });

  test('never repeats the value, which may be a secret', () => {
    expect(() => readConfig({ DATABASE_URL: 'mysql://user:secret@host' })).toThrow(/^(?!.*secret)/s);
  });

  test('says what a whole number may be', () => {
    for (const PORT of ['abc', '1.5', '-1', '65536']) {
      expect(() => readConfig({ PORT }), PORT).toThrow(/\n {2}PORT: expected a whole number from 0 to 65535$/);
    }
  });

  test('says of every setting what was expected, in words of its own', () => {
    const wrong = Object.keys(settings).filter(
      (name) => !settings[name as keyof typeof settings].safeParse('\u0000').success,
    );
    expect(wrong.length).toBeGreaterThan(30);
    for (const name of wrong) {
      const read = () => readConfig({ [name]: '\u0000' });
      expect(read, name).toThrow(new RegExp(`\n  ${name}: `));
      expect(read, name).not.toThrow(/Invalid|Too (small|big)|"/);
    }
    expect(() => readConfig({ LOG_LEVEL: 'loud', GRAPHIQL: 'maybe', AUTH_JWKS_URL: 'x' })).toThrow(
      /LOG_LEVEL: expected fatal, error, warn, info, debug, or silent\n {2}GRAPHIQL: expected true or false\n {2}AUTH_JWKS_URL: expected https:\/\/…\n/,
    );
  });

  test.each(['pa#ss', 'pa/ss', 'pa?ss', '12#34', '12/34', '12?34', 'a@b#c', 'a@b/c'])(
    'names the mend of the password %s, which cuts a URL in two, and does not repeat it',
    (password) => {
      const url = `postgresql://user:${password}@host/roster`;
      const message = 'not a URL; percent-encode special characters of the password, such as # as %23';
      const problem = (name: string) => new RegExp(`problems:\n  ${name}: ${message}$`);
      expect(() => readConfig({ DATABASE_URL: url })).toThrow(problem('DATABASE_URL'));
      const replica = { DATABASE_URL: 'postgresql://host/roster', DATABASE_READ_URL: url };
      expect(() => readConfig(replica)).toThrow(problem('DATABASE_READ_URL'));
    },
  );

  test.each([
    'postgresql://user:pa%23ss%2F@host/roster?sslmode=require',
    'postgresql://user@/roster?host=/var/run/postgresql',
    'postgres:///roster',
    'postgresql://[::1]:5432/roster',
  ])('takes %s', (url) => {
    expect(readConfig({ DATABASE_URL: url }).DATABASE_URL).toBe(url);
  });

  test.each([
    'file::memory:',
    'file::memory:?cache=shared',
    'file: :memory: ',
    'file://:memory:',
    'file:?x=1',
    'file://',
    'file: ',
    'file:x?mode=memory',
    'file:x?cache=shared',
    'file:x?mode=ro',
    'file:x?vfs=memdb',
  ])('refuses %s, which would be another database for each connection, or what it does not do', (url) => {
    expect(() => readConfig({ DATABASE_URL: url })).toThrow(
      /problems:\n {2}DATABASE_URL: (expected the path of a file|the parameter (mode|cache|vfs|x) is not known)/,
    );
  });

  test.each([
    ['connection_limi=5', 'the parameter connection_limi is not known'],
    ['Schema=x', 'the parameter Schema is not known'],
    ['sslmode=require&max=5', 'the parameter max is not known'],
    ['statement_timeout=5', 'the parameter statement_timeout is not known'],
    ['s3cret!=5', 'one of the parameters is not known'],
    ['schema=a&schema=b', 'the parameter schema is given twice'],
    ['schema=', 'the parameter schema is empty'],
  ])('refuses a server with ?%s by name, and repeats no value', (search, problem) => {
    const url = `postgresql://user:s3cret@host/roster?${search}`;
    expect(() => readConfig({ DATABASE_URL: url })).toThrow(new RegExp(`problems:\n  DATABASE_URL: ${problem}$`));
  });

  test('takes what libpq takes and the schema, and warns of what has no effect, with the setting that has', () => {
    const parameters = [
      'application_name=x&schema=tenant&sslmode=no-verify&options=-c%20a%3Db&channel_binding=prefer',
      'connection_limit=5&pool_timeout=3&connect_timeout=10&socket_timeout=4&pgbouncer=true&statement_cache_size=0',
      'target_session_attrs=read-write&keepalives=1',
    ];
    const config = readConfig({ DATABASE_URL: `postgresql://user:s3cret@host/roster?${parameters.join('&')}` });
    expect(findWarnings(config)).toEqual([
      'DATABASE_URL: the parameter connection_limit has no effect; set DATABASE_POOL_SIZE',
      'DATABASE_URL: the parameter pool_timeout has no effect; set DATABASE_CONNECT_TIMEOUT_MS',
      'DATABASE_URL: the parameter connect_timeout has no effect; set DATABASE_CONNECT_TIMEOUT_MS',
      'DATABASE_URL: the parameter socket_timeout has no effect; set DATABASE_STATEMENT_TIMEOUT_MS',
      'DATABASE_URL: the parameter pgbouncer has no effect; Roster finds out by itself whether statements can be prepared',
      'DATABASE_URL: the parameter statement_cache_size has no effect; Roster finds out by itself whether statements can be prepared',
      'DATABASE_URL: the parameter target_session_attrs has no effect',
      'DATABASE_URL: the parameter keepalives has no effect',
    ]);
    expect(findWarnings(readConfig({ DATABASE_URL: 'file:x.db?connection_limit=1' }))).toEqual([
      'DATABASE_URL: the parameter connection_limit has no effect; a file has one writing connection',
    ]);
  });

  test('reads a replica in the schema of its primary only', () => {
    const read = (primary: string, replica: string) =>
      readConfig({
        DATABASE_URL: `postgresql://host/roster${primary}`,
        DATABASE_READ_URL: `postgresql://b/roster${replica}`,
      });
    expect(() => read('?schema=a', '?schema=b')).toThrow('DATABASE_READ_URL: names another schema than DATABASE_URL');
    expect(() => read('', '?schema=b')).toThrow('DATABASE_READ_URL: names another schema than DATABASE_URL');
    expect(read('?schema=a', '?schema=a')).toBeDefined();
    expect(read('?schema=a', '')).toBeDefined();
  });

  test('reads replicas of PostgreSQL only', () => {
    const readUrl = { DATABASE_READ_URL: 'postgresql://host/roster' };
    expect(() => readConfig(readUrl)).toThrow('DATABASE_READ_URL: takes PostgreSQL');
  });

  test('of an external issuer is whole, or there is none', () => {
    const url = 'https://issuer.example/jwks';
    const whole = { AUTH_ISSUER: 'https://issuer.example', AUTH_AUDIENCE: 'roster', AUTH_JWKS_URL: url };
    expect(readConfig(whole)).toMatchObject(whole);
    for (const name of Object.keys(whole)) {
      const others = Object.entries(whole).filter(([other]) => other !== name);
      expect(() => readConfig(Object.fromEntries(others))).toThrow(`  ${name}: missing; `);
      expect(() => readConfig({ [name]: whole[name as keyof typeof whole], PORT: 'abc' })).toThrow(
        /PORT: .*(\n.*: missing; AUTH_ISSUER, AUTH_AUDIENCE, AUTH_JWKS_URL belong together){2}$/,
      );
    }
    for (const unsafe of ['http://issuer.example/jwks', 'http://localhost.example/jwks', 'file:///jwks', 'nonsense']) {
      expect(() => readConfig({ ...whole, AUTH_JWKS_URL: unsafe })).toThrow('AUTH_JWKS_URL');
    }
    expect(() => readConfig({ ...whole, TOKEN_ISSUER: whole.AUTH_ISSUER })).toThrow('must not be TOKEN_ISSUER');
  });

  test('takes exact origins and nothing that would open more', () => {
    const { CORS_ORIGINS } = readConfig({ CORS_ORIGINS: 'https://app.example.com, http://localhost:3000' });
    expect(CORS_ORIGINS).toEqual(['https://app.example.com', 'http://localhost:3000']);
    const wrong = [
      '*',
      'https://*.example.com',
      'null',
      'https://a.example/',
      'https://a.example:443',
      'a.example',
      'HTTPS://a.example',
      'https://a.example,',
    ];
    for (const list of wrong)
      expect(() => readConfig({ CORS_ORIGINS: list }), list).toThrow('CORS_ORIGINS: expected origins');
  });

  test('takes names of headers that pages may send, and nothing that would stand for others', () => {
    expect(readConfig({ CORS_HEADERS: 'X-Tenant, x-trace' })).toMatchObject({ CORS_HEADERS: ['x-tenant', 'x-trace'] });
    for (const list of ['*', 'x-tenant,', 'x tenant', 'x-tenant: 1', 'ä'])
      expect(() => readConfig({ CORS_HEADERS: list }), list).toThrow('CORS_HEADERS: expected names of headers');
  });

  test('shares limits in PostgreSQL only', () => {
    expect(() => readConfig({ RATE_LIMIT_STORE: 'database' })).toThrow('RATE_LIMIT_STORE: `database` takes PostgreSQL');
    expect(readConfig({ RATE_LIMIT_STORE: 'database', DATABASE_URL: 'postgresql://host/roster' })).toMatchObject({
      RATE_LIMIT_STORE: 'database',
    });
  });

  test('is the tables in docs/configuration.md: run "npm run codegen" after a change', () => {
    const text = readFileSync('docs/configuration.md', 'utf8');
    expect(text).toBe(renderConfiguration());
    const rows = [...text.matchAll(/^\| `([A-Z_0-9]+)` \| (.*?) \| .*? \| (.*) \|$/gm)];
    expect(rows.map(([, name]) => name)).toEqual(Object.keys(settings)); // each in one group
    const documented = Object.fromEntries(rows.map(([, name, value, text]) => [name, { value, text }]));
    const inCode = Object.entries(settings).map(([name, setting]) => {
      const value = setting.safeParse(undefined).data;
      return [name, { value: value === undefined ? 'unset' : `\`${value}\``, text: setting.description }];
    });
    expect(documented).toEqual(Object.fromEntries(inCode));
  });

  test.each([
    ['PORT', '0 to 65535'],
    ['LOG_LEVEL', '`fatal`, `error`, `warn`, `info`, `debug`, `silent`'],
    ['GRAPHIQL', '`true` or `false`'],
    ['DATABASE_READ_URL', 'postgresql://…'],
    ['AUTH_JWKS_URL', 'https://…'],
    ['TOKEN_ISSUER', 'text'],
  ])('is documented with what a setting takes: %s %s', (name, rule) => {
    expect(readFileSync('docs/configuration.md', 'utf8')).toMatch(
      new RegExp(`^\\| \`${name}\` \\| [^|]+ \\| ${rule} \\|`, 'm'),
    );
  });

  test('of a URL says what is expected, whatever is wrong with it', () => {
    expect(() => readConfig({ PASSWORD_BREACH_CHECK_URL: 'ftp://x' })).toThrow(
      /problems:\n {2}PASSWORD_BREACH_CHECK_URL: expected https:\/\/… or http:\/\/…$/,
    );
  });
});

describe('a setting that had another name', () => {
  test('is taken by that one, too, unless it is given by its own', () => {
    expect(readConfig({ RATE_LIMIT_PER_PRINCIPAL: '7' })).toMatchObject({ RATE_LIMIT_PER_USER: 7 });
    expect(readConfig({ RATE_LIMIT_PER_PRINCIPAL: '7', RATE_LIMIT_PER_USER: '8' }).RATE_LIMIT_PER_USER).toBe(8);
    expect(() => readConfig({ RATE_LIMIT_PER_PRINCIPAL: 'x' })).toThrow(/\n {2}RATE_LIMIT_PER_USER: expected a whole/);
  });

  test('is told under the new one', () => {
    expect(findUnknownNames({ RATE_LIMIT_PER_PRINCIPAL: '7' })).toEqual([
      'RATE_LIMIT_PER_PRINCIPAL: is called RATE_LIMIT_PER_USER now; the former name still works',
    ]);
  });
});

describe('a name that is no setting', () => {
  test.each([
    ['DATABSE_URL', 'DATABASE_URL'],
    ['DATABASE_URLS', 'DATABASE_URL'],
    ['DATABASE_URI', 'DATABASE_URL'],
    ['DATABASE_ULR', 'DATABASE_URL'],
    ['CORS_ORIGIN', 'CORS_ORIGINS'],
    ['port', 'PORT'],
    ['ROSTER_PORT', 'PORT'],
    ['ROSTER_LOG_LEVL', 'LOG_LEVEL'],
  ])('%s is asked back: %s?', (name, setting) => {
    expect(findUnknownNames({ [name]: 'x' })).toEqual([
      `${name}: there is no such setting; perhaps ${setting} is meant`,
    ]);
  });

  test('with the prefix ROSTER_ is told, too, where it is like none', () => {
    expect(findUnknownNames({ ROSTER_COLOUR: 'x' })).toEqual([
      'ROSTER_COLOUR: there is no such setting; docs/configuration.md lists them all',
    ]);
  });

  test('that is like none, is a setting, or is a name that the documentation itself uses, is not mentioned', () => {
    const usual = ['PATH', 'HOME', 'HOSTNAME', 'LANG', 'PWD', 'TERM', 'SHLVL', 'NODE_OPTIONS', 'DATABASE_PASSWORD'];
    const names = [...usual, ...Object.keys(settings), 'ROSTER_KEY', 'ROSTER_URL'];
    expect(findUnknownNames(Object.fromEntries(names.map((name) => [name, 'x'])))).toEqual([]);
  });
});
