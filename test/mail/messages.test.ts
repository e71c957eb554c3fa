import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { ownLocales } from '../../src/mail/locales.ts';
import { toMessage, Undeliverable } from '../../src/mail/message.ts';
import { sampleMails } from '../../src/mail/samples.ts';
import { findTemplatesProblem, readTemplates } from '../../src/mail/template-folder.ts';
import { placeholders, placeholdersIn, sharedPlaceholders } from '../../src/mail/texts/placeholders.ts';
import { type MailContent, type MailTemplate, maskEmail } from '../../src/outbox/mail-content.ts';
import { temporaryFolder } from '../support/database.ts';
import { createMailApp, mailRow, queueMail, signInCode } from '../support/mails.ts';
import { startSmtp } from '../support/smtp.ts';

const now = new Date('2026-01-15T10:30:00.000Z');
const samples = Object.entries(sampleMails(now)) as [MailTemplate, MailContent][];
const languages = Object.keys(ownLocales) as (keyof typeof ownLocales)[];

function render(
  content: MailContent,
  locale: string | null = null,
  settings: Record<string, string> = {},
  folder?: string,
) {
  const config = readConfig({ MAIL_FROM_NAME: 'Example', ...settings });
  const addressed = { id: 'mail_1', address: 'ada@example.com', locale, createdAt: now };
  return toMessage(config, readTemplates(folder), addressed, content, now);
}

describe.each(languages)('the texts in %s', (lang) => {
  test.each(Object.keys(placeholders) as MailTemplate[])('of %s name only what there is', (template) => {
    const { subject, ...others } = ownLocales[lang].mails[template];
    expect(placeholdersIn(subject)).not.toContain('code');
    for (const text of [subject, ...Object.values(others)])
      expect(placeholdersIn(text).filter((name) => !placeholders[template].includes(name))).toEqual([]);
    expect(Object.keys(others).sort()).toEqual(
      Object.keys({ ...ownLocales.en.mails[template], subject: undefined })
        .filter((key) => key !== 'subject')
        .sort(),
    );
  });

  test('that mails share name only what there is', () => {
    for (const text of Object.values(ownLocales[lang].shared))
      expect(placeholdersIn(text).filter((name) => !sharedPlaceholders.includes(name))).toEqual([]);
  });

  test.each(samples)('of %s leave nothing to be filled in, in text and HTML alike', (template, content) => {
    const { subject, text, html } = render(content, lang, { MAIL_SUPPORT_URL: 'mailto:help@example.com' });
    expect(`${subject}${text}`).not.toMatch(/[{}]|undefined|null/);
    expect(html.replace(/<style>.*<\/style>/s, '')).not.toMatch(/[{}]|undefined|null/);
    expect(text.includes('help@example.com')).toBe(template !== 'endpoint-disabled');
    expect(text, 'a mark that is set off by a space stays with its word').not.toMatch(/^[:;?!»]/m);
    for (const line of text.split('\n')) if (!line.includes('://')) expect(line.length, line).toBeLessThanOrEqual(72);
  });
});

test('a code is in the first sentence and alone on a line, and never in the subject', () => {
  for (const [, content] of samples) {
    if (!('code' in content)) continue;
    for (const lang of languages) {
      const { subject, text } = render(content, lang);
      expect(subject).not.toContain(content.code);
      expect(text.split('\n')[0]).toContain(content.code);
      expect(text.split('\n')).toContain(content.code);
    }
  }
});

test.each([
  ['de-AT', 'Ihr Code'],
  ['DE', 'Ihr Code'],
  ['fr-CA', 'Votre code'],
  ['es-419', 'Tu código'],
  ['en-GB', 'Your code'],
  ['pt-BR', 'Your code'],
  ['zh-Hant-TW', 'Your code'],
  [null, 'Your code'],
])('a user with the locale %s reads their own language, or the default', (locale, subject) => {
  expect(render(signInCode(), locale).subject).toContain(subject);
});

