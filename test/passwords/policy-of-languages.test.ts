import { expect, test } from 'vitest';
import { checkPasswordStrength } from '../../src/passwords/policy.ts';

const codesOf = async (password: string): Promise<string[]> =>
  (await checkPasswordStrength(password, [])).map(({ code }) => code);

const weak: Readonly<Record<string, readonly string[]>> = {
  'a phrase in another order': [
    ...['correcthorsestaplebattery', 'staple battery horse correct', 'horse-correct-battery-staple!1'],
    ...['fraternité égalité liberté', 'nicht sein oder sein', 'тебя я люблю!!', 'worldhelloworld', 'ipsumlorem2026'],
    ...['fox brown quick the', 'dogfoxquickbrownlazyjumps', 'c0rrect5taple H0rse'],
  ],
  'a phrase backwards, or with something between its letters': [
    ...['elpatsyrettabesrohtcerroc', 'noitseuq eht si taht', 'c1o2r3r4e5c6t7h8o9r0s1e2b3a4t5t6e7r8y9s0t1a2p3l4e5'],
    ...['ccoorrrreecctthhoorrsseebbaatttteerryyssttaappllee', 'T0b3orn0tt0b3'],
  ],
  'a phrase of another language': [
    ...[
      'Liberté-Égalité-Fraternité',
      'ich liebe dich 2026',
      'Sein oder nicht sein',
      'ялюблютебя2026',
      'jet’aimejet’aime',
    ],
  ],
  'a season, a month or a day, and a year': [
    ...['Frühling2026!!', 'Fruehling2026!!', 'Fruhling2026!', 'Sommer2026!!', 'Herbst-2025', 'Winter2026!!'],
    ...['März2026!!!!', 'Dezember2026!', 'Februar2026!!', 'Montag2026!!!', 'Donnerstag#2026'],
    ...['Printemps2026!!', 'Été2026Été2026', 'Automne2026!', 'Février2026!!', 'Fevrier2026!!', 'Août2026!!!'],
    ...[
      'Verano2026!!',
      'Otoño2026!!',
      'Otono2026!!',
      'Invierno2026!',
      'Enero2026!!!!',
      'Diciembre2026!',
      'Domingo2026!!',
    ],
    ...['Весна2026!!', 'декабрь2026!', 'Primavera2026!', 'Zomer2026!!!', 'Καλοκαίρι2026!', 'Sonbahar2026!!'],
    ...['Passwort2026!!', 'Willkommen2026!', 'MotDePasse2026!!', 'Contraseña2026!!', 'ПарольПароль'],
  ],
  'a walk over a Cyrillic, Greek, Hebrew or Arabic keyboard': [
    ...['йцукенгшщзфывапролд', 'ЙЦУКЕНгшщз2026', 'йцукенгшщзхъ', '1й2ц3у4к5е6н', 'йфяцычувс', 'фывапролджэ'],
    ...['ячсмитьбюйцукен', 'дльорпавыф', 'фівапролджє', 'ййццууккееннгг'],
    ...['ςερτυθιοπασδφγ', 'ασδφγηξκλζχψ', 'קראטוןםפשדגכעי', 'شسيبلاتنمكط', 'ضصثقفغعهخحج'],
  ],
  'a walk over another Latin keyboard': [
    ...['pyfgcrlaoeuidhtns', 'aoeuidhtnsqjkxbm', 'azertyuiopmlkjhgfdsq', 'wxcvbnqsdfghjk', 'qwertzuiopüasdfghjklöä'],
    ...[
      'yxcvbnmasdfghjkl',
      'qwfpgjluyarstdhneio',
      'arstdhneiozxcvbk',
      'QWFPgjluy;arst',
      'oienhdtsra',
      'bépoèvdljauiectsrn',
    ],
  ],
  'a walk in other letters, doubled or interleaved': [
    ...['ｑｗｅｒｔｙｕｉｏｐ', 'ｑｗｅｒｔｙｕｉｏｐ１２３', '𝓺𝔀𝓮𝓻𝓽𝔂𝓾𝓲𝓸𝓹', 'ｃｏｒｒｅｃｔｈｏｒｓｅ batterystaple'],
    ...['qqwweerrttyyuuiioopp', 'q1w2e3r4t5y6u7i8', 'qwe123asd456zxc', 'ⓠⓦⓔⓡⓣⓨ2026!!'],
  ],
};

test.each(Object.entries(weak))('%s is too weak', async (_what, passwords) => {
  const passed: string[] = [];
  for (const password of passwords) if (!(await codesOf(password)).includes('password_too_weak')) passed.push(password);
  expect(passed).toEqual([]);
});

const good: Readonly<Record<string, readonly string[]>> = {
  'words at random, in many languages': [
    ...[
      'purple tractor ankle monsoon',
      'kaffee stempel wolke traktor',
      'Sommer Regen Dach Ziegel',
      'hiver montagne fourchette bleu',
    ],
    ...[
      'nube tenedor azul invierno',
      'klokke brød sykkel måne',
      'ağaç deniz kırmızı balık',
      'тракторлунакофе',
      'ｐｕｒｐｌｅ tractor monsoon',
    ],
  ],
  sentences: [
    ...[
      'drei Kamele am Bahnhof',
      'le chat de ma voisine ronfle',
      'el perro verde come manzanas',
      'três gatos dormem no telhado',
    ],
    ...[
      'wir fahren im Mai nach Rom',
      'april showers tickle hedgehogs',
      'grüne pferde lesen zeitung',
      'kot śpi na czerwonym dachu',
    ],
  ],
  'sentences that are not Latin': [
    ...[
      'зелёная лошадь читает газету',
      'ο γάτος κοιμάται στην καρέκλα',
      'סוס ירוק אוכל תפוח בגינה',
      'القطة النائمة تحب السمك كثيرا',
    ],
    ...['緑の馬が新聞を読んでいる朝', '绿色的马正在阅读今天的报纸', '초록 말이 신문을 읽고 있다'],
  ],
  'what has some words of a phrase': [
    ...['correct answers rarely battery', 'my horse ate the correct sandwich', 'hello strange purple world of cheese'],
    ...['the question is whether cats think', 'Property of my aunt Gertrude, 1987'],
  ],
  'made at random': ['vK7#pq92Lm!x', '9f86d081884c7d659a2f', 'XK4F-9QPT-7ZRW', 'ы7Щк2№жЯ5ё'],
};

test.each(Object.entries(good))('%s are good', async (_what, passwords) => {
  const refused: string[] = [];
  for (const password of passwords) if ((await codesOf(password)).length > 0) refused.push(password);
  expect(refused).toEqual([]);
});

test('what is strong without a month, or with accents, stays strong', async () => {
  for (const part of ['Frühling2026', 'декабрь', 'correcthorsestaplebattery', 'йцукенгшщз', 'ｑｗｅｒｔｙ'])
    expect([part, await codesOf(`${part}vK7#pq92Lm!x`)]).toEqual([part, []]);
});

test('to judge the longest password takes a bounded time, whatever it is made of', async () => {
  await codesOf('warm up before it is measured');
  const spentMs = async (text: string) => {
    const before = process.cpuUsage();
    await codesOf([...text.repeat(256)].slice(0, 256).join(''));
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  for (const text of [
    'correct horse battery stapl ',
    'a4@5$1!07+',
    'ﷺ',
    't.o.b.e.',
    'йцу!asd1',
    '19901224',
    'é'.normalize('NFD'),
  ])
    expect([text, (await spentMs(text)) < 1500]).toEqual([text, true]);
});
