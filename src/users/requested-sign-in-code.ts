import { createCode, type RequestedBy } from '../codes/create.ts';
import { asSend, sendCode } from '../codes/send.ts';
import type { Prisma, User } from '../db/database.ts';
import type { Principal } from '../principal/principal.ts';
import { findByAddress } from './find.ts';
import { readRequest, requestMail, unlessTooMany } from './requested-mail.ts';
import type { UsersApp } from './users-app.ts';

const purpose = 'magic_auth';

/** Its rows in the database keep this name. */
export const sendSignInCodeJob = 'sign-in-codes.send';

/** For anybody: has a code mailed, if there is a user of this address who can sign in by one; makes no user. */
export function requestSignInCode(app: UsersApp, principal: Principal, typed: string): Promise<true> {
  return requestMail(app, principal, { purpose, job: sendSignInCodeJob }, typed);
}

/** Has the code mailed; where there is nobody to mail it to, stores one that nobody knows, so that guesses are answered alike. */
export async function sendRequestedCode(app: UsersApp, payload: Prisma.JsonValue): Promise<void> {
  const request = readRequest(app, payload);
  if (!request) return;
  const { to, by } = request;
  const { canonical } = to;
  const known = await findByAddress(app.db.reader, canonical);
  if (known && !known.managed) {
    const send = { purpose, requester: by.requester, userId: known.id, address: null, network: null };
    await asSend(app, send, () => sendTo(app, known, by)).catch(unlessTooMany);
    return;
  }
  const decoy = { userId: null, email: to.address, emailCanonical: canonical };
  await app.db.transaction((tx) => createCode(app, tx, purpose, decoy, by));
}

async function sendTo(app: UsersApp, { id, emailCanonical }: User, by: RequestedBy): Promise<void> {
  await app.db.transaction(async (tx) => {
    const [user] = await tx.statements.lock([id]);
    if (user?.emailCanonical !== emailCanonical || user.managed) return;
    await sendCode(app, tx, 'roster', { purpose, user, by });
  });
}
