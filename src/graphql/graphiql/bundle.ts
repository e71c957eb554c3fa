import { readParts } from './parts.ts';
import { type GraphiQLOptions, pathOf, placeholder, takeApart } from './take-apart.ts';

/** A file that the page loads: the same for everybody, and for ever at its path. */
export interface Asset {
  readonly type: string;
  readonly etag: string;
  readonly content: Buffer;
  readonly gzipped: Buffer;
}

interface Bundle {
  readonly page: (options: GraphiQLOptions) => string;
  readonly assets: ReadonlyMap<string, Asset>;
}

const types: Record<string, string> = {
  ico: 'image/x-icon',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
};

let loading: Promise<Bundle> | undefined;

/** GraphiQL's page and files, as the build has made them, or made now, once. */
export function loadBundle(): Promise<Bundle> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function load(): Promise<Bundle> {
  const { page, files } = (await readParts()) ?? (await takeApart());
  const assets = files.map((file): [string, Asset] => {
    const { extension, hash, content, gzipped } = file;
    return [pathOf(file), { type: types[extension] ?? '', etag: `"${hash}"`, content, gzipped }];
  });
  const marker = JSON.stringify(placeholder);
  return {
    assets: new Map(assets),
    page: (options) => page.replace(marker, () => JSON.stringify(options)),
  };
}
