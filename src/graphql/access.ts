import type { Principal } from '../principal/principal.ts';
import type { Scope } from '../principal/scopes.ts';

/** What is true of a root field, whatever is asked of it. */
export interface RootField {
  /** The scopes that an API key needs; none where the rule behind the field asks for them itself. */
  readonly scopes: readonly Scope[];
  /** Who else may use it, and holders of API keys whom the rule asks. */
  readonly also: readonly Principal['kind'][];
  /** Whether it tries a password, a code or a token, or does when its input has one. */
  readonly secret: 'never' | 'always' | 'in input';
  /** Its user is always the caller's own, however often it is asked for. */
  readonly isOwnUser?: true;
  /** Its answer is never given again, with whatever `Idempotency-Key`: it would hand out old tokens, or send nothing. */
  readonly isNeverReplayed?: true;
}

const read: RootField = { scopes: ['users:read'], also: [], secret: 'never' };
/** The rule of a writer asks by itself, also whoever gets there in another way: users/access.ts. Nobody writes without credentials. */
const write: RootField = { scopes: [], also: ['api-key', 'user'], secret: 'never' };
const signIn: RootField = {
  scopes: ['sessions:write'],
  also: ['anonymous', 'user'],
  secret: 'always',
  isNeverReplayed: true,
};

/** What has a mail sent. */
const send: RootField = { ...write, isNeverReplayed: true };

/** What opens any account takes a scope of its own. */
const code: RootField = { ...signIn, scopes: ['sessions:write', 'users:credentials'] };

const readWebhooks: RootField = { scopes: ['webhooks:read'], also: [], secret: 'never' };
const writeWebhooks: RootField = { ...readWebhooks, scopes: ['webhooks:write'] };

/** Every root field. One that is not here cannot be used, and Roster does not start. */
export const rootFields: ReadonlyMap<string, RootField> = new Map([
  ['viewer', { scopes: [], also: ['user'], secret: 'never', isOwnUser: true }],
  ['user', read],
  ['userByEmail', read],
  ['userByExternalId', read],
  ['users', read],
  ['events', { scopes: ['events:read'], also: [], secret: 'never' }],
  // It asks by the rule of the update, and shows what is stored.
  ['previewUpdateUser', { scopes: ['users:read'], also: ['user'], secret: 'in input' }],
  ['updateUser', { ...write, secret: 'in input' }],
  ['updateUsers', { scopes: ['users:write'], also: [], secret: 'in input' }],
  ['createUser', { ...write, secret: 'in input' }],
  ['deleteUser', write],
  ['setUserManaged', write],
  ['removePassword', write],
  ['linkIdentity', write],
  ['unlinkIdentity', write],
  ['authenticateWithPassword', signIn],
  ['requestSignInCode', { ...code, scopes: ['users:credentials'], secret: 'never' }],
  ['authenticateWithCode', code],
  ['authenticateWithEmailVerification', code],
  ['sendEmailVerification', send],
  ['confirmEmailVerification', { ...write, secret: 'always' }],
  ['sendEmailChange', { ...send, secret: 'always' }],
  ['confirmEmailChange', { ...write, secret: 'always' }],
  ['requestPasswordReset', { ...code, scopes: ['users:credentials'], secret: 'never' }],
  ['confirmPasswordReset', { scopes: ['users:credentials'], also: ['anonymous', 'user'], secret: 'always' }],
  ['refreshSession', signIn],
  ['revokeSession', write],
  ['revokeAllSessions', write],
  ['webhookEndpoint', readWebhooks],
  ['webhookEndpoints', readWebhooks],
  ['webhookDelivery', readWebhooks],
  ['createWebhookEndpoint', writeWebhooks],
  ['updateWebhookEndpoint', writeWebhooks],
  ['deleteWebhookEndpoint', writeWebhooks],
  ['rotateWebhookSecret', writeWebhooks],
  ['retryWebhookDelivery', writeWebhooks],
  ['replayWebhookEvents', writeWebhooks],
  ['sendTestEvent', writeWebhooks],
]);

/** Fields, below any root field, that take a scope more; of users, users/access.ts says the same. */
export const fieldScopes: Readonly<Record<string, Scope>> = {
  'WebhookEndpoint.deliveries': 'webhooks:read',
  'WebhookDelivery.event': 'events:read',
};

/** Every subscription; its field has the name that the query of the same has. */
export const subscriptionFields: ReadonlyMap<string, RootField> = new Map([
  ['events', { scopes: ['events:read'], also: ['user'], secret: 'never' }],
]);
