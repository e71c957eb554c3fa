import { toASCII } from 'tr46';

/** RFC 5321, sections 4.5.3.1.1 and 4.5.3.1.3 (a path of 256 octets less its two angle brackets). */
const maxLocalOctets = 64;
const maxAddressOctets = 254;

/** An address as typed, and the form that decides whether two addresses are the same. */
export interface EmailAddress {
  readonly address: string;
  readonly canonical: string;
}

/** Control, format (bidi), invisible, unassigned and space characters: nobody means them in an address. */
const invisible = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u;
/** RFC 5322 dot-atom, with the letters of RFC 6531. Quoted local parts are refused: nearly all mailers break on them. */
const localPart = /^[^\s"(),:;<>@[\]\\.]+(?:\.[^\s"(),:;<>@[\]\\.]+)*$/u;

/** Takes an address apart, or answers null when it is none. Surrounding spaces do not count. */
export function parseEmail(typed: string): EmailAddress | null {
  const address = typed.trim();
  if (octets(address) > maxAddressOctets || invisible.test(address)) return null;
  const [typedLocal, ...rest] = address.split('@');
  if (!typedLocal || rest.length !== 1 || octets(typedLocal) > maxLocalOctets) return null;

  const local = canonicalLocalPart(typedLocal);
  const domain = canonicalDomain(rest[0] as string);
  const canonical = `${local}@${domain}`;
  if (domain === null || octets(canonical) > maxAddressOctets || invisible.test(canonical)) return null;
  return octets(local) <= maxLocalOctets && localPart.test(local) ? { address, canonical } : null;
}

/**
 * NFKC, lower case; tags (`+`) and dots stay. Lowering a letter can leave a form that NFKC would compose, so it is composed
 * again. The sigma at the end of a word is the same letter in another form, and in capitals nobody can tell them apart.
 */
function canonicalLocalPart(typed: string): string {
  return typed.normalize('NFKC').toLowerCase().normalize('NFKC').replaceAll('ς', 'σ');
}

/** The domain as IDNA A-label. UTS #46 maps it by itself: lowered before, some names would become those of other domains. */
function canonicalDomain(domain: string): string | null {
  const ascii = toASCII(domain, {
    checkHyphens: true,
    checkBidi: true,
    checkJoiners: true,
    useSTD3ASCIIRules: true,
    verifyDNSLength: true,
  });
  if (ascii === null || !ascii.includes('.')) return null;
  const topLevel = ascii.slice(ascii.lastIndexOf('.') + 1);
  return /^\d+$/.test(topLevel) ? null : ascii;
}

function octets(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}
