import { isPercentEncoded } from '../input/percent-encoding.ts';
import { hasRepeatedName } from '../input/repeated-names.ts';
import type { HttpRequest } from '../request/messages.ts';
import type { RequestMetadata } from '../request/request-metadata.ts';
import { DocumentError } from './execution/persisted-documents.ts';
import { isPersistedQuery } from './execution/persisted-queries.ts';
import type { GraphQLApp } from './graphql-app.ts';
import { isJson } from './media-types.ts';

type WithDocuments = Pick<GraphQLApp, 'persistedDocuments'>;

/** What a request asks for: in its address, or in its body. */
export interface Asked {
  readonly url: string;
  /** The body as JSON; undefined where it is none. */
  readonly body: unknown;
}

/** A body as JSON; undefined where it is none. */
export function parseJson(text: string | null): unknown {
  try {
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Where only persisted documents are answered: what is asked for, with the document in the place of its hash. */
export function expandDocument(
  { persistedDocuments }: WithDocuments,
  url: string,
  method: string,
  body: unknown,
): Asked | DocumentError {
  if (!persistedDocuments) return { url, body };
  if (method === 'GET') {
    const expanded = persistedDocuments.expandUrl(url);
    return expanded instanceof DocumentError ? expanded : { url: expanded, body };
  }
  const expanded = persistedDocuments.expandBody(body);
  return expanded instanceof DocumentError ? expanded : { url, body: expanded };
}

/** Whether an automatic persisted query is asked for. Where there are persisted documents, hashes are theirs. */
export function asksByHash({ persistedDocuments }: WithDocuments, request: HttpRequest, text: string | null): boolean {
  return !persistedDocuments && isPersistedQuery(request, text) && (text === null || isJson(request));
}

/** Why a request cannot be read as it was meant, or null. */
export function findFormProblem(
  request: HttpRequest,
  text: string | null,
  { notUtf8 }: RequestMetadata,
): string | null {
  if (!isPercentEncoded(request.url)) return 'The address is not correctly percent-encoded UTF-8.';
  if (notUtf8) return 'The request body is not valid UTF-8.';
  if (isAmbiguous(request, text)) return 'The request has a name twice, and it is not clear which one counts.';
  return null;
}

/** Whether a name comes twice: in the JSON of a body, or in the query of an address and the JSON there. */
function isAmbiguous({ url }: HttpRequest, body: string | null): boolean {
  if (body !== null) return hasRepeatedName(body);
  const parameters = [...new URL(url).searchParams];
  if (new Set(parameters.map(([name]) => name)).size < parameters.length) return true;
  return parameters.some(([name, value]) => ['variables', 'extensions'].includes(name) && hasRepeatedName(value));
}
