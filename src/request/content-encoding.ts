import type { HttpRequest } from './messages.ts';

/**
 * Whether the body was compressed, or changed in another way that would have to be undone before it can be read. None is
 * undone: a few kilobytes may stand for gigabytes, and a body is short.
 */
export function isEncoded({ headers }: HttpRequest): boolean {
  const codings = headers.get('content-encoding')?.toLowerCase().split(',') ?? [];
  return codings.some((coding) => !['', 'identity'].includes(coding.trim()));
}

export const encodedMessage = 'Send the body as it is, without a Content-Encoding.';

/** What the answer says that would be taken (RFC 9110, section 12.5.3). */
export const onlyIdentity = { 'accept-encoding': 'identity' };
