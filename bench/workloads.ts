import { randomUUID } from 'node:crypto';
import { userOfMany } from '../scripts/many-events.ts';

/** What the servers are asked to do. The raw servers answer the same requests with hand-written statements. */
export type Workload = 'update' | 'keyed-update' | 'rest-update' | 'email' | 'user' | 'page' | 'bulk';

const documents: Record<Exclude<Workload, 'rest-update' | 'keyed-update'>, string> = {
  update:
    'mutation ($id: ID!, $input: UpdateUserInput!) { updateUser(id: $id, input: $input) { id email emailVerified firstName lastName name version updatedAt } }',
  email:
    'mutation ($id: ID!, $input: UpdateUserInput!) { updateUser(id: $id, input: $input) { id email emailVerified version identities { id provider email } } }',
  user: 'query ($id: ID!) { user(id: $id) { id email emailVerified firstName lastName version identities { id provider email } } }',
  bulk: 'mutation ($updates: [UpdateUsersItem!]!) { updateUsers(updates: $updates) { results { index user { id email firstName lastName version updatedAt } error { code } } updated failed } }',
  page: 'query ($after: String) { users(first: 50, after: $after, orderBy: CREATED_AT_ASC) { edges { node { id email firstName identities { id provider } } } pageInfo { endCursor hasNextPage } } }',
};

/**
 * A function that answers the bytes of the next request. Users are drawn at random, but for `email`: each of them can lose
 * their identities only once, so they are taken in turn from `start`,
 * which goes on beyond their number where they are taken again.
 */
export function makeRequests(workload: Workload, key: string, users: number, start: number): () => Buffer {
  let counter = start;
  return () => {
    counter += 1;
    const index = Math.floor(Math.random() * users);
    const id = userOfMany(index);
    const names = { firstName: `First${counter}`, lastName: `Last${counter % 977}` };
    switch (workload) {
      case 'rest-update':
        return request('PUT', `/user_management/users/${id}`, key, {
          first_name: names.firstName,
          last_name: names.lastName,
        });
      case 'update':
        return post(key, documents.update, { id, input: names });
      case 'keyed-update':
        return post(key, documents.update, { id, input: names }, `Idempotency-Key: ${randomUUID()}\r\n`);
      case 'email': {
        const input = { email: `second${counter}@example.com` };
        return post(key, documents.email, { id: userOfMany(counter % users), input });
      }
      case 'bulk':
        return post(key, documents.bulk, { updates: updatesFrom(index, users, names) });
      case 'user':
        return post(key, documents.user, { id });
      case 'page':
        return post(key, documents.page, {
          after: userOfMany(Math.floor(users / 2) + Math.floor((Math.random() * users) / 4)),
        });
    }
  };
}

/** So many as one request can hold, of users that follow each other. */
export const bulkSize = 500;

function updatesFrom(index: number, users: number, names: object): object[] {
  return Array.from({ length: bulkSize }, (_, i) => ({ id: userOfMany((index + i) % users), input: names }));
}

function post(key: string, query: string, variables: object, headers = ''): Buffer {
  return request('POST', '/graphql', key, { query, variables }, headers);
}

function request(method: string, path: string, key: string, body: object, headers = ''): Buffer {
  const text = JSON.stringify(body);
  return Buffer.from(
    `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\n${headers}Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}