test('the default is a setting, and a region writes times in its own way', () => {
  expect(render(signInCode(), 'pt-BR', { MAIL_LOCALE: 'de' }).subject).toContain('Ihr Code');
  const changed: MailContent = { template: 'password-changed' };
  const textIn = (locale: string) => render(changed, locale).text.replaceAll(/\s+/g, ' ');
  expect(textIn('en-GB')).toContain('15 January 2026 at 10:30 UTC');
  expect(textIn('en-US')).toContain('January 15, 2026 at 10:30 AM UTC');
});

test('users read where to turn to, and the operator, who is whom they would turn to, does not', () => {
  for (const settings of [{ MAIL_SUPPORT_URL: 'https://help.example/' }, { MAIL_REPLY_TO: 'help@example.com' }])
    for (const [name, content] of samples)
      expect(/reach us/.test(render(content, 'en', settings).text), name).toBe(name !== 'endpoint-disabled');
});

test('the link of a reset leads to PASSWORD_RESET_URL and keeps its parameters', () => {
  const content: MailContent = {
    template: 'password-reset',
    token: 'a+b/c=&d',
    expiresAt: new Date(now.getTime() + 3_600_000),
  };
  const { text, html } = render(content, null, { PASSWORD_RESET_URL: 'https://app.example/reset?tenant=1' });
  const link = 'https://app.example/reset?tenant=1&token=a%2Bb%2Fc%3D%26d';
  expect(text.split('\n')).toContain(link);
  expect(html).toContain(`href="${link.replaceAll('&', '&amp;')}"`);
});

test('what is filled in is text, in HTML, too', () => {
  const content: MailContent = { template: 'email-changed', newEmail: '<b>&"\'{code}' };
  const { text, html } = render(content);
  expect(text).toContain('<b>&"\'{code}');
  expect(html).toContain('&lt;b&gt;&amp;&quot;&#39;{code}');
});

test.each([
  ['ada@example.com', 'a***@e***.com'],
  ['x@y.example', 'x***@y***.example'],
  ['ünal@bücher.example', 'ü***@b***.example'],
  ['👩‍💻@mail.co.uk', '👩***@m***.uk'],
])('%s is masked as %s', (address, masked) => {
  expect(maskEmail(address)).toBe(masked);
});

describe('an address', () => {
  test.each([
    ['Ada@Example.com', 'Ada@Example.com'.replace('Example', 'example')],
    ['ada+tag@example.com', 'ada+tag@example.com'],
    ["o'brien@example.com", "o'brien@example.com"],
    ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
    ['a=b@example.com', 'a=b@example.com'],
  ])('%s gets its mail as %s, and nobody else does', async (address, to) => {
    const smtp = await startSmtp();
    const t = await createMailApp(smtp);
    await queueMail(t, signInCode(), { address });
    await t.app.jobs.runDue();
    expect(smtp.mails.map(({ raw }) => /^To: (.*)$/m.exec(raw)?.[1])).toEqual([to]);
    expect(smtp.reached.to).toBe(1);
  });

  test.each([
    'ada@example.com\r\nBcc: eve@example.com',
    'ada@example.com\nRCPT TO:<eve@example.com>',
    '"ada@evil.example"@example.com',
    '"ada, eve@example.com"@example.com',
    'ada@example.com, eve@example.com',
    'ada@example.com (eve@example.com)',
    'Ada <eve@example.com>',
    'ada@[127.0.0.1]',
    'ada@example.com\0',
    'ada\u202e@example.com',
    'group:ada@example.com;',
    '@example.com',
    '',
  ])('%j is refused at the door, and again where it would be sent to', async (address) => {
    const smtp = await startSmtp();
    const t = await createMailApp(smtp);
    const { errors } = await t.graphql('mutation ($email: String!) { createUser(input: { email: $email }) { id } }', {
      email: address,
    });
    const { errors: typed } = await t.graphql(
      'mutation ($input: CreateUserInput!) { createUser(input: $input) { id } }',
      { input: { email: address } },
    );
    expect(errors ?? typed).toBeDefined();
    expect(typed).toBeDefined();
    expect(() => render(signInCode())).not.toThrow();
    if (address.includes('\0')) return; // no database of ours stores it
    const id = await queueMail(t, signInCode(), { address });
    await t.app.jobs.runDue();
    expect(smtp.reached.connect).toBe(0);
    expect(await mailRow(t, id)).toMatchObject({ state: 'failed', lastError: new Undeliverable().message });
  });
});

