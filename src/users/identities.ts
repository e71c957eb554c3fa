import type { Database, Identity, Transaction } from '../db/database.ts';
import { violatedConstraint } from '../db/errors.ts';
import { DomainError, entityNotFound } from '../errors.ts';
import type { NewEvent } from '../events/event-types.ts';
import { lookupKey, newId } from '../input/ids.ts';
import { clearable, type Parsed, parseInput, required, requireFields } from '../input/input-rules.ts';
import { assertNoIssues } from '../input/validation-errors.ts';
import { inBlocks } from '../jobs/blocks.ts';
import { assertScopes } from '../principal/authorization.ts';
import type { Actor } from '../principal/principal.ts';
import { assertMayLink } from './access.ts';
import { nextVersion } from './changes.ts';
import { disarm } from './disarm.ts';
import { oneOf, parseAddress, text } from './fields.ts';
import { getLockedUser } from './locked-user.ts';
import { noticeTo } from './notices.ts';
import { providers } from './providers.ts';
import { type Expectation, versionMismatch } from './user-errors.ts';
import type { UsersApp } from './users-app.ts';

/** More than there are providers, several times over: a list of them stays short. */
export const maxIdentities = 50;

export const linkFields = {
  provider: required(oneOf(...Object.values(providers))),
  idpId: required(text(255, 1)),
  email: clearable(parseAddress),
};

export interface LinkOptions extends Expectation {
  /** Whether what was set before stays, where the identity has the address of an account that nobody has verified. */
  readonly keepCredentials?: boolean | null | undefined;
}

/**
 * Links an identity to a user. Linking the same one again is no error: it answers the identity that is there, with the
 * address as given now. One that belongs to another user is refused with `identity_already_linked`. When the user's email
 * changes meanwhile and the identity does not match the new one, `version_mismatch`: it would stay as a way back in. Which
 * email was meant nobody can know but the caller, who says it by the expected version. A user with as many as
 * there can be: `identity_limit_exceeded`. Where the identity has the address of the user, which nobody has verified, the
 * owner of the address has come by it: what somebody else may have set before them goes, see `disarm`.
 */
export async function linkIdentity(
  app: UsersApp,
  actor: Actor,
  userId: string,
  input: unknown,
  { keepCredentials = false, ...expectation }: LinkOptions = {},
): Promise<Identity> {
  assertMayLink(app.config, actor);
  const { fields, issues } = parseInput(linkFields, input);
  requireFields(['provider', 'idpId'], fields, issues);
  assertNoIssues(issues);
  const { provider, idpId, email } = fields as Required<Parsed<typeof linkFields>>;
  const address = { email: email?.address ?? null, emailCanonical: email?.canonical ?? null };
  const seen = await app.db.reader.user.findUnique({ where: { id: lookupKey(userId) } });
  try {
    return await app.db.transaction(async (tx) => {
      const before = await getLockedUser(tx, userId, expectation);
      if (seen && before.emailCanonical !== seen.emailCanonical && before.emailCanonical !== address.emailCanonical) {
        throw versionMismatch(before.version);
      }
      const linked = await tx.prisma.identity.findUnique({ where: { provider_idpId: { provider, idpId } } });
      if (linked && linked.userId !== userId) throw alreadyLinked();
      if (linked && (email === undefined || linked.email === address.email)) return linked;
      if (!linked && (await tx.prisma.identity.count({ where: { userId } })) >= maxIdentities) throw limitExceeded();
      const now = app.now();
      const user = await tx.prisma.user.update({ where: { id: userId }, data: nextVersion(before, now) });
      const identity = await storeIdentity(tx, linked, { userId, provider, idpId, ...address }, now);
      if (!linked)
        await app.outbox.queueMail(tx, noticeTo(user, user.version, { template: 'identity-linked', provider }));
      const told: NewEvent = { type: 'identity.linked', user, identity, reason: linked ? 'address_changed' : 'linked' };
      await app.events.record(tx, actor, [{ type: 'user.updated', user, before }, told]);
      const isOfUser = user.emailCanonical === address.emailCanonical;
      if (isOfUser && !user.emailVerified && !keepCredentials) await disarm(app, tx, actor, user);
      return identity;
    });
  } catch (error) {
    throw violatedConstraint(error) === 'identities_provider_idp_id_key' ? alreadyLinked() : error;
  }
}

type IdentityValues = Pick<Identity, 'userId' | 'provider' | 'idpId' | 'email' | 'emailCanonical'>;

/** Makes the identity, or gives the one that is there another address. */
function storeIdentity(tx: Transaction, linked: Identity | null, values: IdentityValues, now: Date): Promise<Identity> {
  const { email, emailCanonical } = values;
  if (linked) {
    const data = { email, emailCanonical, updatedAt: now };
    return tx.prisma.identity.update({ where: { id: linked.id }, data });
  }
  const { id, createdAt } = newId('identity', now);
  return tx.prisma.identity.create({ data: { id, ...values, createdAt, updatedAt: createdAt } });
}

/** Unlinks an identity from its user; answers it as it last was. The version that may be expected is the user's. */
export async function unlinkIdentity(
  app: UsersApp,
  actor: Actor,
  id: string,
  expectation: Expectation = {},
): Promise<Identity> {
  assertScopes(actor, ['users:write']);
  const where = { id: lookupKey(id) };
  return app.db.transaction(async (tx) => {
    const owner = await tx.prisma.identity.findUnique({ where, select: { userId: true } });
    const before = owner && (await getLockedUser(tx, owner.userId, expectation));
    const identity = before && (await tx.prisma.identity.findUnique({ where }));
    if (!identity) throw entityNotFound('Identity', id);
    const user = await tx.prisma.user.update({ where: { id: before.id }, data: nextVersion(before, app.now()) });
    const content = { template: 'identity-unlinked', providers: [identity.provider] } as const;
    await app.outbox.queueMail(tx, noticeTo(user, user.version, content));
    const told: NewEvent = { type: 'identity.unlinked', user, identity, reason: 'unlinked' };
    await app.events.record(tx, actor, [{ type: 'user.updated', user, before }, told]);
    return tx.prisma.identity.delete({ where });
  });
}

/** Who linked more of them before there was a limit keeps them: each may be somebody's only way in. */
export async function countUsersWithTooManyIdentities(db: Database, signal: AbortSignal): Promise<number> {
  let found = 0;
  await inBlocks(signal, async (cursor) => {
    const users = await db.reader.identity.groupBy({
      by: ['userId'],
      where: { userId: { gt: cursor } },
      _count: true,
      orderBy: { userId: 'asc' },
      take: 1000,
    });
    found += users.filter(({ _count }) => _count > maxIdentities).length;
    return users.at(-1)?.userId;
  });
  return found;
}

function limitExceeded(): DomainError {
  const message = `The user has ${maxIdentities} identities, as many as there can be. Unlink one first.`;
  return new DomainError('identity_limit_exceeded', message);
}

function alreadyLinked(): DomainError {
  return new DomainError('identity_already_linked', 'This account of the provider is linked to another user.', {
    field: 'idpId',
  });
}
