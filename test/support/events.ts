import type { App } from '../../src/app.ts';
import type { StoredEvent } from '../../src/db/database.ts';

/** An event with its text, and what that says. */
export interface Recorded extends Omit<StoredEvent, 'body'> {
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it looks for
  readonly body: any;
}

/** Every event after a position, in their order, once all that is committed has its own. */
export async function readEvents({ db }: Pick<App, 'db'>, after = 0): Promise<Recorded[]> {
  for (let tries = 0; db.numberEvents && (await db.reader.unnumberedEvent.count()) > 0; tries += 1) {
    if (tries > 100) throw new Error('The events get no positions.');
    await db.numberEvents(1000);
  }
  const events = await db.eventReads.list({ from: after + 1, order: 'asc', limit: 1_000_000 });
  return events.map(({ body, ...event }) => ({ ...event, text: body, body: JSON.parse(body) }));
}

/** The events that some work records. */
export async function recordedBy(app: App, work: () => Promise<unknown>, after?: number): Promise<Recorded[]> {
  const last = after ?? (await readEvents(app)).at(-1)?.position ?? 0;
  await work();
  return readEvents(app, last);
}
