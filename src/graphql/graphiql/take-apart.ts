import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import type { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import { runAtLowPriority } from '../../threads/low-priority.ts';

export type GraphiQLOptions = Parameters<typeof renderGraphiQL>[0];

/** A file that the page loads. */
export interface File {
  /** `ico`, `css` or `js`. */
  readonly extension: string;
  readonly hash: string;
  readonly content: Buffer;
  readonly gzipped: Buffer;
}

/** GraphiQL, whose page is without its files, a few hundred bytes. */
export interface Parts {
  readonly page: string;
  readonly files: readonly File[];
}

/** Where the files are. Each has the hash of its content in its name. */
export const assetPrefix = '/graphql/graphiql.';
export const pathOf = ({ extension, hash }: Pick<File, 'extension' | 'hash'>) => `${assetPrefix}${hash}.${extension}`;

/** What the page is rendered with; its callers put theirs in the place. */
export const placeholder = { title: 'Roster', endpoint: '/graphql' };

const call = 'YogaGraphiQL.renderYogaGraphiQL(';

/** The package is nine megabytes of source, which would stay in memory with all that is made of it. */
function render(options: GraphiQLOptions): Promise<string> {
  const module = createRequire(import.meta.url).resolve('@graphql-yoga/render-graphiql');
  return runAtLowPriority('require(data.module).renderGraphiQL(data.options)', { module, options });
}

async function compress(content: Buffer): Promise<Buffer> {
  return Buffer.from(await runAtLowPriority<Uint8Array>("require('node:zlib').gzipSync(data, { level: 9 })", content));
}

async function makeFile(extension: string, content: Buffer): Promise<File> {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 32);
  return { extension, hash, content, gzipped: await compress(content) };
}

/** GraphiQL's page and files, which Yoga has as one text of nine megabytes: taken apart and compressed. */
export async function takeApart(): Promise<Parts> {
  const whole = await render(placeholder);
  const [, icon = ''] = /<link rel="icon" href="data:image\/x-icon;base64,([^"]+)"/.exec(whole) ?? [];
  const [style, css = ''] = /<style>(.*?)<\/style>/s.exec(whole) ?? [''];
  const [scriptAt, callAt] = [whole.indexOf('<script>'), whole.lastIndexOf(call)];
  const script = whole.slice(scriptAt + '<script>'.length, callAt).replace('globalAPI: false', 'globalAPI: true');
  if (!icon || !css || scriptAt < 0 || callAt < scriptAt) throw new Error('GraphiQL has another form than expected.');

  const files = [
    await makeFile('ico', Buffer.from(icon, 'base64')),
    await makeFile('css', Buffer.from(css)),
    await makeFile('js', Buffer.from(script)),
  ] as const;
  const [iconPath, cssPath, scriptPath] = files.map(pathOf) as [string, string, string];
  const page = `${whole.slice(0, scriptAt)}<script src="${scriptPath}"></script>\n<script>${whole.slice(callAt)}`
    .replace(`data:image/x-icon;base64,${icon}`, iconPath)
    .replace(style, () => `<link rel="stylesheet" href="${cssPath}" />`);
  return { page, files };
}
