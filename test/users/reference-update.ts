import type { Prisma } from '../../src/db/database.ts';
import type { NewPassword } from '../../src/passwords/stored-password.ts';

/** What the reference is asked to write, well-formed and in canonical form. */
export interface ReferenceInput {
  email?: { address: string; canonical: string };
  emailVerified?: true;
  firstName?: string | null;
  lastName?: string | null;
  externalId?: string | null;
  metadata?: Record<string, string | null> | null;
  password?: NewPassword;
}

export interface ReferencePolicy {
  passwordEndsSessions: boolean;
  emailEndsSessions: boolean;
}

/** The update in Prisma's models, as slow and as plain as can be: what the real one, too, must leave behind. */
export async function referenceUpdate(
  tx: Prisma.TransactionClient,
  id: string,
  { email, emailVerified, metadata, password, ...plain }: ReferenceInput,
  policy: ReferencePolicy,
  now: Date,
): Promise<void> {
  const before = await tx.user.findUniqueOrThrow({ where: { id }, include: { password: true } });
  const isMoved = email !== undefined && email.canonical !== before.emailCanonical;
  const stored = before.metadata as Record<string, string>;
  const merged = Object.entries(metadata === undefined ? stored : isEmpty(metadata) ? {} : { ...stored, ...metadata });
  const after = {
    ...plain,
    email: email?.address ?? before.email,
    emailCanonical: email?.canonical ?? before.emailCanonical,
    emailVerified: emailVerified ?? (before.emailVerified && !isMoved),
    metadata: Object.fromEntries(merged.filter(([, value]) => value !== null).sort()) as Prisma.InputJsonObject,
  };
  const hasPassword = password !== undefined && password.hash !== before.password?.hash;
  const isChanged = Object.entries(after).some(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof typeof before]),
  );
  if (!isChanged && !hasPassword) return;

  const updatedAt = new Date(Math.max(now.getTime(), before.updatedAt.getTime() + 1));
  await tx.user.update({ where: { id }, data: { ...after, updatedAt, version: { increment: 1 } } });
  if (isMoved) {
    const others = { OR: [{ emailCanonical: null }, { emailCanonical: { not: email.canonical } }] };
    await tx.identity.deleteMany({ where: { userId: id, ...others } });
  }
  const row = { ...password, changedAt: updatedAt } as NewPassword & { changedAt: Date };
  if (hasPassword) await tx.password.upsert({ where: { userId: id }, create: { userId: id, ...row }, update: row });
  const ended = [
    ...(isMoved
      ? ['email_verification', 'magic_auth', 'password_reset', 'email_change', 'pending_authentication']
      : []),
    ...(hasPassword ? ['magic_auth', 'password_reset', 'email_change', 'pending_authentication'] : []),
    ...(after.emailVerified && (isMoved || !before.emailVerified) ? ['email_verification'] : []),
  ];
  const unused = { userId: id, usedAt: null, endedAt: null };
  for (const purpose of ended) {
    await tx.oneTimeCode.updateMany({ where: { ...unused, purpose }, data: { endedAt: updatedAt, sealed: null } });
  }
  if ((hasPassword && policy.passwordEndsSessions) || (isMoved && policy.emailEndsSessions)) {
    const active = { userId: id, endedAt: null, expiresAt: { gt: updatedAt } };
    await tx.session.updateMany({ where: active, data: { endedAt: updatedAt, updatedAt } });
  }
}

const isEmpty = (metadata: object | null) => metadata === null || Object.keys(metadata).length === 0;
