import type { Config } from '../../config/settings.ts';
import { type HttpRequest, type HttpResponse, textResponse } from '../../request/messages.ts';
import type { RequestMetadata } from '../../request/request-metadata.ts';
import { mayIntrospect } from '../execution/introspection.ts';
import { mayShowGraphiQL } from './assets.ts';
import { renderGraphiQLPage } from './page.ts';

/** The key that `serve` made for a database without any, for the page to fill in; null on any other start. */
export type DevelopmentKey = () => string | null;

type PageConfig = Pick<Config, 'GRAPHIQL' | 'INTROSPECTION' | 'NODE_ENV'>;

/** GraphiQL needs inline scripts and workers from blobs; nothing may come from, or go to, another host. */
const pagePolicy =
  "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; worker-src blob:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'";

/** Answers browsers that are to show a page: with GraphiQL, or with how to have it shown; null for any other request. */
export function createPageHandler(config: PageConfig, developmentKey: DevelopmentKey = () => null) {
  const isShown = mayShowGraphiQL(config);
  return (request: HttpRequest, { isLocal }: RequestMetadata): (() => HttpResponse | Promise<HttpResponse>) | null => {
    if (!isPageRequest(request)) return null;
    if (isShown) return () => showPage(config, isLocal() && isLoopback(request) ? developmentKey() : null);
    return config.GRAPHIQL === undefined && !new URL(request.url).search ? sayHowToShowPage : null;
  };
}

/** A browser that is to show a page; GraphiQL keeps the open query in its address. */
function isPageRequest({ method, headers }: HttpRequest): boolean {
  return method === 'GET' && headers.get('accept')?.includes('text/html') === true;
}

/** A page of another site that has its name resolve to this machine (DNS rebinding) must not read the key. */
function isLoopback(request: HttpRequest): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(request.url).hostname);
}

async function showPage(config: PageConfig, apiKey: string | null): Promise<HttpResponse> {
  const page = await renderGraphiQLPage({ apiKey, introspection: mayIntrospect(config) });
  return textResponse(200, page, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': pagePolicy,
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  });
}

function sayHowToShowPage(): HttpResponse {
  const text =
    'GraphiQL is not shown in production. Start Roster with GRAPHIQL=true to show it here. Operations are sent here by POST.\n';
  return textResponse(404, text, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
}
