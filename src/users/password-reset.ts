import { createToken, holderOf, type Made } from '../codes/create.ts';
import { asSend } from '../codes/send.ts';
import type { Prisma, Transaction, User } from '../db/database.ts';
import { DomainError } from '../errors.ts';
import { recipient } from '../outbox/outbox.ts';
import { assertScopes } from '../principal/authorization.ts';
import type { Actor, Principal } from '../principal/principal.ts';
import { type ClientMetadata, unknownClient } from '../sessions/client-metadata.ts';
import { readAddress } from './fields.ts';
import { findByAddress } from './find.ts';
import { getLockedUser } from './locked-user.ts';
import { readRequest, requestMail, unlessTooMany } from './requested-mail.ts';
import { requesterOf } from './requester.ts';
import type { UsersApp } from './users-app.ts';

const purpose = 'password_reset';

/** Its rows in the database keep this name. */
export const sendPasswordResetJob = 'password-resets.send';

/**
 * For a backend: has a link mailed by which the user of this address sets a new password, and answers its token. Throws
 * `entity_not_found` where nobody has the address, and `password_reset_not_allowed`.
 */
export async function createPasswordReset(
  app: UsersApp,
  actor: Actor,
  typed: string,
  client: ClientMetadata = unknownClient,
): Promise<Made> {
  assertScopes(actor, ['users:credentials']);
  const { canonical } = readAddress(typed);
  const user = await findByAddress(app.db.reader, canonical);
  if (!user) throw new DomainError('entity_not_found', 'Nobody has this address.');
  if (user.managed) throw resetNotAllowed();
  const { requester } = await requesterOf(app, actor, { userId: user.id, canonical }, client);
  const send = { purpose, requester, userId: user.id, address: canonical, network: null };
  return asSend(app, send, () =>
    app.db.transaction(async (tx) => {
      const locked = await getLockedUser(tx, user.id);
      if (locked.managed) throw resetNotAllowed();
      return mailReset(app, tx, actor, locked);
    }),
  );
}

/** For anybody: has such a link mailed, if there is a user of this address who can have one. */
export function requestPasswordReset(app: UsersApp, principal: Principal, typed: string): Promise<true> {
  return requestMail(app, principal, { purpose, job: sendPasswordResetJob }, typed);
}

/** Has the link mailed that was asked for, where there is somebody to mail it to. Nobody can try a token that nobody has. */
export async function sendRequestedReset(app: UsersApp, payload: Prisma.JsonValue): Promise<void> {
  const request = readRequest(app, payload);
  const user = request && (await findByAddress(app.db.reader, request.to.canonical));
  if (!user || user.managed) return;
  const send = { purpose, requester: request.by.requester, userId: user.id, address: null, network: null };
  await asSend(app, send, () =>
    app.db.transaction(async (tx) => {
      const [locked] = await tx.statements.lock([user.id]);
      if (locked?.emailCanonical === user.emailCanonical && !locked.managed) await mailReset(app, tx, 'roster', locked);
    }),
  ).catch(unlessTooMany);
}

/** Within a transaction that has locked the user. */
async function mailReset(app: UsersApp, tx: Transaction, actor: Actor, user: User): Promise<Made> {
  const made = await createToken(app, tx, purpose, holderOf(user));
  await app.events.record(tx, actor, [{ type: 'password_reset.created', user, code: made.row }]);
  await app.outbox.queueMail(tx, {
    ...recipient(user),
    cause: made.row.id,
    content: { template: 'password-reset', token: made.secret, expiresAt: made.row.expiresAt },
  });
  return made;
}

function resetNotAllowed(): DomainError {
  return new DomainError(
    'password_reset_not_allowed',
    'An identity provider manages this user; they have no password here.',
  );
}
