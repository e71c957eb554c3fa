import { randomUUID } from 'node:crypto';
import type { Server } from '../server-process.ts';

/** What the attackers know of a server. */
export interface Target {
  readonly port: number;
  /** A valid API key. */
  readonly key: string;
  /** Valid access tokens, each of another user. */
  readonly tokens: readonly string[];
  /** Addresses of users whose imported hashes cost as much as Roster takes. */
  readonly costlyEmails: readonly string[];
}

const password = 'purple tractor ankle monsoon';
/** What no bound of today lets anybody import more of: 256 MiB, and some two seconds of a core. */
const costliestHash =
  '$scrypt$v=1$n=131072,r=16,p=1,kl=32$TmFDbCBvZiAxNiBieXRlcw$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8';

/** Fills a store with whom the attackers need: large users, users who are signed in, users with costly hashes. */
export async function prepareTarget({ port, key }: Server): Promise<Target> {
  const create = (input: object) =>
    ask(port, key, 'mutation ($input: CreateUserInput!) { createUser(input: $input) { id } }', { input });
  const metadata = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`key${i}`, 'x'.repeat(600)]));
  const email = () => `${randomUUID()}@example.com`;
  const costlyEmails = Array.from({ length: 20 }, email);
  for (const address of costlyEmails) {
    const credentials = { passwordHash: costliestHash, passwordHashType: 'SCRYPT' };
    await create({ email: address, emailVerified: true, ...credentials });
  }

  const tokens: string[] = [];
  for (let i = 0; i < 12; i += 1) {
    const address = email();
    await create({ email: address, emailVerified: true, password });
    const signIn =
      'mutation ($email: EmailAddress!, $password: String!) { authenticateWithPassword(email: $email, password: $password) { accessToken } }';
    const data = await ask(port, key, signIn, { email: address, password });
    tokens.push((data.authenticateWithPassword as { accessToken: string }).accessToken);
  }
  // The newest come first in every list.
  for (let i = 0; i < 100; i += 1) await create({ email: email(), metadata });
  return { port, key, tokens, costlyEmails };
}

async function ask(port: number, key: string, query: string, variables: object): Promise<Record<string, unknown>> {
  const answer = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await answer.json()) as { data?: Record<string, unknown>; errors?: unknown };
  if (!data || errors) throw new Error(`the store could not be filled: ${JSON.stringify(errors)}`);
  return data;
}
