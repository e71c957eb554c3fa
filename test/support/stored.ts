import { onTestFinished } from 'vitest';
import { type DatabaseClient, openDatabase } from '../../src/db/database.ts';

const open = new Map<string, Promise<DatabaseClient>>();

/** Reads a database beside the processes that serve it; closed after the test. */
export function openReader(url: string): Promise<DatabaseClient> {
  const known = open.get(url);
  if (known) return known;
  const opening = openDatabase({ url, synchronous: 'normal', busyTimeoutMs: 5000 });
  open.set(
    url,
    opening.then((database) => database.reader),
  );
  onTestFinished(async () => {
    open.delete(url);
    await (await opening).close();
  });
  return open.get(url) as Promise<DatabaseClient>;
}
