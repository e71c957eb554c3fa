import { toASCII } from 'tr46';

/** RFC 5321, sections 4.5.3.1.1 and 4.5.3.1.3 (a path of 256 octets less its two angle brackets). */
const maxLocalOctets = 64;
export const maxAddressOctets = 254;

/** An address as it is stored, and the form that decides whether two addresses are the same. */
export interface EmailAddress {
  /**
   * Trimmed and NFKC, in the case as typed: the mailbox that was compared. As typed, `ⓥictim@example.com` would be the same
   * user as `victim@example.com`, and perhaps another mailbox to whoever delivers the mail.
   */
  readonly address: string;
  readonly canonical: string;
}

/** In the place of what is none, and may be a password that was typed there: nobody has it, and nothing is repeated. */
export const noAddress: EmailAddress = { address: '', canonical: '' };

/** Control, format (bidi), invisible, unassigned and space characters: nobody means them in an address. */
const invisible = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u;
/** RFC 5322 dot-atom, with the letters of RFC 6531. Quoted local parts are refused: nearly all mailers break on them. */
const localPart = /^[^\s"(),:;<>@[\]\\.]+(?:\.[^\s"(),:;<>@[\]\\.]+)*$/u;

/** Takes an address apart, or answers null when it is none. Surrounding spaces do not count. */
export function parseEmail(typed: string): EmailAddress | null {
  const trimmed = typed.trim();
  if (octets(trimmed) > maxAddressOctets || invisible.test(trimmed)) return null;
  const [typedLocal, typedDomain, ...rest] = trimmed.split('@');
  if (!typedLocal || typedDomain === undefined || rest.length > 0) return null;
  const storedLocal = typedLocal.normalize('NFKC');
  const storedDomain = composeDomain(typedDomain);

  const local = canonicalLocalPart(storedLocal);
  const domain = canonicalDomain(storedDomain);
  const address = `${storedLocal}@${storedDomain}`;
  const canonical = `${local}@${domain}`;
  // Some domains that UTS #46 refuses become others by NFKC: those were not meant.
  if (domain === null || (storedDomain !== typedDomain && canonicalDomain(typedDomain) !== domain)) return null;
  const isTooLong = [typedLocal, storedLocal, local].some((part) => octets(part) > maxLocalOctets);
  if (isTooLong || octets(address) > maxAddressOctets || octets(canonical) > maxAddressOctets) return null;
  return invisible.test(address + canonical) || !localPart.test(local) ? null : { address, canonical };
}

/** The beginning of the canonical forms of all addresses that begin with this. A domain is taken as IDNA A-label. */
export function canonicalBeginning(typed: string): string {
  const [local = '', ...domain] = typed.trimStart().split('@');
  return [canonicalLocalPart(local), ...domain.map((part) => composeDomain(part).toLowerCase())].join('@');
}

/** NFKC, with the full stops between labels that UTS #46 takes for the ASCII one written as it. */
function composeDomain(typed: string): string {
  return typed.normalize('NFKC').replaceAll('。', '.');
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
  const ascii = isPlainDomain(domain) ? domain.toLowerCase() : idnaAscii(domain);
  if (ascii === null || !ascii.includes('.')) return null;
  const topLevel = ascii.slice(ascii.lastIndexOf('.') + 1);
  return /^\d+$/.test(topLevel) ? null : ascii;
}

function idnaAscii(domain: string): string | null {
  return toASCII(domain, {
    checkHyphens: true,
    checkBidi: true,
    checkJoiners: true,
    useSTD3ASCIIRules: true,
    verifyDNSLength: true,
  });
}

/** Letters, digits and hyphens, as nearly all domains are: UTS #46 only lowers them, and takes thirty times as long for it. */
export function isPlainDomain(domain: string): boolean {
  return domain.length <= 253 && plainDomain.test(domain) && !/(?:^|\.)..--/.test(domain);
}

const plainDomain = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;

function octets(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}
