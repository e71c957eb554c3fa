import { isForOperator, type MailContent } from '../outbox/mail-content.ts';
import type { ChosenTexts } from './locales.ts';
import { providerName } from './provider-names.ts';
import { fill } from './texts/placeholders.ts';
import type { MailTexts, SharedTexts } from './texts/texts.ts';

/** A part of a mail, in words: the text and the HTML are made of the same ones. */
export type Block =
  | { readonly kind: 'paragraph'; readonly text: string }
  /** Alone on its line, to be copied. */
  | { readonly kind: 'code'; readonly code: string }
  | { readonly kind: 'link'; readonly label: string; readonly href: string; readonly again: string };

export interface ComposedMail {
  readonly lang: string;
  readonly subject: string;
  readonly blocks: readonly Block[];
  readonly footer: string;
}

/** What a mail depends on besides its content. */
export interface Surroundings {
  readonly product: string;
  readonly address: string;
  /** When its cause happened. */
  readonly createdAt: Date;
  /** When it is sent. */
  readonly now: Date;
  /** Where to turn to: a page, `mailto:` and an address, `reply`, or nowhere. */
  readonly support: string | null;
  /** The link of a token. */
  readonly passwordResetUrl: (token: string) => string;
}

/** Puts a mail into words. */
export function compose(
  content: MailContent,
  { texts, lang, formats }: ChosenTexts,
  given: Surroundings,
): ComposedMail {
  const { shared, mails } = texts;
  const mail = mails[content.template];
  const values = valuesOf(content, formats, given);
  const paragraph = (text: string | undefined): Block[] =>
    text === undefined ? [] : [{ kind: 'paragraph', text: fill(text, values) }];
  const lead = paragraph(mail.lead);
  return {
    lang,
    subject: fill(mail.subject, values),
    footer: fill(shared.sentTo, values),
    blocks: [
      ...('code' in content
        ? [...lead, { kind: 'code', code: content.code } as const]
        : [...paragraph(shared.greeting), ...lead]),
      ...(content.template === 'password-reset'
        ? [linkOf(content.token, mail.action ?? mail.subject, shared, values, given)]
        : []),
      ...paragraph(lifeOf(content, shared)),
      ...paragraph(detailsOf(content, mail)),
      ...(values.providers ? paragraph(mail.withProviders) : []),
      ...paragraph(mail.notYou),
      ...(isForOperator(content.template) ? [] : paragraph(supportText(given.support, shared))),
    ],
  };
}

type Values = Readonly<Record<string, string>>;

function valuesOf(content: MailContent, formats: ChosenTexts['formats'], given: Surroundings): Values {
  const { product, address, createdAt, now, support } = given;
  const providers = 'providers' in content ? (content.providers ?? []).map(providerName) : [];
  return {
    product,
    address,
    time: formats.time(createdAt),
    support: support?.replace(/^mailto:/, '') ?? '',
    ...('code' in content && { code: content.code }),
    ...('newEmail' in content && { newEmail: content.newEmail }),
    ...('url' in content && { url: content.url, endpoint: content.endpointId }),
    ...('provider' in content && { provider: providerName(content.provider) }),
    ...('expiresAt' in content && { duration: formats.duration(content.expiresAt.getTime() - now.getTime()) }),
    ...(providers.length > 0 && { providers: formats.list([...new Set(providers)]) }),
  };
}

function detailsOf(content: MailContent, { details, whenGone }: MailTexts): string | undefined {
  return content.template === 'endpoint-disabled' && content.reason === 'gone' ? whenGone : details;
}

function lifeOf(content: MailContent, { codeLife, linkLife }: SharedTexts): string | undefined {
  if ('code' in content) return codeLife;
  return 'token' in content ? linkLife : undefined;
}

function supportText(support: string | null, texts: SharedTexts): string | undefined {
  if (support === null) return undefined;
  if (support === 'reply') return texts.supportReply;
  return support.startsWith('mailto:') ? texts.supportAddress : texts.supportPage;
}

function linkOf(token: string, label: string, shared: SharedTexts, values: Values, given: Surroundings): Block {
  return {
    kind: 'link',
    href: given.passwordResetUrl(token),
    label: fill(label, values),
    again: fill(shared.linkAgain, values),
  };
}
