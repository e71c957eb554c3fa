import fc from 'fast-check';
import { toASCII } from 'tr46';
import { describe, expect, test } from 'vitest';
import { isPlainDomain, parseEmail } from '../../src/users/email.ts';

describe('canonical form', () => {
  test.each([
    ['ada@example.com', 'ada@example.com'],
    ['  ADA@Example.COM\t', 'ada@example.com'],
    ['ada+news@example.com', 'ada+news@example.com'],
    ['a.d.a@example.com', 'a.d.a@example.com'],
    ['ＡＤＡ@example.com', 'ada@example.com'],
    ['ﬀ@example.com', 'ff@example.com'],
    ['Ü@example.com', 'ü@example.com'],
    ['U\u0308@example.com', 'ü@example.com'],
    ['用户@例え.jp', '用户@xn--r8jz45g.jp'],
    ['x@XN--R8JZ45G.jp', 'x@xn--r8jz45g.jp'],
    ['x@straße.de', 'x@xn--strae-oqa.de'],
    ['x@example。com', 'x@example.com'],
    ['x@ΟΔΟΣ-Α.gr', `x@${new URL('http://οδοσ-α.gr').hostname}`],
    ['x@ΣΑΣ.gr', `x@${new URL('http://σασ.gr').hostname}`],
    ['ΟΔΟΣ@example.com', 'οδοσ@example.com'],
    ['οδος@example.com', 'οδοσ@example.com'],
    ['Ϲ@example.com', 'σ@example.com'],
    ["o'neil!#$%&*/=?^_`{|}~-@example.com", "o'neil!#$%&*/=?^_`{|}~-@example.com"],
    [`${'l'.repeat(64)}@example.com`, `${'l'.repeat(64)}@example.com`],
    ['ⓥictim7@example.com', 'victim7@example.com'],
    ['x@ｅxample．com', 'x@example.com'],
  ])('%j is %j', (typed, canonical) => {
    expect(parseEmail(typed)).toMatchObject({ canonical });
  });
});

describe('what is stored', () => {
  test.each([
    ['Ada@Example.COM', 'Ada@Example.COM'],
    ['  ADA@example.com\t', 'ADA@example.com'],
    ['ⓥictim7@example.com', 'victim7@example.com'],
    ['Ⓥictim7@example.com', 'Victim7@example.com'],
    ['ＡＤＡ@example.com', 'ADA@example.com'],
    ['ﬀ@example.com', 'ff@example.com'],
    ['U\u0308@example.com', 'Ü@example.com'],
    ['οδος@example.com', 'οδος@example.com'],
    ['用户@例え.jp', '用户@例え.jp'],
    ['x@Straße.de', 'x@Straße.de'],
    ['x@ｅxample．com', 'x@example.com'],
    ['x@example。com', 'x@example.com'],
    ['x@example｡com', 'x@example.com'],
  ])('of %j is %j: trimmed and NFKC, in the case as typed', (typed, address) => {
    expect(parseEmail(typed)?.address).toBe(address);
  });

  test('is the mailbox that was compared, or the address is none, for every character that NFKC changes', () => {
    for (let code = 0x80; code <= 0x10ffff; code += 1) {
      const character = String.fromCodePoint(code);
      if (character.normalize('NFKC') === character) continue;
      for (const typed of [`a${character}b@example.com`, `x@a${character}b.example`]) {
        const parsed = parseEmail(typed);
        if (!parsed) continue;
        expect(parsed.address).toBe(parsed.address.normalize('NFKC'));
        expect(parseEmail(parsed.address)).toEqual(parsed);
      }
    }
  });
});

describe('no address', () => {
  test.each([
    ['nothing', ''],
    ['only spaces', '   '],
    ['no at sign', 'ada.example.com'],
    ['no local part', '@example.com'],
    ['no domain', 'ada@'],
    ['two at signs', 'ada@b@example.com'],
    ['a full-width at sign', 'ada＠example.com'],
    ['a host without a dot', 'ada@localhost'],
    ['an IPv4 address', 'ada@127.0.0.1'],
    ['an address literal', 'ada@[127.0.0.1]'],
    ['a quoted local part', '"a b"@example.com'],
    ['a space inside', 'a da@example.com'],
    ['two dots', 'a..b@example.com'],
    ['a dot first', '.ada@example.com'],
    ['a dot last', 'ada.@example.com'],
    ['a trailing dot in the domain', 'ada@example.com.'],
    ['an empty label', 'ada@example..com'],
    ['a hyphen first in a label', 'ada@-example.com'],
    ['an underscore in the domain', 'ada@ex_ample.com'],
    ['a label of 64 octets', `ada@${'d'.repeat(64)}.com`],
    ['a local part of 65 octets', `${'l'.repeat(65)}@example.com`],
    ['a local part of 65 octets in 33 letters', `${'ü'.repeat(32)}l@example.com`],
    ['255 octets', `${'l'.repeat(60)}@${'d'.repeat(60)}.${'d'.repeat(60)}.${'d'.repeat(60)}.${'d'.repeat(7)}.com`],
    ['a zero-width space', 'a\u200bda@example.com'],
    ['a right-to-left override', 'a\u202eda@example.com'],
    ['a soft hyphen', 'a\u00adda@example.com'],
    ['a line feed', 'ada\n@example.com'],
    ['a display name', 'Ada <ada@example.com>'],
    ['bad punycode', 'ada@xn--99zzzzzz.com'],
    ['a domain that only NFKC makes one', 'ada@⒈example.com'],
    ['a local part that NFKC makes longer than 64 octets', `${'ﷺ'.repeat(4)}@example.com`],
  ])('%s', (_why, typed) => {
    expect(parseEmail(typed)).toBeNull();
  });
});

test('254 octets are an address', () => {
  const typed = `${'l'.repeat(60)}@${'d'.repeat(60)}.${'d'.repeat(60)}.${'d'.repeat(60)}.${'d'.repeat(6)}.com`;
  expect(Buffer.byteLength(typed)).toBe(254);
  expect(parseEmail(typed)?.canonical).toBe(typed);
});

test('the canonical form of any address is its own canonical form, whatever case and spaces it is typed with', () => {
  const local = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
  const domain = fc.constantFrom('example.com', 'EXAMPLE.com', '例え.jp', 'straße.de', 'Bücher.example');
  fc.assert(
    fc.property(local, domain, fc.constantFrom('', ' ', '\t '), (name, host, space) => {
      const parsed = parseEmail(`${space}${name}@${host}${space}`);
      if (!parsed) return;
      expect(parseEmail(parsed.canonical)?.canonical).toBe(parsed.canonical);
      expect(parseEmail(parsed.address)?.canonical).toBe(parsed.canonical);
      expect(Buffer.byteLength(parsed.canonical)).toBeLessThanOrEqual(254);
    }),
    { numRuns: 2000 },
  );
});

test('a plain domain is lowered as UTS #46 does it', () => {
  const label = fc.string({ unit: fc.constantFrom(...'abzABZ059-'), minLength: 1, maxLength: 66 });
  fc.assert(
    fc.property(fc.array(label, { minLength: 1, maxLength: 5 }), (labels) => {
      const domain = labels.join('.');
      fc.pre(isPlainDomain(domain));
      const options = { checkHyphens: true, checkBidi: true, checkJoiners: true };
      expect(toASCII(domain, { ...options, useSTD3ASCIIRules: true, verifyDNSLength: true })).toBe(
        domain.toLowerCase(),
      );
    }),
    { numRuns: 2000 },
  );
});
