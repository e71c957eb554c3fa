import type { App } from '../app.ts';
import type { Identity, Transaction } from '../db/database.ts';
import { violatedConstraint } from '../db/errors.ts';
import { DomainError } from '../errors.ts';
import { nextVersion } from './changes.ts';
import { oneOf, parseAddress, text } from './fields.ts';
import { lookupKey, newId } from './ids.ts';
import { clearable, type Parsed, parseInput, required, requireFields } from './input.ts';
import { assertNoIssues } from './malformed.ts';
import { providers } from './providers.ts';
import { userNotFound } from './refusals.ts';

const linkFields = {
  provider: required(oneOf(...Object.values(providers))),
  idpId: required(text(255, 1)),
  email: clearable(parseAddress),
};

/**
 * Links an identity to a user. Linking the same one again is no error: it answers the identity that is there, with the
 * address as given now. One that belongs to another user is refused with `identity_already_linked`.
 */
export async function linkIdentity(app: App, userId: string, input: unknown): Promise<Identity> {
  const { fields, issues } = parseInput(linkFields, input);
  requireFields(['provider', 'idpId'], fields, issues);
  assertNoIssues(issues);
  const { provider, idpId, email } = fields as Required<Parsed<typeof linkFields>>;
  const address = { email: email?.address ?? null, emailCanonical: email?.canonical ?? null };
  try {
    return await app.db.transaction(async (tx) => {
      await assertUser(tx, userId);
      const linked = await tx.identity.findUnique({ where: { provider_idpId: { provider, idpId } } });
      if (linked && linked.userId !== userId) throw alreadyLinked();
      if (linked && (email === undefined || linked.email === address.email)) return linked;
      await touchUser(app, tx, userId);
      const now = app.now();
      if (linked) return tx.identity.update({ where: { id: linked.id }, data: { ...address, updatedAt: now } });
      const { id, createdAt } = newId('identity', now);
      return tx.identity.create({ data: { id, userId, provider, idpId, ...address, createdAt, updatedAt: createdAt } });
    });
  } catch (error) {
    throw violatedConstraint(error) === 'identities_provider_idp_id_key' ? alreadyLinked() : error;
  }
}

/** Unlinks an identity from its user; answers it as it last was. */
export async function unlinkIdentity(app: App, id: string): Promise<Identity> {
  return app.db.transaction(async (tx) => {
    const identity = await tx.identity.findUnique({ where: { id: lookupKey(id) } });
    if (!identity) throw new DomainError('entity_not_found', `Identity not found: '${id}'.`, { entityId: id });
    await touchUser(app, tx, identity.userId);
    return tx.identity.delete({ where: { id } });
  });
}

async function assertUser(tx: Transaction, id: string): Promise<void> {
  if (!(await tx.user.findUnique({ where: { id: lookupKey(id) }, select: { id: true } }))) throw userNotFound(id);
}

/** The identities are part of what a reader of the user sees, so the user's version counts their changes. */
async function touchUser(app: App, tx: Transaction, id: string): Promise<void> {
  const user = await tx.user.findUniqueOrThrow({ where: { id } });
  await tx.user.update({ where: { id }, data: nextVersion(user, app.now()) });
}

function alreadyLinked(): DomainError {
  return new DomainError('identity_already_linked', 'This account of the provider is linked to another user.', {
    field: 'idpId',
  });
}
