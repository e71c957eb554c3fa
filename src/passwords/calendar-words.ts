/** Languages whose months and days of the week people take for a password, with a year behind them. */
const locales = [
  'en',
  'de',
  'fr',
  'es',
  'it',
  'pt',
  'nl',
  'pl',
  'sv',
  'da',
  'nb',
  'fi',
  'cs',
  'ro',
  'hu',
  'tr',
  'ru',
  'uk',
  'el',
];

const seasons = [
  ['spring', 'summer', 'autumn', 'fall', 'winter'],
  ['frühling', 'frühjahr', 'sommer', 'herbst', 'winter'],
  ['printemps', 'été', 'automne', 'hiver'],
  ['primavera', 'verano', 'otoño', 'invierno'],
  ['primavera', 'estate', 'autunno', 'inverno'],
  ['primavera', 'verão', 'outono', 'inverno'],
  ['lente', 'voorjaar', 'zomer', 'herfst', 'najaar', 'winter'],
  ['wiosna', 'lato', 'jesień', 'zima'],
  ['vår', 'sommar', 'höst', 'vinter'],
  ['forår', 'sommer', 'efterår', 'høst'],
  ['kevät', 'kesä', 'syksy', 'talvi'],
  ['jaro', 'léto', 'podzim', 'zima'],
  ['primăvară', 'vară', 'toamnă', 'iarnă'],
  ['tavasz', 'nyár', 'ősz', 'tél'],
  ['ilkbahar', 'yaz', 'sonbahar', 'kış'],
  ['весна', 'лето', 'осень', 'зима'],
  ['весна', 'літо', 'осінь', 'зима'],
  ['άνοιξη', 'καλοκαίρι', 'φθινόπωρο', 'χειμώνας'],
].flat();

/** What stands before a year in passwords that have to be changed, in the languages that Roster writes mails in, and some more. */
const favourites = [
  ...['passwort', 'kennwort', 'geheim', 'hallo', 'willkommen', 'schatz', 'liebe', 'ferien', 'urlaub', 'weihnachten'],
  ...['motdepasse', 'bonjour', 'bienvenue', 'soleil', 'amour', 'vacances', 'noël', 'azerty'],
  ...['contraseña', 'hola', 'bienvenido', 'bienvenidos', 'amor', 'vacaciones', 'navidad', 'estrella'],
  ...['parola', 'benvenuto', 'senha', 'bemvindo', 'wachtwoord', 'welkom', 'hasło', 'witaj', 'пароль', 'привет'],
];

/**
 * Months, days and seasons in the languages of many users, and what else is put before a year: as they are written, without their
 * marks, and with the letters that stand for those. Of dictionaries zxcvbn is given English ones alone.
 */
export function calendarWords(): string[] {
  const words = [...locales.flatMap(monthsAndDays), ...seasons, ...favourites].map((word) => word.toLowerCase());
  return [...new Set(words.flatMap(spellingsOf))].filter((word) => word.length > 2);
}

function monthsAndDays(locale: string): string[] {
  const { format: monthOf } = new Intl.DateTimeFormat(locale, { month: 'long', timeZone: 'UTC' });
  const { format: dayOf } = new Intl.DateTimeFormat(locale, { weekday: 'long', timeZone: 'UTC' });
  const at = (month: number, day: number) => new Date(Date.UTC(2026, month, day));
  const months = Array.from({ length: 12 }, (_, month) => monthOf(at(month, 1)));
  return [...months, ...Array.from({ length: 7 }, (_, day) => dayOf(at(0, day + 1)))];
}

const digraphs: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue', ß: 'ss', å: 'aa', ø: 'oe', æ: 'ae' };

function spellingsOf(word: string): string[] {
  return [word, withoutMarks(word), word.replaceAll(/[äöüßåøæ]/g, (letter) => digraphs[letter] as string)];
}

/** Letters alone: `é` as `e`. */
export function withoutMarks(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .normalize('NFC');
}
