import type { HttpRequest } from '../../request/messages.ts';

/** What Apollo's clients understand: they send the query from then on, and no hash. */
export const notSupported = { message: 'PersistedQueryNotSupported', code: 'PERSISTED_QUERY_NOT_SUPPORTED' };

/** Whether an automatic persisted query is asked for: by the hash of a query, without the query itself. */
export function isPersistedQuery({ method, url }: HttpRequest, body: string | null): boolean {
  const params = method === 'GET' ? paramsOf(url) : parseJson(body ?? '');
  return isObject(params) && (params.query ?? '') === '' && hasHash(params.extensions);
}

/** Only what mentions one is parsed: nearly every request does not. */
function parseJson(text: string): unknown {
  if (!text.includes('persistedQuery')) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function paramsOf(url: string): unknown {
  if (!url.includes('persistedQuery')) return null;
  const { searchParams } = new URL(url);
  return { query: searchParams.get('query'), extensions: parseJson(searchParams.get('extensions') ?? '') };
}

function hasHash(extensions: unknown): boolean {
  if (!isObject(extensions) || !isObject(extensions.persistedQuery)) return false;
  return typeof extensions.persistedQuery.sha256Hash === 'string';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
