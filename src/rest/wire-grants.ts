import { confirmationFields, field } from './wire.ts';

const string = { type: 'string' };
const textOrNull = { type: ['string', 'null'] };

const clientFields = {
  client_id: field('clientId', 'Any text: Roster has no clients.', string),
  client_secret: field('clientSecret', 'The API key. Without it, the one in the Authorization header counts.', string),
} as const;

const signInFields = {
  ip_address: field('ipAddress', 'Where the user signs in from. Kept with the session.', textOrNull),
  user_agent: field('userAgent', 'What the user signs in with. Kept with the session.', textOrNull),
} as const;

export const codeGrant = 'urn:workos:oauth:grant-type:magic-auth:code';
export const verificationGrant = 'urn:workos:oauth:grant-type:email-verification:code';

/** What `POST /user_management/authenticate` reads: the fields of each grant. */
export const grantFields = {
  password: {
    grant_type: field('grantType', 'Signing in with a password.', { const: 'password' }),
    ...clientFields,
    email: field('email', 'The address of the user.', string),
    password: field('password', 'The password, exactly as it was typed.', string),
    ...signInFields,
  },
  [codeGrant]: {
    grant_type: field('grantType', 'Signing in with a code that was mailed.', { const: codeGrant }),
    ...clientFields,
    email: field('email', 'The address that the code was mailed to.', string),
    ...confirmationFields,
    ...signInFields,
  },
  [verificationGrant]: {
    grant_type: field('grantType', 'Going on with a sign-in whose address had to be verified.', {
      const: verificationGrant,
    }),
    ...clientFields,
    ...confirmationFields,
    pending_authentication_token: field('pendingAuthenticationToken', 'The token that came with the 403.', string),
    ...signInFields,
  },
  refresh_token: {
    grant_type: field('grantType', 'Going on with a session.', { const: 'refresh_token' }),
    ...clientFields,
    refresh_token: field('refreshToken', 'The newest refresh token of the session. It counts once.', string),
  },
} as const;

/** What WorkOS also takes, for its fraud detection. Roster has none: these are accepted, and not used. */
export const unusedOnGrant = {
  password: ['signals_id', 'device_id', 'radar_auth_attempt_id'],
  [codeGrant]: ['device_id', 'radar_auth_attempt_id'],
  [verificationGrant]: ['device_id'],
  refresh_token: ['ip_address', 'user_agent', 'device_id'],
} as const;
