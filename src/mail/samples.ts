import type { MailContent, MailTemplate } from '../outbox/mail-content.ts';

type Samples = { readonly [Template in MailTemplate]: Extract<MailContent, { template: Template }> };

/** One mail of each kind, made up, as it is sent at this moment: for previews. */
export function sampleMails(now: Date): Samples {
  const inTenMinutes = new Date(now.getTime() + 600_000);
  const newEmail = 'a***@e***.net';
  const providers = ['GoogleOAuth', 'GithubOAuth'];
  return {
    'email-verification': { template: 'email-verification', code: '024680', expiresAt: inTenMinutes },
    'email-change': { template: 'email-change', code: '135791', expiresAt: inTenMinutes },
    'email-change-approval': { template: 'email-change-approval', code: '864209', newEmail, expiresAt: inTenMinutes },
    'sign-in-code': { template: 'sign-in-code', code: '314159', expiresAt: inTenMinutes },
    'password-reset': {
      template: 'password-reset',
      token: 'a-made-up-token-of-the-length-that-real-ones-have',
      expiresAt: new Date(now.getTime() + 3_600_000),
    },
    'email-change-requested': { template: 'email-change-requested', newEmail },
    'email-changed': { template: 'email-changed', newEmail, providers },
    'email-taken': { template: 'email-taken' },
    'password-changed': { template: 'password-changed', providers },
    'password-removed': { template: 'password-removed', providers },
    'password-reset-done': { template: 'password-reset-done', providers },
    'identity-linked': { template: 'identity-linked', provider: 'GoogleOAuth' },
    'identity-unlinked': { template: 'identity-unlinked', providers: ['GithubOAuth'] },
    'first-code-sign-in': { template: 'first-code-sign-in' },
    'endpoint-disabled': {
      template: 'endpoint-disabled',
      endpointId: 'we_01E4ZCR3C56J083X43JQXF3JK5',
      url: 'https://billing.example.com/hooks',
      reason: 'failing',
    },
  };
}
