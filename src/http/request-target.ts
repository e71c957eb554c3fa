import type { IncomingMessage } from 'node:http';

/** The target URI of a request (RFC 9110, section 7.1), or what is wrong with the request. */
export type Target = { readonly url: string } | { readonly problem: string };

const malformed: Target = { problem: 'This is not a well-formed HTTP request.' };
const unresolved: Target = {
  problem: 'The path has a backslash or a dot segment (`.` or `..`, also as `%2e`). Resolve it before you send it.',
};

/** A host and, perhaps, a port (RFC 9110, section 7.2), so that nothing in it can pass for another part of the URL. */
const hostAndPort = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/** Origin form and absolute form (RFC 9112, section 3.2). Neither has a fragment. */
const targetForms = /^(?:https?:\/\/([^/?#]*))?(\/[^?#]*)?(\?[^#]*)?$/i;

/** What the URL parser would resolve, so that a proxy's rule for one path could be passed by on the way to another. */
const unresolvedPath = /\\|\/(?:\.|%2e){1,2}(?:\/|$)/i;

/** Where a request goes. In absolute form the target itself names the host, and the Host header is not asked. */
export function readTarget({ method, url = '', headersDistinct, httpVersion }: IncomingMessage): Target {
  const [host, ...others] = headersDistinct.host ?? (httpVersion === '1.0' ? ['unknown.invalid'] : []);
  if (!host || others.length > 0 || !hostAndPort.test(host)) return malformed;
  if (url === '*' && method === 'OPTIONS') return withHost(host, '');
  const [match, authority, path, query = ''] = targetForms.exec(url) ?? [];
  if (match === undefined || (authority === undefined ? path === undefined : !hostAndPort.test(authority)))
    return malformed;
  if (path !== undefined && unresolvedPath.test(path)) return unresolved;
  const noPath = method === 'OPTIONS' && query === '' ? '' : '/';
  return withHost(authority ?? host, `${path ?? noPath}${query}`);
}

function withHost(host: string, pathAndQuery: string): Target {
  const url = `http://${host}${pathAndQuery}`;
  return URL.canParse(url) ? { url } : malformed;
}

/** `OPTIONS *` asks about the server, not about a path: its URI has none (RFC 9112, section 3.3). */
export function isWholeServer({ method, url }: { readonly method: string; readonly url: string }): boolean {
  return method === 'OPTIONS' && /^https?:\/\/[^/?]*$/.test(url);
}
