import { DomainError, type Issue } from '../errors.ts';
import { lookupKey } from '../input/ids.ts';
import { assertNoIssues } from '../input/validation-errors.ts';
import { assertScopes } from '../principal/authorization.ts';
import type { Actor } from '../principal/principal.ts';
import { parseEmail } from './email.ts';
import { findOwners } from './find.ts';
import { prepareUpdate } from './update.ts';
import { type Attempted, applyAllOrNone, applyEach, applyTogether, type ItemResult } from './update-together.ts';
import { userNotFound } from './user-errors.ts';
import type { UsersApp } from './users-app.ts';

/** One of many updates: whom it is about, by one of three keys, and what changes. */
export interface UpdateItem {
  readonly id?: string | null | undefined;
  readonly externalId?: string | null | undefined;
  readonly email?: string | null | undefined;
  readonly input: Readonly<Record<string, unknown>>;
  readonly expectedVersion?: number | null | undefined;
}

/** What becomes of the others when one is refused: they are made, or none is. */
export type BulkErrorPolicy = 'continue' | 'rollback';

interface BulkOptions {
  readonly onError: BulkErrorPolicy;
  readonly withIdentities?: boolean;
}

/** More at once would keep other writers waiting. */
export const maxItems = 500;
/** So many may set a password or try one: each costs a hash. */
const maxPasswords = 10;
const hashed = ['password', 'currentPassword'];

/**
 * Many updates at once, each by the rules of one; answers what became of each, in their order. Throws where the list itself is
 * wrong: too long, too many passwords, a user twice.
 */
export async function updateUsers(
  app: UsersApp,
  actor: Actor,
  items: readonly UpdateItem[],
  { onError, withIdentities = false }: BulkOptions,
): Promise<ItemResult[]> {
  assertScopes(actor, ['users:write']);
  assertBounded(items);
  const ids = await findIds(app, items);
  assertOnce(ids);
  const attempted = await Promise.all(items.map((item, i) => attempt(app, actor, ids[i], item, withIdentities)));
  if (onError === 'rollback') return applyAllOrNone(app, attempted, withIdentities);
  const apply = app.db.isRecording ? applyTogether : applyEach; // what is kept of many is kept with one commit
  return apply(app, attempted, withIdentities);
}

/** An address is not repeated: what is answered is kept where the request has a key, also when somebody is erased. */
function nobodyBy({ id, externalId }: UpdateItem): DomainError {
  const given = id ?? externalId;
  return typeof given === 'string'
    ? userNotFound(given)
    : new DomainError('entity_not_found', 'No user has this email.');
}

async function attempt(
  app: UsersApp,
  actor: Actor,
  id: string | undefined,
  item: UpdateItem,
  withIdentities: boolean,
): Promise<Attempted> {
  try {
    if (id === undefined) throw nobodyBy(item);
    const { input, expectedVersion } = item;
    return await prepareUpdate(app, actor, id, input, { expectedVersion, withIdentities });
  } catch (error) {
    if (error instanceof DomainError) return { error };
    throw error;
  }
}

function assertBounded(items: readonly UpdateItem[]): void {
  const issues: Issue[] = [];
  const wrong = (message: string, index?: number) =>
    issues.push({
      field: index === undefined ? 'updates' : `updates[${index}]`,
      code: 'invalid_request_parameters',
      message,
    });
  if (items.length < 1 || items.length > maxItems) wrong(`Give 1 to ${maxItems} updates, not ${items.length}.`);
  const withPassword = items.filter(({ input }) => hashed.some((field) => input[field] !== undefined));
  if (withPassword.length > maxPasswords) {
    wrong(`At most ${maxPasswords} of them may have a password, not ${withPassword.length}: each costs a hash.`);
  }
  if (issues.length > 0) assertNoIssues(issues);
  for (const [index, { id, externalId, email }] of items.entries()) {
    if (Number(isGiven(id)) + Number(isGiven(externalId)) + Number(isGiven(email)) !== 1)
      wrong('Say whom it is about by exactly one of id, externalId and email.', index);
  }
  assertNoIssues(issues);
}

function isGiven(key: string | null | undefined): boolean {
  return key !== undefined && key !== null;
}

/** The id of each item's user; undefined where there is none. */
async function findIds({ db }: UsersApp, items: readonly UpdateItem[]): Promise<(string | undefined)[]> {
  const canonicalOf = ({ email }: UpdateItem) => (typeof email === 'string' ? parseEmail(email)?.canonical : undefined);
  const externalIds = items.flatMap(({ externalId }) => (typeof externalId === 'string' ? lookupKey(externalId) : []));
  const addresses = items.flatMap((item) => canonicalOf(item) ?? []);
  const { byAddress, byExternalId } = await findOwners(db.reader, addresses, externalIds);
  return items.map((item) => {
    if (typeof item.id === 'string') return lookupKey(item.id);
    if (typeof item.externalId === 'string') return byExternalId.get(lookupKey(item.externalId));
    return byAddress.get(canonicalOf(item) ?? '');
  });
}

/** Which of two updates of a user comes first would not be clear, nor what the second is to find. */
function assertOnce(ids: readonly (string | undefined)[]): void {
  const first = new Map<string, number>();
  const issues: Issue[] = [];
  for (const [i, id] of ids.entries()) {
    const known = id === undefined ? undefined : first.get(id);
    if (known !== undefined) {
      const message = `updates[${i}] is about the same user as updates[${known}]. Make one update of both.`;
      issues.push({ field: `updates[${i}]`, code: 'duplicate_item', message });
    } else if (id !== undefined) first.set(id, i);
  }
  assertNoIssues(issues);
}
