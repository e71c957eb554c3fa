import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import type { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import { runAtLowPriority } from '../../threads/low-priority.ts';

export type GraphiQLOptions = Parameters<typeof renderGraphiQL>[0];

/** A file that the page loads: the same for everybody, and for ever at its path. */
export interface Asset {
  readonly type: string;
  readonly etag: string;
  readonly content: Buffer;
  readonly gzipped: Buffer;
}

interface Bundle {
  /** The page without its files, a few hundred bytes. */
  readonly page: (options: GraphiQLOptions) => string;
  readonly assets: ReadonlyMap<string, Asset>;
}

/** Where the files are. Each has the hash of its content in its name. */
export const assetPrefix = '/graphql/graphiql.';

let loading: Promise<Bundle> | undefined;

/** GraphiQL's page and files, which Yoga has as one text of nine megabytes: taken apart and compressed once. */
export function loadBundle(): Promise<Bundle> {
  loading ??= takeApart().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

const call = 'YogaGraphiQL.renderYogaGraphiQL(';

/** The package is nine megabytes of source, which would stay in memory with all that is made of it. */
function render(options: GraphiQLOptions): Promise<string> {
  const module = createRequire(import.meta.url).resolve('@graphql-yoga/render-graphiql');
  return runAtLowPriority('require(data.module).renderGraphiQL(data.options)', { module, options });
}

async function compress(content: Buffer): Promise<Buffer> {
  return Buffer.from(await runAtLowPriority<Uint8Array>("require('node:zlib').gzipSync(data, { level: 9 })", content));
}

async function takeApart(): Promise<Bundle> {
  const placeholder = { title: 'Roster', endpoint: '/graphql' };
  const whole = await render(placeholder);
  const [, icon = ''] = /<link rel="icon" href="data:image\/x-icon;base64,([^"]+)"/.exec(whole) ?? [];
  const [style, css = ''] = /<style>(.*?)<\/style>/s.exec(whole) ?? [''];
  const [scriptAt, callAt] = [whole.indexOf('<script>'), whole.lastIndexOf(call)];
  const script = whole.slice(scriptAt + '<script>'.length, callAt).replace('globalAPI: false', 'globalAPI: true');
  if (!icon || !css || scriptAt < 0 || callAt < scriptAt) throw new Error('GraphiQL has another form than expected.');

  const assets = new Map<string, Asset>();
  const add = async (extension: string, type: string, content: Buffer) => {
    const hash = createHash('sha256').update(content).digest('hex').slice(0, 32);
    const path = `${assetPrefix}${hash}.${extension}`;
    assets.set(path, { type, etag: `"${hash}"`, content, gzipped: await compress(content) });
    return path;
  };
  const [iconPath, cssPath, scriptPath] = [
    await add('ico', 'image/x-icon', Buffer.from(icon, 'base64')),
    await add('css', 'text/css; charset=utf-8', Buffer.from(css)),
    await add('js', 'text/javascript; charset=utf-8', Buffer.from(script)),
  ];
  const template = `${whole.slice(0, scriptAt)}<script src="${scriptPath}"></script>\n<script>${whole.slice(callAt)}`
    .replace(`data:image/x-icon;base64,${icon}`, iconPath)
    .replace(style, () => `<link rel="stylesheet" href="${cssPath}" />`);
  const marker = JSON.stringify(placeholder);
  return { assets, page: (options) => template.replace(marker, () => JSON.stringify(options)) };
}
