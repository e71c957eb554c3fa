import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, StoredEvent } from '../db/database.ts';
import { OperatorError } from '../errors.ts';
import { allEventTypes, type EventType, isEventType } from '../events/event-types.ts';
import { listEvents } from '../events/list.ts';
import { readSettings } from './read-settings.ts';
import type { Terminal } from './terminal.ts';
import { withDatabase } from './with-database.ts';

export interface EventOptions {
  readonly types?: string[];
  /** The id of the last event that is known. */
  readonly after?: string;
}

const pageSize = 100;
const pollMs = 500;

/** `roster events list`: what happened, oldest first, a line of JSON each, as REST shows it. */
export function printEvents(terminal: Terminal, { types, after }: EventOptions): Promise<void> {
  const filter = { types: types?.map(parseType) };
  return withDatabase(
    terminal,
    readSettings(terminal),
    async (db) => void (await printAfter(terminal, db, filter, after)),
  );
}

/** `roster events tail`: what happens from now on, or after a given event, until it is stopped. */
export function followEvents(terminal: Terminal, { types, after }: EventOptions): Promise<void> {
  const filter = { types: types?.map(parseType) };
  return withDatabase(terminal, readSettings(terminal), async (db) => {
    const [newest] = await db.eventReads.list({ order: 'desc', limit: 1 });
    for (let last = after ?? newest?.id; ; ) {
      last = await printAfter(terminal, db, filter, last);
      await sleep(pollMs);
    }
  });
}

type Filter = { readonly types: EventType[] | undefined };

/** Answers the last that it printed, or where it began. */
async function printAfter(
  { stdout }: Terminal,
  { eventReads }: Database,
  filter: Filter,
  after?: string,
): Promise<string | undefined> {
  let last = after;
  for (let hasMore = true; hasMore; ) {
    const page = { filter, after: last, order: 'asc', limit: pageSize, fromEnd: false } as const;
    const found: { events: StoredEvent[]; hasMore: boolean } = await listEvents(eventReads, page);
    for (const { body } of found.events) stdout.write(`${body}\n`);
    last = found.events.at(-1)?.id ?? last;
    hasMore = found.hasMore;
  }
  return last;
}

function parseType(text: string): EventType {
  if (isEventType(text)) return text;
  throw new OperatorError(`There is no type of event '${text}'. The types are: ${allEventTypes.join(', ')}.`);
}
