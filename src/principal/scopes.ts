/** What an API key may do. Setting something does not include reading it. */
export const scopes = {
  'users:read': 'read users and their identities',
  'users:write': 'create, change and delete users, link and unlink identities',
  'users:credentials':
    'set passwords, bring password hashes along and, with AUTH_ISSUER, set external ids and link identities, with users:write; see and take the codes and links that open any account',
  'sessions:read': 'list sessions',
  'sessions:write': 'sign users in, refresh and end sessions',
  'events:read': 'read what happened to users, sessions and identities',
  'webhooks:read': 'list webhook endpoints and what was sent to them, without their secrets',
  'webhooks:write': 'create, change and delete webhook endpoints, and see their secrets',
} as const;

export type Scope = keyof typeof scopes;

export const allScopes = Object.keys(scopes) as Scope[];

export function isScope(text: string): text is Scope {
  return Object.hasOwn(scopes, text);
}
