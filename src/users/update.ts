import { createBatcher } from '../db/batch.ts';
import type { Database } from '../db/database.ts';
import { unavailable } from '../db/errors.ts';
import { createLanes } from '../db/lanes.ts';
import type { UserWithIdentities } from '../db/user-reads.ts';
import { lookupKey } from '../input/ids.ts';
import { type ParsedInput, parseInput } from '../input/input-rules.ts';
import { assertNoIssues } from '../input/validation-errors.ts';
import type { StoredPassword } from '../passwords/stored-password.ts';
import { type Actor, actingUser } from '../principal/principal.ts';
import { assertMayUpdate } from './access.ts';
import type { SessionPolicy } from './changes.ts';
import { findCredentialIssues, preparePassword } from './credentials.ts';
import {
  assertMayTryPassword,
  findCurrentPasswordIssues,
  findWithPassword,
  verifyCurrentPassword,
} from './current-password.ts';
import { type ParsedFields, updateFields } from './fields.ts';
import { applyUpdates, mayHaveToWait, type Outcome } from './update-transaction.ts';
import { assertCurrent } from './user-errors.ts';
import type { UsersApp } from './users-app.ts';

export interface UpdateOptions {
  /** Refuses the update when the stored version is another one. */
  readonly expectedVersion?: number | null | undefined;
  /** Whether the answer has the user's `identities`, too. */
  readonly withIdentities?: boolean;
}

/** An update that is well-formed, and whose password is hashed. */
export interface Update extends UpdateOptions {
  readonly id: string;
  readonly actor: Actor;
  readonly fields: ParsedFields;
  readonly password: StoredPassword | null;
  /** The stored hash that the given current password matched. */
  readonly verifiedHash: string | null;
  readonly sessionPolicy: SessionPolicy;
  readonly now: Date;
}

/** So many updates share one transaction at most. */
const maxBatch = 64;

/**
 * Updates a user: omitted fields stay, null clears, and everything happens in one transaction or not at all.
 * Promises and codes are WorkOS's "Update a user"; every refusal is a DomainError and leaves nothing behind.
 */
export async function updateUser(
  app: UsersApp,
  actor: Actor,
  id: string,
  input: unknown,
  options: UpdateOptions = {},
): Promise<UserWithIdentities> {
  assertMayUpdate(app.config, actor, id, input);
  const parsed = parseInput(updateFields, input);
  const verifiedHash = await checkInput(app, actor, id, parsed, options);
  const { fields } = parsed;
  const password = (await preparePassword(app, fields, actor)) ?? null;
  const update = { ...options, id, actor, fields, password, verifiedHash, sessionPolicy: app.config, now: app.now() };
  const outcome = await queueOf(app)(update);
  if ('refusal' in outcome) throw outcome.refusal;
  return outcome.user;
}

/** Reports every problem of an input, and answers the stored hash that the given current password matches. */
async function checkInput(
  app: UsersApp,
  actor: Actor,
  id: string,
  { fields, issues }: ParsedInput<typeof updateFields>,
  options: UpdateOptions,
): Promise<string | null> {
  const isAboutPassword = fields.password !== undefined || fields.currentPassword !== undefined;
  const known = isAboutPassword ? await findWithPassword(app, id) : null;
  await assertMayTryPassword(app, fields, actor);
  issues.push(...(await findCredentialIssues(app, fields, known ?? {})));
  if (actingUser(actor)) issues.push(...findCurrentPasswordIssues(fields));
  assertNoIssues(issues);
  if (isAboutPassword) assertCurrent(known, id, options);
  return verifyCurrentPassword(app, known, fields.currentPassword, actor);
}

const queues = new WeakMap<Database, (update: Update) => Promise<Outcome>>();

/**
 * Updates that arrive together are written together: see `applyUpdates`. So that none keeps others waiting, those that may have
 * to wait for another transaction have a queue of their own, and those that must wait for one, which holds their user or a
 * value that they want, and those whose user is not there, wait by themselves and in turns, on half of the connections.
 */
function queueOf({ db, config }: UsersApp) {
  const known = queues.get(db);
  if (known) return known;
  const waiting = createLanes({
    keyOf: ({ id }: Update) => lookupKey(id),
    run: (updates) => applyUpdates(db, updates, 'wait'),
    maxSize: maxBatch,
    maxRunning: Math.ceil(config.DATABASE_POOL_SIZE / 2),
    maxWaitMs: config.DATABASE_STATEMENT_TIMEOUT_MS,
    tooLate: unavailable,
  });
  const createQueue = () =>
    createBatcher(async (updates: Update[]) => {
      const outcomes = await applyUpdates(db, updates, 'skip');
      return updates.map((update, i) => outcomes[i] ?? waiting(update));
    }, maxBatch);
  const [plain, others] = [createQueue(), createQueue()];
  const queue = (update: Update) => (mayHaveToWait(update) ? others(update) : plain(update));
  queues.set(db, queue);
  return queue;
}
