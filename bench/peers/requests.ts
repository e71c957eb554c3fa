import { userOfMany } from '../../scripts/many-events.ts';

/** How a server is asked to change the two names. Raw, Roster, Apollo and Yoga take the same request. */
export type Api = 'roster' | 'postgraphile' | 'keystone' | 'better-auth';

export interface Names {
  readonly firstName: string;
  readonly lastName: string;
}

/** Every update has names of its own, so that a row tells which one was written to it last. */
export function namesOf(counter: number): Names {
  return { firstName: `First${counter}`, lastName: `Last${counter}` };
}

const answer = 'email emailVerified firstName lastName name version updatedAt';
const documents = {
  roster: `mutation ($id: ID!, $input: UpdateUserInput!) { updateUser(id: $id, input: $input) { id ${answer} } }`,
  keystone: `mutation ($id: ID!, $data: UserUpdateInput!) { updateUser(where: { id: $id }, data: $data) { id ${answer} } }`,
  postgraphile: `mutation ($input: UpdateUserByRowIdInput!) { updateUserByRowId(input: $input) { user { rowId ${answer} } } }`,
};

/** The bytes of one update. `key` is Roster's, or the cookie of the user's session. */
export function updateRequest(api: Api, key: string, index: number, counter: number): Buffer {
  const id = userOfMany(index);
  const names = namesOf(counter);
  switch (api) {
    case 'roster':
      return post('/graphql', `Authorization: Bearer ${key}`, {
        query: documents.roster,
        variables: { id, input: names },
      });
    case 'keystone':
      return post('/api/graphql', '', { query: documents.keystone, variables: { id, data: names } });
    case 'postgraphile':
      return post('/graphql', '', {
        query: documents.postgraphile,
        variables: { input: { rowId: id, userPatch: names } },
      });
    case 'better-auth':
      return post('/api/auth/update-user', `Origin: http://localhost\r\nCookie: ${key}`, names);
  }
}

function post(path: string, headers: string, body: object): Buffer {
  const text = JSON.stringify(body);
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\n${headers && `${headers}\r\n`}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}
