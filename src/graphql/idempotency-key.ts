import { type DocumentNode, getOperationAST, parse } from 'graphql';
import { canonicalJson, type KeyedRequest, keyedRequest } from '../idempotency/keyed-request.ts';
import { hasSeveralKeys, invalidKeyMessage, isValidKey, severalKeysMessage } from '../idempotency/keys.ts';
import type { Principal } from '../principal/principal.ts';
import type { HttpRequest } from '../request/messages.ts';
import { rootFields } from './access.ts';
import type { ExecutedDocuments } from './execution/executed-documents.ts';
import { selectedRootFields } from './root-fields.ts';

/** More than any document may have that is executed. */
const maxTokens = 4000;

interface Asked {
  readonly request: HttpRequest;
  /** The body as it came, and with the document in the place of its hash. */
  readonly sent: unknown;
  readonly body: unknown;
  readonly principal: Principal;
}

interface Params {
  readonly query?: string;
  readonly operationName?: string | null;
  readonly variables?: unknown;
}

/**
 * What a request with a key is known by when it comes again, a mutation of one field; null for any other, and where the key does
 * not count; or why it cannot be carried out once.
 */
export function readIdempotencyKey(asked: Asked, documents: ExecutedDocuments): KeyedRequest | string | null {
  const { request, sent } = asked;
  const inHeader = request.headers.get('idempotency-key');
  const inBody = (sent as { extensions?: { idempotencyKey?: unknown } | null } | null | undefined)?.extensions
    ?.idempotencyKey;
  if (inHeader === null && (inBody === undefined || inBody === null)) return null;
  const names = mutationFields((asked.body ?? {}) as Params, documents);
  if (names.length === 0) return null;
  if (names.length > 1) {
    return 'With an Idempotency-Key a document has one mutation field: each is carried out, or not, by itself.';
  }
  if (rootFields.get(names[0] as string)?.isNeverReplayed) return null;
  if (hasSeveralKeys(request.headers)) return severalKeysMessage;
  const key = inHeader ?? inBody;
  if (!isValidKey(key)) return invalidKeyMessage;
  if (inHeader !== null && (inBody ?? inHeader) !== inHeader) {
    return 'The header Idempotency-Key and extensions.idempotencyKey have different keys. Give one.';
  }
  return identify(asked, key);
}

function identify({ request, body, principal }: Asked, key: string): KeyedRequest {
  const { query = '', operationName = null, variables = null } = body as Params;
  const content = canonicalJson({ operationName, variables }, JSON.stringify(operationName));
  return keyedRequest({
    key,
    principal,
    method: 'POST',
    path: '/graphql',
    userAgent: request.headers.get('user-agent'),
    content: [query, content],
  });
}

/** The names of the mutation fields that a request asks for, one for each name in the answer; none for a query, and where it cannot be read. */
function mutationFields({ query, operationName }: Params, documents: ExecutedDocuments): string[] {
  const document = typeof query === 'string' ? (documents.find(query) ?? tryParse(query)) : null;
  const operation = document && getOperationAST(document, operationName);
  if (!document || operation?.operation !== 'mutation') return [];
  const fields = selectedRootFields(document, operation).filter(({ name }) => !name.value.startsWith('__'));
  return [...new Map(fields.map(({ alias, name }) => [(alias ?? name).value, name.value])).values()];
}

function tryParse(query: string): DocumentNode | null {
  try {
    return parse(query, { maxTokens, noLocation: true });
  } catch {
    return null; // whoever executes it says why
  }
}
