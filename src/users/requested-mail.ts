import type { RequestedBy } from '../codes/create.ts';
import { asSend } from '../codes/send.ts';
import type { Prisma } from '../db/database.ts';
import { DomainError } from '../errors.ts';
import { type CodePurpose, newId } from '../input/ids.ts';
import type { Principal } from '../principal/principal.ts';
import { Unsealable } from '../secrets/secrets.ts';
import { assertMayOpenAccounts } from './access.ts';
import type { EmailAddress } from './email.ts';
import { readAddress } from './fields.ts';
import { networkWithoutKey } from './password-attempt.ts';
import { requesterOf } from './requester.ts';
import type { UsersApp } from './users-app.ts';

/** Whoever asked so long ago has asked again, or gone. */
const maxAgeMs = 600_000;

/** What is to be mailed, and the job that does so: it does what nobody is to learn from how long the answer takes. */
interface RequestedMail {
  readonly purpose: CodePurpose;
  readonly job: string;
}

/**
 * For anybody: has something mailed to the user of this address, if there is one who may have it. Answers the same, in the same
 * time, where there is none. Throws `invalid_email` and `daily_quota_exceeded`, by the address and the caller alone.
 */
export async function requestMail(
  app: UsersApp,
  principal: Principal,
  { purpose, job }: RequestedMail,
  typed: string,
): Promise<true> {
  assertMayOpenAccounts(principal);
  const { address, canonical } = readAddress(typed);
  const by = await requesterOf(app, principal, { userId: null, canonical });
  const { requester } = by;
  const send = { purpose, requester, userId: null, address: canonical, network: networkWithoutKey(principal) };
  await asSend(app, send, () => {
    const { id, createdAt } = newId(purpose, app.now());
    const sealed = app.secrets.sealSecret('codes', id, address);
    const payload = { id, sealed, requestedAt: createdAt.toISOString(), requester, requestedBy: by.id };
    return app.db.transaction((tx) => app.jobs.enqueue(tx, { kind: job, payload }));
  });
  return true;
}

/** A request, as its job has it. Jobs of earlier versions do not say who asked. */
interface Payload {
  readonly id: string;
  readonly sealed: string;
  readonly requestedAt: string;
  readonly requester?: RequestedBy['requester'];
  readonly requestedBy?: string | null;
}

/** What was asked for, and by whom. */
export interface MailRequest {
  readonly to: EmailAddress;
  readonly by: RequestedBy;
}

/** A request, from its job; null where that has waited too long, or the secret was changed since. */
export function readRequest(app: UsersApp, payload: Prisma.JsonValue): MailRequest | null {
  const { id, sealed, requestedAt, requester = 'stranger', requestedBy = null } = payload as unknown as Payload;
  if (app.now().getTime() - Date.parse(requestedAt) > maxAgeMs) return null;
  try {
    const to = readAddress(app.secrets.openSecret('codes', id, sealed).toString());
    return { to, by: { requester, id: requestedBy } };
  } catch (error) {
    if (error instanceof Unsealable) return null; // whoever waits asks again
    throw error;
  }
}

/** There is nobody to tell, and trying again would send what is too much later on. */
export function unlessTooMany(error: unknown): void {
  if (!(error instanceof DomainError && error.code === 'daily_quota_exceeded')) throw error;
}
