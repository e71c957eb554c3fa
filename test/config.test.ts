import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ConfigError, readConfig, settings } from '../src/config.ts';

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

  test('reads replicas of PostgreSQL only', () => {
    const readUrl = { DATABASE_READ_URL: 'postgresql://host/roster' };
    expect(() => readConfig(readUrl)).toThrow('DATABASE_READ_URL: takes PostgreSQL');
  });

  test('of an outside issuer is whole, or there is none', () => {
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

  test('is the table in the README', () => {
    const rows = [...readFileSync('README.md', 'utf8').matchAll(/^\| `([A-Z_0-9]+)` \| (.*?) \| (.*) \|$/gm)];
    const documented = Object.fromEntries(rows.map(([, name, value, text]) => [name, { value, text }]));
    const inCode = Object.entries(settings).map(([name, setting]) => {
      const value = setting.safeParse(undefined).data;
      return [name, { value: value === undefined ? 'unset' : `\`${value}\``, text: setting.description }];
    });
    expect(documented).toEqual(Object.fromEntries(inCode));
  });
});
