import type { Provider } from '../users/providers.ts';

/** What people call the providers. */
const names: Readonly<Record<Provider, string>> = {
  AppleOAuth: 'Apple',
  BitbucketOAuth: 'Bitbucket',
  DiscordOAuth: 'Discord',
  GithubOAuth: 'GitHub',
  GitLabOAuth: 'GitLab',
  GoogleOAuth: 'Google',
  GrokOAuth: 'Grok',
  IntuitOAuth: 'Intuit',
  LinkedInOAuth: 'LinkedIn',
  MicrosoftOAuth: 'Microsoft',
  SalesforceOAuth: 'Salesforce',
  SlackOAuth: 'Slack',
  VercelMarketplaceOAuth: 'Vercel Marketplace',
  VercelOAuth: 'Vercel',
  XOAuth: 'X',
  XeroOAuth: 'Xero',
};

export function providerName(provider: string): string {
  return Object.hasOwn(names, provider) ? names[provider as Provider] : provider;
}
