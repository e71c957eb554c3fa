import { providers } from '../../users/providers.ts';
import { builder } from './builder.ts';

const providerNames: Record<keyof typeof providers, string> = {
  APPLE_OAUTH: 'Apple',
  BITBUCKET_OAUTH: 'Bitbucket',
  DISCORD_OAUTH: 'Discord',
  GITHUB_OAUTH: 'GitHub',
  GITLAB_OAUTH: 'GitLab',
  GOOGLE_OAUTH: 'Google',
  GROK_OAUTH: 'Grok',
  INTUIT_OAUTH: 'Intuit',
  LINKEDIN_OAUTH: 'LinkedIn',
  MICROSOFT_OAUTH: 'Microsoft',
  SALESFORCE_OAUTH: 'Salesforce',
  SLACK_OAUTH: 'Slack',
  VERCEL_MARKETPLACE_OAUTH: 'Vercel Marketplace',
  VERCEL_OAUTH: 'Vercel',
  X_OAUTH: 'X',
  XERO_OAUTH: 'Xero',
};

export const IdentityProvider = builder.enumType('IdentityProvider', {
  description: 'A service that a user can sign in with.',
  values: Object.fromEntries(
    Object.entries(providers).map(([name, value]) => [
      name,
      { value, description: `${providerNames[name as keyof typeof providers]}, by OAuth.` },
    ]),
  ),
});

export const PasswordHashType = builder.enumType('PasswordHashType', {
  description: 'The algorithm that made an imported password hash.',
  values: {
    ARGON2: {
      value: 'argon2',
      description: 'Argon2id, argon2i or argon2d: `$argon2id$v=19$m=65536,t=3,p=4$<salt>$<hash>`.',
    },
    BCRYPT: { value: 'bcrypt', description: 'bcrypt: `$2a$`, `$2b$` or `$2y$`, the cost and 53 characters.' },
    FIREBASE_SCRYPT: {
      value: 'firebase-scrypt',
      description: "Firebase's scrypt: `$firebase-scrypt$v=1$r=8,m=14,ss=<separator>,sk=<key>$<salt>$<hash>`.",
    },
    PBKDF2: { value: 'pbkdf2', description: 'PBKDF2: `$pbkdf2$i=600000,d=sha256$<salt>$<hash>`, or `d=sha512`.' },
    SCRYPT: { value: 'scrypt', description: 'scrypt: `$scrypt$v=1$n=16384,r=8,p=1,kl=64$<salt>$<hash>`.' },
    SSHA: { value: 'ssha', description: 'Salted SHA-1 as LDAP has it: `{SSHA}` and base64 of digest and salt.' },
    SSHA256: { value: 'ssha256', description: 'Salted SHA-256: `{SSHA256}` and base64 of digest and salt.' },
  },
});

export const PasswordSaltPosition = builder.enumType('PasswordSaltPosition', {
  description: 'Where the salt stood when an SSHA256 hash was made.',
  values: {
    PREFIX: { value: 'prefix', description: 'Before the password.' },
    SUFFIX: { value: 'suffix', description: 'After the password. The default.' },
  },
});
