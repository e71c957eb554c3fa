import { encodedRefusal, isEncoded, onlyIdentity } from '../content-encoding.ts';
import { DomainError } from '../errors.ts';
import type { HttpRequest } from '../http-messages.ts';
import { isPercentEncoded } from '../percent-encoding.ts';
import type { RequestFacts } from '../request-facts.ts';
import { Malformed } from '../users/malformed.ts';
import { UnreadableRequest } from './errors.ts';

export type MediaType = 'application/json' | 'application/x-www-form-urlencoded';

/** What a body may be. */
interface Accepted {
  readonly mediaTypes: readonly MediaType[];
  readonly maxBytes: number;
}

/** The body of a request, if it is accepted; throws UnreadableRequest. */
export async function readBody(
  request: HttpRequest,
  facts: RequestFacts,
  { mediaTypes, maxBytes }: Accepted,
): Promise<unknown> {
  if (isEncoded(request)) throw new UnreadableRequest('unsupported_media_type', encodedRefusal, onlyIdentity);
  if (facts.tooLarge) throw tooLarge(maxBytes);
  const [given = ''] = (request.headers.get('content-type') ?? '').split(';');
  const type = mediaTypes.find((name) => name === given.trim().toLowerCase());
  if (!type) throw new UnreadableRequest('unsupported_media_type', `Send the body as ${mediaTypes.join(' or ')}.`);
  if (facts.notUtf8) throw new UnreadableRequest('bad_request', 'The body is not valid UTF-8.');
  const text = await request.text();
  if (Buffer.byteLength(text) > maxBytes) throw tooLarge(maxBytes);
  return type === 'application/json' ? parseJson(text) : readPairs(text, 'The body');
}

function tooLarge(maxBytes: number): UnreadableRequest {
  return new UnreadableRequest('payload_too_large', `The body is longer than ${maxBytes} bytes.`);
}

/** Names and values of a form or a query; throws `invalid_request_parameters` when a name comes twice. */
export function readPairs(text: string, subject: string): Record<string, string> {
  if (!isPercentEncoded(text)) throw wronglyEncoded(subject);
  const parameters = new URLSearchParams(text);
  const names = new Set<string>();
  for (const name of parameters.keys()) {
    if (names.has(name)) {
      throw new DomainError('invalid_request_parameters', 'This was given more than once.', { field: name });
    }
    names.add(name);
  }
  return Object.fromEntries(parameters);
}

export function wronglyEncoded(subject: string): UnreadableRequest {
  return new UnreadableRequest('bad_request', `${subject} is not correctly percent-encoded UTF-8.`);
}

/** A string, or Malformed. */
export function parseString(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new Malformed('invalid_request_parameters', 'Expected a string.');
}

function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UnreadableRequest('bad_request', 'The body is not valid JSON.');
  }
  if (hasRepeatedName(text)) throw new UnreadableRequest('bad_request', 'An object in the body has a name twice.');
  return value;
}

/**
 * RFC 8259, section 4: which of two equal names counts differs from reader to reader, so none may count. Only for text
 * that is valid JSON: there a string before a colon is a name.
 */
function hasRepeatedName(json: string): boolean {
  const objects: Set<string>[] = [];
  const colon = /\s*:/y;
  let opened: number | null = null;
  for (const { 0: token, index } of json.matchAll(/\\.|["{}]/g)) {
    if (token === '"' && opened === null) opened = index;
    else if (token === '"' && opened !== null) {
      colon.lastIndex = index + 1;
      const name: string | null = colon.test(json) ? JSON.parse(json.slice(opened, index + 1)) : null;
      const names = objects.at(-1);
      if (name !== null && names?.has(name)) return true;
      if (name !== null) names?.add(name);
      opened = null;
    } else if (opened === null && token === '{') objects.push(new Set());
    else if (opened === null && token === '}') objects.pop();
  }
  return false;
}
