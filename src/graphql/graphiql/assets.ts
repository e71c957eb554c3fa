import type { Logger } from 'pino';
import type { Config } from '../../config/settings.ts';
import { emptyResponse, type HttpRequest, type HttpResponse, jsonResponse } from '../../request/messages.ts';
import { loadBundle } from './bundle.ts';
import { assetPrefix } from './take-apart.ts';

/** Whether browsers are shown GraphiQL. */
export function mayShowGraphiQL({ GRAPHIQL, NODE_ENV }: Pick<Config, 'GRAPHIQL' | 'NODE_ENV'>): boolean {
  return GRAPHIQL ?? NODE_ENV !== 'production';
}

/** Where GraphiQL was asked for, it is ready before the first browser comes: then there may be a load already. */
export async function warmUpGraphiQL({ GRAPHIQL }: Pick<Config, 'GRAPHIQL'>, log: Logger): Promise<void> {
  if (!GRAPHIQL) return;
  await loadBundle().catch((err: unknown) => log.warn({ err }, 'GraphiQL could not be prepared; its page tries again'));
}

/** The files of GraphiQL's page. */
export const graphiQLAssets = {
  /** Whether there may be one at a path. */
  has: (pathname: string): boolean => pathname.startsWith(assetPrefix),
  methods: ['GET', 'HEAD'],
  template: `${assetPrefix}*`,

  /** Browsers ask once: the content of a path never changes. The bytes are shared by all answers. */
  async answer({ url, headers }: HttpRequest): Promise<HttpResponse> {
    const asset = (await loadBundle()).assets.get(new URL(url).pathname);
    if (!asset)
      return jsonResponse(404, { code: 'not_found', message: 'This is no file of GraphiQL: load its page again.' });
    const { type, etag, content, gzipped } = asset;
    const common = { etag, 'cache-control': 'public, max-age=31536000, immutable', vary: 'Accept-Encoding' };
    if (headers.get('if-none-match')?.includes(etag)) return emptyResponse(304, common);
    const compressed = /\bgzip\b(?! *; *q=0(\.0*)?\b)/i.test(headers.get('accept-encoding') ?? '');
    return {
      status: 200,
      headers: new Map(
        Object.entries({ ...common, 'content-type': type, ...(compressed && { 'content-encoding': 'gzip' }) }),
      ),
      body: compressed ? gzipped : content,
    };
  },
};
