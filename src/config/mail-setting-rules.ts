import { z } from 'zod';

/** Hosts that are this machine, where mail need not be encrypted on its way. */
export const loopbackHost = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** An address as it stands in a header without being encoded: nothing quoted, one `@`, ASCII. */
export const emailAddress = z
  .string()
  .max(254)
  .regex(/^[\w!#$%&'*+/=?^`{|}~.-]+@[a-z0-9-]+(\.[a-z0-9-]+)*$/i, 'expected one address such as accounts@example.com');

/** Text that may stand in a header. */
export const headerText = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[^\p{C}]+$/u, 'expected one line of at most 100 characters');

/** Where the mail server is. The messages never repeat it: it may hold a password. */
export const smtpUrl = z
  .string()
  .refine(
    isSmtpUrl,
    'expected smtps://user:password@host:port or smtp://…, without a path or parameters; percent-encode special characters of the password, such as # as %23',
  );

function isSmtpUrl(text: string): boolean {
  if (!/^smtps?:\/\//.test(text) || !URL.canParse(text)) return false;
  const { hostname, pathname, search, hash, username, password } = new URL(text);
  return hostname !== '' && ['', '/'].includes(pathname) && search + hash === '' && canDecode(username + password);
}

function canDecode(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** A page that a mail links to. */
export const linkedPage = z.string().refine(isPage, 'expected https://…').transform(normalize);

/** The same, or an address to write to. */
export const supportLink = z
  .string()
  .refine((text) => isPage(text) || emailAddress.safeParse(/^mailto:(.*)$/.exec(text)?.[1]).success, {
    error: 'expected https://… or mailto:ADDRESS',
  })
  .transform(normalize);

function isPage(text: string): boolean {
  if (!/^https?:/.test(text) || !URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username + password === '';
}

function normalize(url: string): string {
  return new URL(url).href;
}
