import { type Provider, providers } from '../../users/providers.ts';

const { GOOGLE_OAUTH, GITHUB_OAUTH, APPLE_OAUTH, MICROSOFT_OAUTH, GITLAB_OAUTH, LINKEDIN_OAUTH } = providers;
const { SLACK_OAUTH, DISCORD_OAUTH, BITBUCKET_OAUTH, X_OAUTH, SALESFORCE_OAUTH, XERO_OAUTH } = providers;

/** What others call the providers. Each is meant also in the spelling that begins with `oauth_`. */
const names: Readonly<Record<string, Provider>> = {
  'google.com': GOOGLE_OAUTH,
  google: GOOGLE_OAUTH,
  'google-oauth2': GOOGLE_OAUTH,
  'github.com': GITHUB_OAUTH,
  github: GITHUB_OAUTH,
  'apple.com': APPLE_OAUTH,
  apple: APPLE_OAUTH,
  signinwithapple: APPLE_OAUTH,
  'microsoft.com': MICROSOFT_OAUTH,
  microsoft: MICROSOFT_OAUTH,
  windowslive: MICROSOFT_OAUTH,
  azure: MICROSOFT_OAUTH,
  azuread: MICROSOFT_OAUTH,
  gitlab: GITLAB_OAUTH,
  linkedin: LINKEDIN_OAUTH,
  linkedin_oidc: LINKEDIN_OAUTH,
  slack: SLACK_OAUTH,
  slack_oidc: SLACK_OAUTH,
  discord: DISCORD_OAUTH,
  bitbucket: BITBUCKET_OAUTH,
  'twitter.com': X_OAUTH,
  twitter: X_OAUTH,
  x: X_OAUTH,
  salesforce: SALESFORCE_OAUTH,
  xero: XERO_OAUTH,
  intuit: providers.INTUIT_OAUTH,
  vercel: providers.VERCEL_OAUTH,
};

const own = new Set<string>(Object.values(providers));

/** The provider by anybody's name of it; null where there is no such one here. */
export function providerOf(name: unknown): Provider | null {
  if (typeof name !== 'string') return null;
  if (own.has(name)) return name as Provider;
  const key = name.toLowerCase().replace(/^oauth_/, '');
  return Object.hasOwn(names, key) ? (names[key] as Provider) : null;
}
