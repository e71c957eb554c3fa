import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newTestDatabase, rosterProcess } from '../support/processes.ts';

/** Has Node load a file in place of better-sqlite3's library that is none: it fails as with one for another Node. */
const preload = (library: string) => `
  const { dlopen } = process;
  process.dlopen = (module, path, ...rest) =>
    dlopen.call(process, module, /better[-_]sqlite3/.test(path) ? ${JSON.stringify(library)} : path, ...rest);
`;

test.each([
  ['a new file', false, ['serve']],
  ['a new file', false, ['migrate']],
  ['a file that is there', true, ['serve']],
  ['a file that is there', true, ['api-key', 'list']],
])(
  '%s (%s), installed with another Node: `%s` says so in a sentence, and blames no database',
  async (_, isMigrated, args) => {
    const { folder, url } = newTestDatabase({ isMigrated });
    const [library, script] = [join(folder, 'other.node'), join(folder, 'preload.cjs')];
    writeFileSync(library, 'for another Node');
    writeFileSync(script, preload(library));
    const { code, stderr } = await rosterProcess(args, {
      DATABASE_URL: url,
      PORT: '0',
      NODE_OPTIONS: `--require=${script}`,
    });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `better-sqlite3 does not load in Node ${process.versions.node}: it was installed with another version of Node, or for another system. Run "npm ci" with this Node, and start again.\n`,
    });
  },
);
