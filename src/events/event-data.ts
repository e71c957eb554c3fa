import type { Identity, OneTimeCode, Session, User } from '../db/database.ts';

/** How the API shows what events tell of: the data of an event are the same. */
export interface Presenters {
  user(user: User): Record<string, unknown>;
  /** What the attributes that changed were before. */
  previous(before: User, after: User): Record<string, unknown>;
  session(session: Session, now: Date): Record<string, unknown>;
}

/** Whose event it is, and the version that they have after it. */
export interface Whose {
  readonly id: string;
  readonly version: number;
}

/** What an event says. */
export interface Content {
  readonly user: Whose | null;
  readonly data: Record<string, unknown>;
  /** What the attributes that changed were before. */
  readonly previous?: Record<string, unknown>;
}

export interface UserSubject {
  readonly user: User;
  /** As they were, where they changed. */
  readonly before?: User;
}

export interface SessionSubject {
  readonly user: Whose;
  readonly session: Session;
}

/** Why an identity was linked, and why it was unlinked; `address_changed`: it was linked before, with another address. */
export type IdentityReason =
  | 'linked'
  | 'address_changed'
  | 'unlinked'
  | 'email_changed'
  | 'mailbox_proven'
  | 'managed'
  | 'user_deleted';

export interface IdentitySubject {
  readonly user: Whose;
  readonly identity: Identity;
  readonly reason: IdentityReason;
}

export interface AuthenticationSubject {
  /** Null where nobody has the address. */
  readonly user: (Whose & Pick<User, 'email'>) | null;
  /** The address that was given, where it is one. What is none may be a password in the wrong place. */
  readonly email?: string | null;
  readonly client: { readonly ipAddress: string | null; readonly userAgent: string | null };
  readonly error?: { readonly code: string; readonly message: string };
}

/** A code or a token that was made, without it. */
export interface CodeSubject {
  readonly user: Whose;
  readonly code: Pick<OneTimeCode, 'id' | 'email' | 'createdAt' | 'expiresAt'>;
}

type Build<Subject> = (subject: Subject, present: Presenters, now: Date) => Content;

export const ofUser: Build<UserSubject> = ({ user, before }, present) => ({
  user,
  data: present.user(user),
  ...(before && { previous: present.previous(before, user) }),
});

export const ofSession: Build<SessionSubject> = ({ user, session }, present, now) => ({
  user,
  data: present.session(session, now),
});

export const ofAuthentication =
  (type: string): Build<AuthenticationSubject> =>
  ({ user, email = user?.email ?? null, client, error }) => ({
    user,
    data: {
      type,
      status: error ? 'failed' : 'succeeded',
      ip_address: client.ipAddress,
      user_agent: client.userAgent,
      user_id: user?.id ?? null,
      email,
      ...(error && { error: { code: error.code, message: error.message } }),
    },
  });

export const ofToken =
  (object: string): Build<CodeSubject> =>
  ({ user, code: { id, email, expiresAt, createdAt } }) => ({
    user,
    data: {
      object,
      id,
      user_id: user.id,
      email,
      expires_at: expiresAt.toISOString(),
      created_at: createdAt.toISOString(),
    },
  });

/** WorkOS has a moment more for codes than for tokens. */
export const ofCode =
  (object: string): Build<CodeSubject> =>
  (subject, present, now) => {
    const { user, data } = ofToken(object)(subject, present, now);
    return { user, data: { ...data, updated_at: subject.code.createdAt.toISOString() } };
  };

export const ofEmailChange: Build<{
  readonly user: Whose;
  readonly change: { readonly newEmail: string; readonly expiresAt: Date; readonly createdAt: Date };
}> = ({ user, change }) => ({
  user,
  data: {
    object: 'email_change',
    user_id: user.id,
    new_email: change.newEmail,
    expires_at: change.expiresAt.toISOString(),
    created_at: change.createdAt.toISOString(),
  },
});

export const ofChangedEmail: Build<{ readonly user: User; readonly before: User }> = ({ user, before }) => ({
  user,
  data: {
    object: 'user_email_change',
    user_id: user.id,
    email: user.email,
    email_verified: user.emailVerified,
    previous_email: before.email,
    changed_at: user.updatedAt.toISOString(),
  },
});

export const ofVerifiedEmail: Build<{ readonly user: User }> = ({ user }) => ({
  user,
  data: {
    object: 'user_email_verification',
    user_id: user.id,
    email: user.email,
    verified_at: user.updatedAt.toISOString(),
  },
});

export const ofPassword: Build<{ readonly user: User; readonly reason: 'set' | 'removed' }> = ({ user, reason }) => ({
  user,
  data: { object: 'user_password_change', user_id: user.id, reason, changed_at: user.updatedAt.toISOString() },
});

export const ofIdentity =
  (moment: 'linked_at' | 'unlinked_at'): Build<IdentitySubject> =>
  ({ user, identity: { id, provider, idpId, email }, reason }, _, now) => ({
    user,
    data: {
      object: 'identity',
      id,
      user_id: user.id,
      type: 'OAuth',
      provider,
      idp_id: idpId,
      email,
      reason,
      [moment]: now.toISOString(),
    },
  });

/** An import that came to its end: where its users came from, and how many records ended how. */
export interface ImportSubject {
  readonly import: {
    readonly format: string;
    readonly records: number;
    readonly outcomes: Readonly<Record<string, number>>;
    readonly startedAt: Date;
  };
}

export const ofImport: Build<ImportSubject> = ({ import: { format, records, outcomes, startedAt } }, _, now) => ({
  user: null,
  data: {
    object: 'import',
    format,
    records,
    ...outcomes,
    started_at: startedAt.toISOString(),
    completed_at: now.toISOString(),
  },
});
