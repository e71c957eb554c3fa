import { createCode } from '../codes/create.ts';
import { asSend, sendCode } from '../codes/send.ts';
import type { Prisma } from '../db/database.ts';
import { DomainError } from '../errors.ts';
import { newId } from '../input/ids.ts';
import type { Principal } from '../principal/principal.ts';
import { assertMayOpenAccounts } from './access.ts';
import { networkWithoutKey } from './password-attempt.ts';
import { findByAddress, readAddress } from './sign-in-code.ts';
import type { UsersApp } from './users-app.ts';

const purpose = 'magic_auth';

/** The job that does what nobody is to learn from how long the answer takes. Its rows in the database keep this name. */
export const sendSignInCodeJob = 'sign-in-codes.send';

/** Whoever asked so long ago has asked again, or gone. */
const maxAgeMs = 600_000;

/**
 * For anybody: has a code mailed, if there is a user of this address who can sign in by one; makes no user. Answers the same, in
 * the same time, where there is none. Throws `invalid_email` and `daily_quota_exceeded`, by the address and the caller alone.
 */
export async function requestSignInCode(app: UsersApp, principal: Principal, typed: string): Promise<true> {
  assertMayOpenAccounts(principal);
  const { address, canonical } = readAddress(typed);
  const send = { purpose, userId: null, address: canonical, network: networkWithoutKey(principal) };
  await asSend(app, send, () => {
    const { id, createdAt } = newId(purpose, app.now());
    const payload = { id, sealed: app.secrets.sealSecret('codes', id, address), requestedAt: createdAt.toISOString() };
    return app.db.transaction((tx) => app.jobs.enqueue(tx, { kind: sendSignInCodeJob, payload }));
  });
  return true;
}

/** Has the code mailed; where there is nobody to mail it to, stores one that nobody knows, so that guesses are answered alike. */
export async function sendRequestedCode(app: UsersApp, payload: Prisma.JsonValue): Promise<void> {
  const { id, sealed, requestedAt } = payload as { id: string; sealed: string; requestedAt: string };
  if (app.now().getTime() - Date.parse(requestedAt) > maxAgeMs) return;
  const { address, canonical } = readAddress(app.secrets.openSecret('codes', id, sealed).toString());
  const known = await findByAddress(app, canonical);
  if (known && !known.managed) {
    const send = { purpose, userId: known.id, address: null, network: null };
    await asSend(app, send, () => sendTo(app, known.id, canonical)).catch(unlessTooMany);
    return;
  }
  const decoy = { userId: null, email: address, emailCanonical: canonical };
  await app.db.transaction((tx) => createCode(app, tx, purpose, decoy));
}

async function sendTo(app: UsersApp, id: string, canonical: string): Promise<void> {
  await app.db.transaction(async (tx) => {
    const [user] = await tx.statements.lock([id]);
    if (user?.emailCanonical === canonical && !user.managed) await sendCode(app, tx, purpose, user);
  });
}

/** There is nobody to tell, and trying again would send what is too much later on. */
function unlessTooMany(error: unknown): void {
  if (!(error instanceof DomainError && error.code === 'daily_quota_exceeded')) throw error;
}
