import { canonicalJson, type KeyedRequest, keyedRequest } from '../idempotency/keyed-request.ts';
import { hasSeveralKeys, invalidKeyMessage, isValidKey, severalKeysMessage } from '../idempotency/keys.ts';
import type { ApiKeyPrincipal } from '../principal/principal.ts';
import type { HttpRequest } from '../request/messages.ts';
import type { Operation } from './call.ts';
import { UnreadableRequest } from './unreadable-request.ts';

/** What a request with a key is known by when it comes again; null for any other, and where the key does not count. */
export async function readIdempotencyKey(
  request: HttpRequest,
  operation: Pick<Operation, 'isNeverReplayed'>,
  principal: ApiKeyPrincipal,
): Promise<KeyedRequest | null> {
  const { method, headers } = request;
  const key = headers.get('idempotency-key');
  if (key === null || !isReplayed(method, operation)) return null;
  if (hasSeveralKeys(headers)) throw new UnreadableRequest('bad_request', severalKeysMessage);
  if (!isValidKey(key)) throw new UnreadableRequest('bad_request', invalidKeyMessage);
  const { pathname, search } = new URL(request.url);
  return keyedRequest({
    key,
    principal,
    method,
    path: pathname,
    userAgent: headers.get('user-agent'),
    content: [search, headers.get('if-match') ?? '', canonical(await request.text())],
  });
}

export function isKeyed({ headers }: HttpRequest): boolean {
  return headers.get('idempotency-key') !== null;
}

/** The same request, whose body may be read more than once. */
export function readTwice(request: HttpRequest): HttpRequest {
  const { method, url, headers } = request;
  let text: Promise<string> | undefined;
  return {
    method,
    url,
    headers,
    text() {
      text ??= request.text();
      return text;
    },
  };
}

/** Whether an operation is carried out once for a key. */
export function isReplayed(method: string, { isNeverReplayed = false }: Pick<Operation, 'isNeverReplayed'>): boolean {
  return !['GET', 'HEAD'].includes(method) && !isNeverReplayed;
}

/** What is no JSON is refused, whatever it is. */
function canonical(text: string): string {
  try {
    return canonicalJson(JSON.parse(text), text);
  } catch {
    return text;
  }
}
