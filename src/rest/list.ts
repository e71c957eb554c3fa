import type { App } from '../app.ts';
import type { User } from '../db/database.ts';
import { DomainError } from '../errors.ts';
import type { HttpResponse } from '../http-messages.ts';
import { oneOf } from '../users/fields.ts';
import { findUser, listUsers, type UserPage } from '../users/find.ts';
import { type Parsed, parseInput, required } from '../users/input.ts';
import { assertNoIssues, Malformed } from '../users/malformed.ts';
import { type Call, json } from './call.ts';
import { presentUser } from './wire.ts';

export const defaultLimit = 10;
export const maxLimit = 100;
export const orders = ['normal', 'desc', 'asc'] as const;

const queryFields = {
  before: required((id) => id as string),
  after: required((id) => id as string),
  limit: required(parseLimit),
  order: required(oneOf(...orders)),
  email: required((email) => email as string),
};

type Query = Parsed<typeof queryFields>;

function parseLimit(text: unknown): number {
  const limit = /^\d{1,3}$/.test(String(text)) ? Number(text) : 0;
  if (limit >= 1 && limit <= maxLimit) return limit;
  throw new Malformed('invalid_request_parameters', `Expected a whole number from 1 to ${maxLimit}.`);
}

/** `GET /user_management/users`: a page in the order of creation, and the cursors of its neighbours. */
export async function answerList({ app, query }: Call): Promise<HttpResponse> {
  const { fields, issues } = parseInput(queryFields, query);
  assertNoIssues(issues);
  await assertCursors(app, fields);
  const page = toPage(fields);
  const { users, hasMore } = await listUsers(app, page);
  const list_metadata = presentCursors(fields, page, users, hasMore);
  return json(200, { object: 'list', data: users.map(presentUser), list_metadata });
}

async function assertCursors(app: App, { before, after }: Query): Promise<void> {
  for (const [field, id] of Object.entries({ before, after })) {
    if (id === undefined || (await findUser(app, { id }))) continue;
    throw new DomainError('invalid_request_parameters', `There is no user '${id}'.`, { field });
  }
}

/** In WorkOS's `normal` order the newest come first, but `before` asks for older users, and `after` for newer ones. */
function isReversed({ order }: Query): boolean {
  return order === 'normal';
}

function toPage(query: Query): UserPage {
  const { limit = defaultLimit, order, email } = query;
  const [before, after] = isReversed(query) ? [query.after, query.before] : [query.before, query.after];
  return {
    filter: { email },
    before,
    after,
    order: order === 'asc' ? 'asc' : 'desc',
    limit,
    // The neighbours of the cursor, not the start of everything that comes before it.
    fromEnd: before !== undefined && after === undefined,
  };
}

/** Null where the list has no more users: every SDK goes on until `after` is null. */
function presentCursors(query: Query, { before, after, fromEnd }: UserPage, users: User[], hasMore: boolean) {
  const hasPrevious = fromEnd ? hasMore : after !== undefined;
  const hasNext = fromEnd || hasMore || before !== undefined;
  const first = hasPrevious ? (users[0]?.id ?? null) : null;
  const last = hasNext ? (users.at(-1)?.id ?? null) : null;
  return isReversed(query) ? { before: last, after: first } : { before: first, after: last };
}