describe('a folder of templates', () => {
  function folderOf(files: Record<string, string | object>): string {
    const folder = join(temporaryFolder(), 'templates');
    mkdirSync(folder);
    for (const [name, content] of Object.entries(files))
      writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
    return folder;
  }

  test('replaces single texts and the frame, and leaves the others as they are', () => {
    const folder = folderOf({
      'en.json': { mails: { 'sign-in-code': { subject: 'Knock, knock, {product}' } } },
      'frame.html': '<html lang="{{lang}}"><title>{{subject}}</title>{{content}}<hr>{{footer}}</html>',
      'README.md': 'ours',
    });
    const { subject, text, html } = render(signInCode(), null, {}, folder);
    expect(subject).toBe('Knock, knock, Example');
    expect(text).toContain('is your code to sign in to Example');
    expect(html).toMatch(/^<html lang="en"><title>Knock, knock, Example<\/title>/);
  });

  test('brings a region, whose other texts are those of its language, and a language of its own', () => {
    const folder = folderOf({
      'de-CH.json': { shared: { greeting: 'Grüezi' } },
      'it.json': {
        shared: ownLocales.en.shared,
        mails: {
          ...ownLocales.en.mails,
          'password-changed': { ...ownLocales.en.mails['password-changed'], lead: 'Ciao {address}' },
        },
      },
    });
    const content: MailContent = { template: 'password-changed' };
    expect(render(content, 'de-CH', {}, folder).text).toMatch(/^Grüezi\n\nDas Passwort/);
    expect(render(content, 'de-DE', {}, folder).text).toMatch(/^Guten Tag/);
    expect(render(content, 'it-IT', {}, folder).text).toContain('Ciao ada@example.com');
    expect(findTemplatesProblem({ MAIL_TEMPLATES: folder, MAIL_LOCALE: 'it' })).toEqual([]);
  });

  test.each([
    [
      'a text that there is not',
      { 'en.json': { mails: { 'sign-in-code': { title: 'x' } } } },
      'there is no text "title"',
    ],
    ['a mail that there is not', { 'en.json': { mails: { welcome: {} } } }, 'there is no text "welcome"'],
    ['a placeholder that there is not', { 'en.json': { mails: { 'sign-in-code': { notYou: '{name}' } } } }, '{name}'],
    [
      'a code in the subject',
      { 'en.json': { mails: { 'sign-in-code': { subject: '{code}' } } } },
      'subject cannot name {code}',
    ],
    [
      'a lead without the code',
      { 'en.json': { mails: { 'sign-in-code': { lead: 'Hi' } } } },
      'lead has to name {code}',
    ],
    [
      'a subject of two lines',
      { 'en.json': { mails: { 'sign-in-code': { subject: 'a\nBcc: b' } } } },
      'takes one line',
    ],
    ['a language with gaps', { 'it.json': { mails: {} } }, 'is missing'],
    ['a frame without a place for the content', { 'frame.html': '<p></p>' }, '{{content}}'],
    ['a frame that names what there is not', { 'frame.html': '{{content}}{{name}}' }, '{{name}}'],
    ['what is no JSON', { 'en.json': '{' }, 'is not JSON'],
    ['what is named after no language', { 'templates.json': {} }, 'expected a name such as'],
  ])('with %s is refused, and told in the list of all problems', (_what, files, expected) => {
    const [problem] = findTemplatesProblem({ MAIL_TEMPLATES: folderOf(files) });
    expect(problem).toMatch(/^MAIL_TEMPLATES: /);
    expect(problem).toContain(expected);
  });

  test('that is not there is refused, and so is a default language without texts', () => {
    expect(findTemplatesProblem({ MAIL_TEMPLATES: '/nonexistent' })).toEqual([
      'MAIL_TEMPLATES: there is no folder /nonexistent',
    ]);
    expect(findTemplatesProblem({ MAIL_LOCALE: 'pt-BR' })[0]).toMatch(/^MAIL_LOCALE: .*en, de, fr, es/);
  });
});
