import type { UserWithIdentities } from '../db/user-reads.ts';
import { lookupKey } from '../input/ids.ts';
import { assertNoIssues } from '../input/validation-errors.ts';
import type { Actor } from '../principal/principal.ts';
import { assertMayUpdate } from './access.ts';
import { sessionOf } from './changes.ts';
import { findConflicts, isConflict, valuesTaken } from './conflicts.ts';
import { preparePassword } from './credentials.ts';
import { verifyCurrentPassword } from './current-password.ts';
import { decideWithRows } from './decided-rows.ts';
import { judgeInput } from './judged-input.ts';
import { assertCurrent, type Expectation } from './user-errors.ts';
import type { UsersApp } from './users-app.ts';

export interface UpdateOptions extends Expectation {
  /** Whether the answer has the user's `identities`, too. */
  readonly withIdentities?: boolean;
}

/**
 * Updates a user: omitted fields stay, null clears, and everything happens in one transaction or not at all.
 * Promises and codes are WorkOS's "Update a user"; every refusal is a DomainError and leaves nothing behind.
 */
export async function updateUser(
  app: UsersApp,
  actor: Actor,
  id: string,
  input: unknown,
  { withIdentities = false, ...options }: UpdateOptions = {},
): Promise<UserWithIdentities> {
  assertMayUpdate(app.config, actor, id, input);
  const { fields, verifiedHash } = await judge(app, actor, id, input, options);
  const password = (await preparePassword(app, fields, actor)) ?? null; // slow, so before the transaction
  const update = { ...options, id, actor, fields, password, verifiedHash, policy: app.config, now: app.now() };
  const claims = fields.email !== undefined || fields.externalId !== undefined;
  let wake = () => {};
  try {
    const { user, identities } = await app.db.updateUser(lookupKey(id), {
      reads: {
        password: (password ?? verifiedHash) !== null,
        identities: withIdentities || fields.email !== undefined || password !== null,
        session: sessionOf(update),
      },
      claims,
      decide(stored) {
        const changes = decideWithRows(app, stored, update);
        if (changes) wake = changes.wake;
        return changes;
      },
    });
    wake();
    return withIdentities ? { ...user, identities: [...identities] } : user;
  } catch (error) {
    throw isConflict(error) ? valuesTaken(await findConflicts(app.db, error, { id, ...fields })) : error;
  }
}

/** Reports every problem of an input; answers its fields, and the stored hash that the given current password matched. */
async function judge(app: UsersApp, actor: Actor, id: string, input: unknown, expectation: Expectation) {
  const { fields, issues, known, isAboutPassword } = await judgeInput(app, actor, id, input);
  assertNoIssues(issues);
  if (isAboutPassword) assertCurrent(known, id, expectation);
  return { fields, verifiedHash: await verifyCurrentPassword(app, known, fields.currentPassword, actor) };
}
