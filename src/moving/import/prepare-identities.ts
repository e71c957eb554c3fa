import type { Identity, User } from '../../db/database.ts';
import { parseInput, requireFields } from '../../input/input-rules.ts';
import { parseEmail } from '../../users/email.ts';
import { linkFields, maxIdentities } from '../../users/identities.ts';
import type { Note, SourceIdentity, SourceUser } from '../source/import-format.ts';
import { isUlidId, madeId } from './made-ids.ts';
import { momentOf } from './moments.ts';
import { leftOut } from './notes.ts';
import { providerOf } from './provider-names.ts';

interface IdentityOptions {
  readonly format: string;
  readonly keycloakIdpEmail: boolean;
}

/** The identities that can be stored; the others are noted. */
export function prepareIdentities(
  { identities = [] }: SourceUser,
  user: User,
  options: IdentityOptions,
  notes: Note[],
): Identity[] {
  const prepared = new Map<string, Identity>();
  for (const source of identities) {
    const identity = prepareIdentity(source, user, options, notes);
    if (identity && prepared.size < maxIdentities) prepared.set(`${identity.provider} ${identity.idpId}`, identity);
    else if (identity) notes.push(leftOut('identities', `A user has at most ${maxIdentities} identities.`));
  }
  return [...prepared.values()];
}

function prepareIdentity(
  source: SourceIdentity,
  user: User,
  { format, keycloakIdpEmail }: IdentityOptions,
  notes: Note[],
): Identity | null {
  const provider = providerOf(source.provider);
  if (provider === null) {
    const name = typeof source.provider === 'string' ? source.provider.slice(0, 40) : '';
    notes.push({
      code: 'not_carried',
      field: 'identities',
      message: `The provider ${JSON.stringify(name)} is none of Roster's.`,
    });
    return null;
  }
  const address = typeof source.email === 'string' ? parseEmail(source.email) : null;
  const given = address?.address ?? (format === 'keycloak' && keycloakIdpEmail ? user.email : null);
  const idpId = typeof source.idpId === 'number' ? String(source.idpId) : source.idpId;
  const { fields, issues } = parseInput(linkFields, { provider, idpId: idpId ?? undefined, email: given });
  requireFields(['idpId'], fields, issues);
  if (issues[0] || fields.idpId === undefined) {
    notes.push(leftOut('identities', `An identity of ${provider} is left out: ${issues[0]?.message}`));
    return null;
  }
  if (!fields.email && format !== 'roster') {
    const message = `The identity of ${provider} has no address. It is unlinked when the user's address changes.`;
    notes.push({ code: 'changed', field: 'identities', message });
  }
  const isOwnId = format === 'roster' && typeof source.id === 'string' && isUlidId('identity', source.id);
  const createdAt = momentOf(source.createdAt) ?? user.createdAt;
  return {
    id: isOwnId ? (source.id as string) : madeId('identity', createdAt, [provider, fields.idpId]),
    userId: user.id,
    provider,
    idpId: fields.idpId,
    email: fields.email?.address ?? null,
    emailCanonical: fields.email?.canonical ?? null,
    createdAt,
    updatedAt: (format === 'roster' && momentOf(source.updatedAt)) || createdAt,
  };
}
