/** The two databases. */
export type Provider = 'sqlite' | 'postgresql';

/** Which of the two databases a URL means. */
export function providerOf(url: string): Provider {
  return /^postgres(ql)?:/.test(url) ? 'postgresql' : 'sqlite';
}

/** The path in a `file:` URL, as Prisma reads it: relative to the working directory. */
export function sqlitePath(url: string): string {
  return url.replace(/^file:(\/\/)?/, '').replace(/\?.*$/, '');
}

/** The URL of a server as `URL` reads it. `pg` takes one without a host for that of a socket. */
export function withHost(url: string): string {
  return url.replace('@/', '@localhost/');
}

/** The schema that the URL of a server names; null where it is left to the search path of the role. */
export function schemaOf(url: string): string | null {
  return new URL(withHost(url)).searchParams.get('schema');
}
