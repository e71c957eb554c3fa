import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createTestApp, type TestApp } from '../../support/app.ts';

const document = 'query ($id: ID!) { user(id: $id) { id } }';
const documentId = createHash('sha256').update(document).digest('hex');
const marker = 'user_parsed_once';

let t: TestApp | undefined;
let folder: string | undefined;
afterEach(async () => {
  vi.restoreAllMocks();
  await t?.close();
  if (folder) rmSync(folder, { recursive: true });
});

/** A server that answers these documents alone, where there are any. */
async function start(documents: Record<string, string> | null): Promise<TestApp> {
  folder = mkdtempSync(join(tmpdir(), 'roster-test-'));
  const file = join(folder, 'documents.json');
  writeFileSync(file, JSON.stringify(documents));
  t = await createTestApp(documents ? { PERSISTED_DOCUMENTS: file } : {});
  return t;
}

describe.each([
  ['a document', null, { query: document }],
  ['a persisted document', { [documentId]: document }, { documentId }],
])('a body with %s', (_what, documents, asked) => {
  test('is parsed once, the first time as well as later', async () => {
    const { fetch, key } = await start(documents);
    const parse = vi.spyOn(JSON, 'parse');
    for (const _time of ['first', 'second']) {
      parse.mockClear();
      const response = await fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
        body: JSON.stringify({ ...asked, variables: { id: marker } }),
      });
      const parsed = parse.mock.calls.filter(([text]) => String(text).includes(marker));
      expect(parsed).toHaveLength(1);
      expect(await response.json()).toEqual({ data: { user: null } });
    }
  });
});
