import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Parts } from './take-apart.ts';

/** In the build, whose code is in `dist/chunks`; there is none beside the sources. */
const folder = fileURLToPath(new URL('../graphiql/', import.meta.url));
const pageFile = 'page.html';

/** What the build has made of GraphiQL; null where it runs without a build. */
export async function readParts(): Promise<Parts | null> {
  if (import.meta.url.endsWith('.ts')) return null;
  const read = (name: string) => readFile(join(folder, name));
  const names = (await readdir(folder)).filter((name) => name !== pageFile && !name.endsWith('.gz'));
  const files = names.map(async (name) => ({
    extension: extname(name).slice(1),
    hash: basename(name, extname(name)),
    content: await read(name),
    gzipped: await read(`${name}.gz`),
  }));
  return { page: (await read(pageFile)).toString(), files: await Promise.all(files) };
}

/** Puts it there. */
export async function writeParts({ page, files }: Parts): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  await writeFile(join(folder, pageFile), page);
  for (const { hash, extension, content, gzipped } of files) {
    await writeFile(join(folder, `${hash}.${extension}`), content);
    await writeFile(join(folder, `${hash}.${extension}.gz`), gzipped);
  }
}
