import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/settings.ts';
import { OperatorError } from '../errors.ts';
import { readTextFile } from '../input/text-file.ts';
import type { MailTemplate } from '../outbox/mail-content.ts';
import { framePattern, framePlaceholders } from './html.ts';
import { type Locales, ownLocales } from './locales.ts';
import { placeholders, placeholdersIn, sharedPlaceholders } from './texts/placeholders.ts';
import type { LocaleTexts } from './texts/texts.ts';

/** What mails are made of: the texts of every language, and the HTML around them. */
export interface Templates {
  readonly locales: Locales;
  /** Null for that of Roster. */
  readonly frame: string | null;
}

type Texts = Record<string, string>;

/** Reads the folder of `MAIL_TEMPLATES`; throws OperatorError, which says the first problem of each file. */
export function readTemplates(folder: string | undefined): Templates {
  if (folder === undefined) return { locales: ownLocales, frame: null };
  if (!existsSync(folder) || !statSync(folder).isDirectory()) throw new OperatorError(`there is no folder ${folder}`);
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const locales: Record<string, LocaleTexts> = { ...ownLocales };
  // A language before its regions, which have its texts where they say nothing.
  for (const name of names.sort((a, b) => a.length - b.length)) {
    const lang = name.slice(0, -'.json'.length).toLowerCase();
    if (!/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/.test(lang))
      throw new OperatorError(`${name}: expected a name such as pt-BR.json`);
    locales[lang] = withTexts(
      name,
      readJson(join(folder, name)),
      locales[lang] ?? locales[lang.split('-')[0] as string],
    );
  }
  return { locales, frame: readFrame(join(folder, 'frame.html')) };
}

/** What is wrong with the folder that a configuration names, and with the language that it asks for. */
export function findTemplatesProblem({ MAIL_TEMPLATES, MAIL_LOCALE }: Partial<Config>): string[] {
  try {
    const { locales } = readTemplates(MAIL_TEMPLATES);
    const [language = 'en'] = (MAIL_LOCALE ?? 'en').toLowerCase().split('-');
    if (Object.hasOwn(locales, language) || Object.hasOwn(locales, (MAIL_LOCALE ?? '').toLowerCase())) return [];
    return [`MAIL_LOCALE: there are no texts in it, only in ${Object.keys(locales).join(', ')}`];
  } catch (error) {
    if (error instanceof OperatorError) return [`MAIL_TEMPLATES: ${error.message}`];
    throw error;
  }
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readTextFile(path));
  } catch (error) {
    throw error instanceof OperatorError ? error : new OperatorError(`${path} is not JSON`);
  }
}

/** The texts of a file, and those of its base where it has none. */
function withTexts(file: string, given: unknown, base: LocaleTexts | undefined): LocaleTexts {
  const { shared = {}, mails = {}, ...others } = asObject(file, given);
  refuseUnknown(file, Object.keys(others));
  const known = Object.keys(placeholders) as MailTemplate[];
  refuseUnknown(
    file,
    Object.keys(asObject(`${file}: mails`, mails)).filter((name) => !known.includes(name as MailTemplate)),
  );
  const own = asObject(`${file}: mails`, mails);
  return {
    shared: merge(`${file}: shared`, ownLocales.en.shared, shared, base?.shared, sharedPlaceholders),
    mails: Object.fromEntries(
      known.map((name) => [
        name,
        merge(`${file}: ${name}`, ownLocales.en.mails[name], own[name] ?? {}, base?.mails[name], placeholders[name]),
      ]),
    ),
  } as unknown as LocaleTexts;
}

/** `model` says which texts there are: where there is no base, all of them have to be given. */
function merge(what: string, model: object, given: unknown, base: object | undefined, names: readonly string[]): Texts {
  const own = asObject(what, given);
  const keys = Object.keys(model);
  refuseUnknown(
    what,
    Object.keys(own).filter((key) => !keys.includes(key)),
  );
  const texts = { ...base, ...own } as Texts;
  for (const key of keys) {
    const text = texts[key];
    if (typeof text !== 'string' || text.trim() === '') throw new OperatorError(`${what}: ${key} is missing`);
    if (key === 'subject' && /[\p{C}]/u.test(text)) throw new OperatorError(`${what}: ${key} takes one line`);
    const unknown = placeholdersIn(text).find(
      (name) => !names.includes(name) || (key === 'subject' && name === 'code'),
    );
    if (unknown)
      throw new OperatorError(
        `${what}: ${key} cannot name {${unknown}}, only ${names.map((name) => `{${name}}`).join(', ')}`,
      );
  }
  if (names.includes('code') && !placeholdersIn(texts.lead ?? '').includes('code') && keys.includes('lead'))
    throw new OperatorError(`${what}: lead has to name {code}`);
  return texts;
}

function readFrame(path: string): string | null {
  if (!existsSync(path)) return null;
  const frame = readTextFile(path);
  const names = [...frame.matchAll(framePattern)].map(([, name]) => name as string);
  const unknown = names.find((name) => !framePlaceholders.includes(name));
  if (unknown) throw new OperatorError(`frame.html cannot name {{${unknown}}}`);
  if (!names.includes('content')) throw new OperatorError('frame.html has to name {{content}}');
  return frame;
}

function asObject(what: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new OperatorError(`${what}: expected an object`);
}

function refuseUnknown(what: string, [unknown]: string[]): void {
  if (unknown !== undefined) throw new OperatorError(`${what}: there is no text "${unknown}"`);
}
