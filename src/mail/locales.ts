import { de } from './texts/de.ts';
import { en } from './texts/en.ts';
import { es } from './texts/es.ts';
import { fr } from './texts/fr.ts';
import type { LocaleTexts } from './texts/texts.ts';

/** Texts by language, in lower case: `de`, `pt-br`. */
export type Locales = Readonly<Record<string, LocaleTexts>>;

/** What comes with Roster. */
export const ownLocales = { en, de, fr, es } as const satisfies Locales;

/** How a language writes what is filled in. */
interface Formats {
  time(at: Date): string;
  duration(ms: number): string;
  list(items: readonly string[]): string;
}

export interface ChosenTexts {
  readonly texts: LocaleTexts;
  /** For the HTML: the language of the texts. */
  readonly lang: string;
  readonly formats: Formats;
}

/** The texts for a user's locale, or for a shorter form of it: `de-AT` has those of `de`. Where there are none, the default's. */
export function chooseTexts(locales: Locales, wanted: string | null, fallback: string): ChosenTexts {
  for (const locale of [wanted, fallback, 'en']) {
    const lang = locale && formsOf(locale).find((form) => Object.hasOwn(locales, form));
    if (lang) return { texts: locales[lang] as LocaleTexts, lang, formats: formatsOf(locale, lang) };
  }
  throw new Error('There are no texts in English.');
}

/** `zh-hant-tw`, `zh-hant`, `zh`. */
function formsOf(locale: string): string[] {
  const parts = locale.toLowerCase().split('-');
  return parts.map((_, i) => parts.slice(0, parts.length - i).join('-'));
}

/** A region writes times in its own way, where it is known. */
function formatsOf(locale: string, lang: string): Formats {
  const known = Intl.DateTimeFormat.supportedLocalesOf([locale, lang])[0] ?? 'en';
  const moment = new Intl.DateTimeFormat(known, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
  const list = new Intl.ListFormat(known);
  return {
    // A narrow space between digits and AM is what not every terminal shows.
    time: (at) => `${moment.format(at).replaceAll('\u202f', ' ')} UTC`,
    duration(ms) {
      const minutes = Math.max(1, Math.round(ms / 60_000));
      const [count, unit] = minutes < 120 ? [minutes, 'minute'] : [Math.floor(minutes / 60), 'hour'];
      return new Intl.NumberFormat(known, { style: 'unit', unit, unitDisplay: 'long' }).format(count);
    },
    list: (items) => list.format(items),
  };
}
