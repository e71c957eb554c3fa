import type { Identity, Session, User } from '../db/database.ts';
import type { EventType, NewEvent } from './event-types.ts';

/** Ids from long ago, which nobody has. */
const ids = {
  user: 'user_01E4ZCR3C56J083X43JQXF3JK5',
  session: 'session_01E4ZCR3C5A4QZ64Z2JQXGKZJ9',
  identity: 'identity_01E4ZCR3C5SA5G2ZFS7H1WRYC3',
};

/** What a test tells of: made up, and the same for every type, of which each takes what it says. */
function subjectAt(now: Date) {
  const expiresAt = new Date(now.getTime() + 600_000);
  const named: Partial<User> = {
    id: ids.user,
    email: 'ada@example.com',
    emailCanonical: 'ada@example.com',
    emailVerified: true,
    firstName: 'Ada',
    lastName: 'Lovelace',
    name: 'Ada Lovelace',
    profilePictureUrl: null,
    externalId: null,
    metadata: { sample: 'true' },
    locale: 'en-US',
    managed: false,
    lastSignInAt: now,
    createdAt: now,
    updatedAt: now,
    version: 1,
  };
  const before = named as User; // a plain field that is not named is not set
  const email = 'countess@example.com';
  const client = { ipAddress: '192.0.2.1', userAgent: 'Mozilla/5.0' };
  const session: Session = {
    ...client,
    id: ids.session,
    userId: ids.user,
    authMethod: 'password',
    createdAt: now,
    updatedAt: now,
    expiresAt,
    endedAt: null,
  };
  const identity: Identity = {
    id: ids.identity,
    userId: ids.user,
    provider: 'GoogleOAuth',
    idpId: '108872335',
    email: before.email,
    emailCanonical: before.emailCanonical,
    createdAt: now,
    updatedAt: now,
  };
  return {
    before,
    client,
    import: {
      format: 'csv',
      records: 3,
      outcomes: { created: 2, updated: 0, unchanged: 0, skipped: 0, refused: 1 },
      startedAt: now,
    },
    identity,
    session,
    user: { ...before, email, emailCanonical: email, version: 2 },
    change: { newEmail: email, expiresAt, createdAt: now },
  };
}

/** What has changed is told of these alone. */
const tellsBefore: readonly EventType[] = ['user.updated', 'user.email_changed'];

const reasons: Partial<Record<EventType, string>> = {
  'user.password_changed': 'set',
  'identity.linked': 'linked',
  'identity.unlinked': 'unlinked',
};

/** An event of this type that tells of nobody. */
export function sampleEvent(type: EventType, now: Date): NewEvent {
  const { before, session, change, ...subject } = subjectAt(now);
  const [kind] = type.split('.');
  return {
    ...subject,
    type,
    change,
    code: { id: `${kind}_01E4ZCR3C5TNBG04A1BBTQY6RC`, email: subject.user.email, ...change },
    session: { ...session, endedAt: type === 'session.revoked' ? now : null },
    reason: reasons[type],
    ...(tellsBefore.includes(type) && { before }),
    ...(type.endsWith('_failed') && { error: { code: 'invalid_credentials', message: 'Invalid credentials.' } }),
  } as unknown as NewEvent;
}
