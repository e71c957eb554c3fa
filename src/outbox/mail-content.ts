/** What a mail says: its template, and what the template is filled with. A stored mail keeps the template's name. */
export type MailContent =
  /** To the user's own address. */
  | { readonly template: 'email-verification'; readonly code: string; readonly expiresAt: Date }
  /** To the new address. */
  | { readonly template: 'email-change'; readonly code: string; readonly expiresAt: Date }
  /** To the address so far, where `EMAIL_CHANGE_CONFIRM` is `both`. */
  | {
      readonly template: 'email-change-approval';
      readonly code: string;
      readonly newEmail: string;
      readonly expiresAt: Date;
    }
  | { readonly template: 'sign-in-code'; readonly code: string; readonly expiresAt: Date }
  /** The link is made of it when the mail is sent. */
  | { readonly template: 'password-reset'; readonly token: string; readonly expiresAt: Date }
  | MailNotice;

/** WorkOS's names of providers, such as `GoogleOAuth`. After a change of the password: those that sign in as before. */
type Providers = readonly string[];

/** Tells what has happened, and carries nothing that expires. Addresses that it names are masked: see `maskEmail`. */
export type MailNotice =
  /** To the address so far. */
  | { readonly template: 'email-change-requested'; readonly newEmail: string }
  /** To the address before; with the providers that have gone with it. */
  | { readonly template: 'email-changed'; readonly newEmail: string; readonly providers?: Providers }
  /** To the owner of an address that another user wanted to change to. */
  | { readonly template: 'email-taken' }
  | { readonly template: 'password-changed'; readonly providers?: Providers }
  | { readonly template: 'password-removed'; readonly providers?: Providers }
  | { readonly template: 'password-reset-done'; readonly providers?: Providers }
  | { readonly template: 'identity-linked'; readonly provider: string }
  | { readonly template: 'identity-unlinked'; readonly providers: Providers }
  | { readonly template: 'first-code-sign-in' }
  /** To the operator. The URL without what may be a credential. */
  | {
      readonly template: 'endpoint-disabled';
      readonly endpointId: string;
      readonly url: string;
      readonly reason: 'gone' | 'failing';
    };

export type MailTemplate = MailContent['template'];

type Codes = Extract<MailContent, { expiresAt: Date }>['template'];

/** Which of them carry what expires; the others are notices. */
export const isNoticeTemplate: Readonly<Record<MailTemplate, boolean>> = {
  'email-verification': false,
  'email-change': false,
  'email-change-approval': false,
  'sign-in-code': false,
  'password-reset': false,
  'email-change-requested': true,
  'email-changed': true,
  'email-taken': true,
  'password-changed': true,
  'password-removed': true,
  'password-reset-done': true,
  'identity-linked': true,
  'identity-unlinked': true,
  'first-code-sign-in': true,
  'endpoint-disabled': true,
} satisfies Record<Codes, false> & Record<MailNotice['template'], true>;

/** Whether it goes to the operator, who asks for it by a setting, and not to a user. */
export function isForOperator(template: MailTemplate): boolean {
  return template === 'endpoint-disabled';
}

/** An address that tells its owner which one it is, and others little: `a***@e***.com`. */
export function maskEmail(address: string): string {
  const [local = '', domain = ''] = address.split('@');
  const dot = domain.lastIndexOf('.');
  return `${first(local)}***@${first(domain)}***${domain.slice(dot)}`;
}

function first(text: string): string {
  return [...text][0] ?? '';
}
