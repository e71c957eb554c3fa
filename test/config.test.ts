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
