import type { HttpRequest } from '../../request/messages.ts';
import type { ExecutionApp } from './execution-app.ts';

/** A caller sends back, with a query, what the answer to a change brought; then the query sees that change. */
const readAfter = 'roster-read-after';
const writePosition = 'roster-write-position';

/** The app as a query sees it: it may read from the replica. */
export async function appForQuery(app: ExecutionApp, { headers }: Pick<HttpRequest, 'headers'>): Promise<ExecutionApp> {
  if (!app.config.DATABASE_READ_URL) return app;
  const readers = await app.db.readersFor(headers.get(readAfter));
  return { ...app, db: { ...app.db, ...readers } };
}

/**
 * Adds the position to the answer of a change, where there is a replica that may lag behind it. What is committed stays
 * answered: without a position, when the database has gone away since.
 */
export async function markWrite(
  app: ExecutionApp,
  response: { headers: { set(name: string, value: string): unknown } },
): Promise<void> {
  if (!app.config.DATABASE_READ_URL) return;
  try {
    const position = await app.db.writePosition();
    if (position) response.headers.set(writePosition, position);
  } catch (error) {
    app.log.warn({ err: error }, 'a change was made, and is answered without its position');
  }
}
