import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** The two databases. */
export type Provider = 'sqlite' | 'postgresql';

/** Where PostgreSQL keeps the tables of whoever asks for nothing else. */
export const defaultSchema = 'public';

/** A database, and the schema of its tables where that is known. */
interface Place {
  readonly url: string;
  readonly schema?: string | undefined;
}

/** Which of the two databases a URL means. */
export function providerOf(url: string): Provider {
  return /^postgres(ql)?:/.test(url) ? 'postgresql' : 'sqlite';
}

/** Whether it means a file. */
export function isFileUrl(url: string): boolean {
  return providerOf(url) === 'sqlite';
}

/** The path in a `file:` URL, as Prisma reads it: relative to the working directory. */
export function sqlitePath(url: string): string {
  return url.replace(/^file:(\/\/)?/, '').replace(/\?.*$/, '');
}

/** The URL of a server as `URL` reads it. `pg` takes one without a host for that of a socket. */
function withHost(url: string): string {
  return url.replace('@/', '@localhost/');
}

/** The schema that the URL of a server names; null where it is left to the search path of the role. */
export function schemaOf(url: string): string | null {
  return new URL(withHost(url)).searchParams.get('schema');
}

/** Whether it is an SQLite file that does not exist, which opening it would make. */
export function isMissing({ url }: Place): boolean {
  return providerOf(url) === 'sqlite' && !existsSync(sqlitePath(url));
}

/** What to call the database in a message: a file with its folder, a server never with its password. */
export function describe({ url, schema }: Place): string {
  if (providerOf(url) === 'sqlite') return resolve(sqlitePath(url));
  const { host, pathname } = new URL(withHost(url));
  const where = schema === undefined || schema === defaultSchema ? '' : `, schema ${schema}`;
  return `PostgreSQL at ${host}${pathname}${where}`;
}

/** What is wrong with the form of a URL, or null. Never repeats a value: it may be a password. */
export function findFormProblem(url: string): string | null {
  if (providerOf(url) === 'sqlite' && ['', ':memory:'].includes(sqlitePath(url).trim()))
    return 'expected the path of a file; a database in memory would be another one for each connection';
  if (providerOf(url) === 'postgresql' && !isServerUrl(url))
    return 'not a URL; percent-encode special characters of the password, such as # as %23';
  return null;
}

/**
 * After the host there is no `#` and no `@`: where there is one, the password was cut in two, and its first half may have
 * passed for a port.
 */
function isServerUrl(text: string): boolean {
  if (!URL.canParse(withHost(text))) return false;
  const { pathname, search, hash } = new URL(withHost(text));
  return hash === '' && !`${pathname}${search}`.includes('@');
}

/** The parameters after the `?`. */
export function parametersOf(url: string): [name: string, value: string][] {
  const search = providerOf(url) === 'sqlite' ? (url.split('?', 2)[1] ?? '') : new URL(withHost(url)).search;
  return [...new URLSearchParams(search)];
}
