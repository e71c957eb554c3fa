import type { Made } from '../codes/create.ts';
import { asSend, sendCode } from '../codes/send.ts';
import type { User } from '../db/database.ts';
import { DomainError } from '../errors.ts';
import { assertScopes } from '../principal/authorization.ts';
import type { Actor } from '../principal/principal.ts';
import { type ClientMetadata, unknownClient } from '../sessions/client-metadata.ts';
import { createUser } from './create.ts';
import type { EmailAddress } from './email.ts';
import { readAddress } from './fields.ts';
import { findByAddress } from './find.ts';
import { getLockedUser } from './locked-user.ts';
import { requesterOf } from './requester.ts';
import type { UsersApp } from './users-app.ts';

const purpose = 'magic_auth';

/**
 * For a backend: has a code mailed that signs in the user of this address, and answers it. Where nobody has the address a user is
 * made, or `sign_up_not_allowed` thrown: `MAGIC_AUTH_CREATES_USERS`.
 */
export async function createSignInCode(
  app: UsersApp,
  actor: Actor,
  typed: string,
  client: ClientMetadata = unknownClient,
): Promise<Made> {
  assertScopes(actor, ['users:credentials']);
  const { address, canonical } = readAddress(typed);
  const known = await findByAddress(app.db.reader, canonical);
  if (known?.managed) throw managedElsewhere();
  if (!known && !app.config.MAGIC_AUTH_CREATES_USERS) throw signUpNotAllowed();
  const userId = known?.id ?? null;
  const by = await requesterOf(app, actor, { userId, canonical }, client);
  const send = { purpose, requester: by.requester, userId, address: canonical, network: null };
  return asSend(app, send, async () => {
    const { id } = known ?? (await findOrCreate(app, actor, { address, canonical }));
    return app.db.transaction(async (tx) => {
      const user = await getLockedUser(tx, id);
      if (user.managed) throw managedElsewhere();
      return sendCode(app, tx, actor, { purpose, user, by });
    });
  });
}

/** Two may ask for the same new address at once. */
async function findOrCreate(app: UsersApp, actor: Actor, { address, canonical }: EmailAddress): Promise<User> {
  try {
    return await createUser(app, actor, { email: address });
  } catch (error) {
    if (!(error instanceof DomainError && error.code === 'user_creation_error')) throw error;
    const user = await findByAddress(app.db.reader, canonical);
    if (!user) throw error;
    return user;
  }
}

function managedElsewhere(): DomainError {
  return new DomainError(
    'authentication_method_not_allowed',
    'An identity provider manages this user; they sign in there.',
  );
}

function signUpNotAllowed(): DomainError {
  return new DomainError('sign_up_not_allowed', 'Nobody has this address, and no user is made for it.');
}
