import { randomBytes } from 'node:crypto';
import { type Client, createClient, createTally, postGraphQL, repeat, type Tally } from './client.ts';
import { createSilentReaders } from './silent-readers.ts';
import type { Target } from './target.ts';

/** One of the attacks that run at once. */
export interface Part {
  readonly name: string;
  /** Attacks for so many seconds. */
  run(target: Target, seconds: number, tally: Tally): Promise<void>;
  /** What must have happened, or it was no attack. */
  isReal(tally: Tally, seconds: number): boolean;
}

/** How many answers began like this. */
const answered = ({ answers }: Tally, beginning: string): number =>
  Object.entries(answers).reduce((sum, [answer, times]) => sum + (answer.startsWith(beginning) ? times : 0), 0);

const pages: Part = {
  name: 'pages of GraphiQL, 20 a second, each tenth with all its files',
  async run({ port }, seconds, tally) {
    const ask = createClient(port, tally);
    await repeat(20, seconds, (i) => loadPage(ask, `127.0.1.${1 + (i % 200)}`, i % 10 === 0));
  },
  isReal: (tally, seconds) => answered(tally, '200') >= 22 * seconds * 0.9,
};

async function loadPage(ask: Client, from: string, withFiles: boolean): Promise<void> {
  const html = await ask({ headers: { accept: 'text/html' }, from });
  if (!withFiles) return;
  const files = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path as string);
  await Promise.all(files.map((path) => ask({ path, headers: { 'accept-encoding': 'gzip' }, from })));
}

const silentReaders: Part = {
  name: '300 silent readers, half of them of pages of users, half of GraphiQL',
  async run(target, seconds, tally) {
    await createSilentReaders(target, tally).hold(300, seconds);
  },
  isReal: (tally) => tally.sent >= 300,
};

const variables = { e: 'nobody@example.com', p: 'a wrong passphrase' };
const names = (count: number, kinds = ['id']) =>
  Array.from({ length: count }, (_, i) => kinds[i % kinds.length]).join(' ');
const leaves = ['id', 'email', 'name', 'firstName', 'lastName'];

const documents: Part = {
  name: 'different documents, 20 a second by 12 users, 10 a second without credentials',
  async run({ port, tokens }, seconds, tally) {
    const ask = createClient(port, tally);
    const kinds = [
      (i: number) => `{ a${i}: viewer { ${names(460, leaves)} } }`,
      (i: number) => `{ a${i}: viewer { ${names(1900, ['id'])} } }`,
      (i: number) => `{ viewer { id } } #${i}${'x'.repeat(15_000)}`,
      (i: number) => `{ a${i}: viewer { id } } } #${'x'.repeat(15_000)}`,
    ];
    const ofUser = (i: number) => {
      const query = (kinds[i % 4] as (typeof kinds)[0])(i);
      return ask(postGraphQL('127.0.2.1', { query }, tokens[Math.floor(i / 4) % tokens.length]));
    };
    const ofStranger = (i: number) => {
      const fields = i % 2 ? names(460) : names(460, leaves);
      const query = `mutation S${i}($e: EmailAddress!, $p: String!) { authenticateWithPassword(email: $e, password: $p) { user { ${fields} } } }`;
      return ask(postGraphQL(`127.0.3.${1 + (i % 200)}`, { query, variables: i % 20 ? {} : variables }));
    };
    await Promise.all([repeat(20, seconds, ofUser), repeat(10, seconds, ofStranger)]);
  },
  isReal: (tally, seconds) =>
    answered(tally, '200') >= 20 * seconds * 0.9 && answered(tally, '400 INVALID_REQUEST_PARAMETERS') > 0,
};

const credentials: Part = {
  name: 'keys and tokens, 50 a second that are garbage and 25 that are valid',
  async run({ port, key, tokens }, seconds, tally) {
    const ask = createClient(port, tally);
    const [header, payload] = (tokens[0] as string).split('.');
    const garbage = [
      () => `sk_${randomBytes(32).toString('base64url')}`,
      () => `${header}.${payload}.${randomBytes(64).toString('base64url')}`,
      () => `${header}.${randomBytes(200).toString('base64url')}.${randomBytes(64).toString('base64url')}`,
      () => randomBytes(3000).toString('base64url'),
    ];
    const guess = (i: number) =>
      ask(postGraphQL(`127.0.4.${1 + (i % 200)}`, { query: '{ viewer { id } }' }, garbage[i % garbage.length]?.()));
    const use = (i: number) =>
      ask(postGraphQL('127.0.4.1', { query: '{ viewer { email } }' }, i % 2 ? key : tokens[i % tokens.length]));
    await Promise.all([repeat(50, seconds, guess), repeat(25, seconds, use)]);
  },
  isReal: (tally, seconds) =>
    answered(tally, '401') >= 50 * seconds * 0.9 && answered(tally, '200') >= 25 * seconds * 0.9,
};

const costlyHashes: Part = {
  name: 'wrong passwords for 20 users with costly hashes, 10 a second from 200 networks',
  async run({ port, costlyEmails }, seconds, tally) {
    const ask = createClient(port, tally);
    const query =
      'mutation ($e: EmailAddress!, $p: String!) { authenticateWithPassword(email: $e, password: $p) { accessToken } }';
    await repeat(10, seconds, (i) => {
      const email = costlyEmails[i % costlyEmails.length];
      return ask(postGraphQL(`127.0.5.${1 + (i % 200)}`, { query, variables: { e: email, p: `wrong ${i}` } }));
    });
  },
  isReal: (tally, seconds) => answered(tally, '200 INVALID_CREDENTIALS') >= seconds / 10,
};

export const parts: readonly Part[] = [pages, silentReaders, documents, credentials, costlyHashes];

/** What came of a part. */
export interface Outcome extends Tally {
  readonly name: string;
  readonly isReal: boolean;
}

/** All parts at once, for so many seconds. */
export async function attack(target: Target, seconds: number): Promise<Outcome[]> {
  const outcome = async ({ name, run, isReal }: Part): Promise<Outcome> => {
    const tally = createTally();
    await run(target, seconds, tally);
    return { name, ...tally, isReal: isReal(tally, seconds) };
  };
  return Promise.all(parts.map(outcome));
}
