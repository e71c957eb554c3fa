/** The providers that an identity can come from: GraphQL's name and WorkOS's name, which is also what is stored. */
export const providers = {
  APPLE_OAUTH: 'AppleOAuth',
  BITBUCKET_OAUTH: 'BitbucketOAuth',
  DISCORD_OAUTH: 'DiscordOAuth',
  GITHUB_OAUTH: 'GithubOAuth',
  GITLAB_OAUTH: 'GitLabOAuth',
  GOOGLE_OAUTH: 'GoogleOAuth',
  GROK_OAUTH: 'GrokOAuth',
  INTUIT_OAUTH: 'IntuitOAuth',
  LINKEDIN_OAUTH: 'LinkedInOAuth',
  MICROSOFT_OAUTH: 'MicrosoftOAuth',
  SALESFORCE_OAUTH: 'SalesforceOAuth',
  SLACK_OAUTH: 'SlackOAuth',
  VERCEL_MARKETPLACE_OAUTH: 'VercelMarketplaceOAuth',
  VERCEL_OAUTH: 'VercelOAuth',
  X_OAUTH: 'XOAuth',
  XERO_OAUTH: 'XeroOAuth',
} as const;

export type Provider = (typeof providers)[keyof typeof providers];
