import { expect, test } from 'vitest';
import { providerOf } from '../../src/moving/import/provider-names.ts';
import { providers } from '../../src/users/providers.ts';

/** What other systems call an account's provider, and what WorkOS calls it. */
const known: Record<string, string[]> = {
  GoogleOAuth: ['google.com', 'google', 'google-oauth2', 'oauth_google'],
  GithubOAuth: ['github.com', 'github', 'oauth_github'],
  AppleOAuth: ['apple.com', 'apple', 'oauth_apple'],
  MicrosoftOAuth: ['microsoft.com', 'windowslive', 'azure', 'azuread', 'oauth_microsoft'],
  GitLabOAuth: ['gitlab', 'oauth_gitlab'],
  LinkedInOAuth: ['linkedin', 'linkedin_oidc', 'oauth_linkedin_oidc'],
  SlackOAuth: ['slack', 'slack_oidc'],
  DiscordOAuth: ['discord'],
  BitbucketOAuth: ['bitbucket'],
  XOAuth: ['twitter.com', 'twitter', 'x', 'oauth_x'],
  SalesforceOAuth: ['salesforce'],
  XeroOAuth: ['xero'],
  IntuitOAuth: ['intuit'],
  VercelOAuth: ['vercel'],
};

test.each(Object.entries(known))('%s is known by every name that others have for it', (provider, names) => {
  expect(Object.values(providers)).toContain(provider);
  for (const name of [provider, ...names, ...names.map((one) => one.toUpperCase())]) {
    expect([name, providerOf(name)]).toEqual([name, provider]);
  }
});

test.each(['facebook', 'facebook.com', 'twitch', 'spotify', 'notion', 'oidc', 'saml', 'constructor', '', null, 5])(
  '%o is none that WorkOS has',
  (name) => {
    expect(providerOf(name)).toBeNull();
  },
);
