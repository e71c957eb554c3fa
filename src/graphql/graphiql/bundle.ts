import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { gzip } from 'node:zlib';
import type { renderGraphiQL } from '@graphql-yoga/render-graphiql';

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

/**
 * What Yoga renders, on a thread that ends with it: the package is nine megabytes of source, which would stay in memory with all
 * that is made of it, and takes half a second to load.
 */
function renderElsewhere(options: GraphiQLOptions): Promise<string> {
  const script = `
    const { parentPort, workerData } = require('node:worker_threads');
    const { renderGraphiQL } = require(workerData.module);
    parentPort.postMessage(renderGraphiQL(workerData.options));
  `;
  const module = createRequire(import.meta.url).resolve('@graphql-yoga/render-graphiql');
  return new Promise((resolve, reject) => {
    const thread = new Worker(script, { eval: true, workerData: { module, options } });
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', () => reject(new Error('the thread that rendered GraphiQL ended without a result')));
  });
}

async function takeApart(): Promise<Bundle> {
  const placeholder = { title: 'Roster', endpoint: '/graphql' };
  const whole = await renderElsewhere(placeholder);
  const [, icon = ''] = /<link rel="icon" href="data:image\/x-icon;base64,([^"]+)"/.exec(whole) ?? [];
  const [style, css = ''] = /<style>(.*?)<\/style>/s.exec(whole) ?? [''];
  const [scriptAt, callAt] = [whole.indexOf('<script>'), whole.lastIndexOf(call)];
  const script = whole.slice(scriptAt + '<script>'.length, callAt).replace('globalAPI: false', 'globalAPI: true');
  if (!icon || !css || scriptAt < 0 || callAt < scriptAt) throw new Error('GraphiQL has another form than expected.');

  const assets = new Map<string, Asset>();
  const add = async (extension: string, type: string, content: Buffer) => {
    const hash = createHash('sha256').update(content).digest('hex').slice(0, 32);
    const path = `${assetPrefix}${hash}.${extension}`;
    assets.set(path, { type, etag: `"${hash}"`, content, gzipped: await promisify(gzip)(content, { level: 9 }) });
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
