import { DomainError } from '../errors.ts';
import { isPercentEncoded } from '../input/percent-encoding.ts';
import { hasRepeatedName } from '../input/repeated-names.ts';
import { ValidationError } from '../input/validation-errors.ts';
import { encodedMessage, isEncoded, onlyIdentity } from '../request/content-encoding.ts';
import type { HttpRequest } from '../request/messages.ts';
import type { RequestMetadata } from '../request/request-metadata.ts';
import { UnreadableRequest } from './unreadable-request.ts';

export type MediaType = 'application/json' | 'application/x-www-form-urlencoded';

/** What a body may be. */
interface Accepted {
  readonly mediaTypes: readonly MediaType[];
  readonly maxBytes: number;
}

/** The body of a request, if it is accepted; throws UnreadableRequest. */
export async function readBody(
  request: HttpRequest,
  metadata: RequestMetadata,
  { mediaTypes, maxBytes }: Accepted,
): Promise<unknown> {
  if (isEncoded(request)) throw new UnreadableRequest('unsupported_media_type', encodedMessage, onlyIdentity);
  if (metadata.tooLarge) throw tooLarge(maxBytes);
  const [given = ''] = (request.headers.get('content-type') ?? '').split(';');
  const type = mediaTypes.find((name) => name === given.trim().toLowerCase());
  if (!type) throw new UnreadableRequest('unsupported_media_type', `Send the body as ${mediaTypes.join(' or ')}.`);
  if (metadata.notUtf8) throw new UnreadableRequest('bad_request', 'The body is not valid UTF-8.');
  const text = await request.text();
  if (Buffer.byteLength(text) > maxBytes) throw tooLarge(maxBytes);
  return type === 'application/json' ? parseJson(text) : parseForm(text);
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

/** A string, or ValidationError. */
export function parseString(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new ValidationError('invalid_request_parameters', 'Expected a string.');
}

/** Read as a form, JSON would be one long name, with everything in it. */
function parseForm(text: string): unknown {
  if (/^\s*[{[]/.test(text)) {
    throw new UnreadableRequest(
      'bad_request',
      'The body looks like JSON. Send it with Content-Type: application/json.',
    );
  }
  return readPairs(text, 'The body');
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
