import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, StoredEvent } from '../db/database.ts';
import { OperatorError } from '../errors.ts';
import { allEventTypes, type EventType, isEventType } from '../events/event-types.ts';
import { listEvents } from '../events/list.ts';
import { readSettings } from './read-settings.ts';
import { onStopSignal } from './stop-signals.ts';
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
  const lines = openLines(terminal);
  return withDatabase(
    terminal,
    readSettings(terminal),
    async (db) => void (await printAfter(db, { filter, lines }, after)),
  );
}

/** `roster events tail`: what happens from now on, or after a given event, until it is stopped or nobody reads it any more. */
export function followEvents(terminal: Terminal, { types, after }: EventOptions): Promise<void> {
  const filter = { types: types?.map(parseType) };
  const lines = openLines(terminal);
  onStopSignal(lines.close);
  return withDatabase(terminal, readSettings(terminal), async (db) => {
    let last = after ?? (await newestId(db));
    while (!lines.closed.aborted) {
      const newest = await newestId(db); // where none of the types came, the last that did is not kept for ever
      last = (await printAfter(db, { filter, lines }, last)) ?? newest;
      await sleep(pollMs, undefined, { signal: lines.closed }).catch(() => {});
    }
  });
}

async function newestId({ eventReads }: Database): Promise<string | undefined> {
  return (await eventReads.list({ order: 'desc', limit: 1 }))[0]?.id;
}

interface Printing {
  readonly filter: { readonly types: EventType[] | undefined };
  readonly lines: Lines;
}

/** Answers the last that it printed. */
async function printAfter({ eventReads }: Database, { filter, lines }: Printing, after?: string) {
  let last: string | undefined;
  for (let hasMore = true; hasMore && !lines.closed.aborted; ) {
    const page = { filter, after: last ?? after, order: 'asc', limit: pageSize, fromEnd: false } as const;
    const found: { events: StoredEvent[]; hasMore: boolean } = await listEvents(eventReads, page);
    if (found.events.length > 0) await lines.write(found.events.map(({ body }) => `${body}\n`).join(''));
    last = found.events.at(-1)?.id ?? last;
    hasMore = found.hasMore;
  }
  return last;
}

/** Standard output, as fast as it is read, until `head` or the like has enough and closes it. */
interface Lines {
  readonly closed: AbortSignal;
  write(text: string): Promise<void>;
  close(this: void): void;
}

function openLines({ stdout }: Terminal): Lines {
  const closing = new AbortController();
  stdout.on('error', () => closing.abort());
  return {
    closed: closing.signal,
    async write(text) {
      if (!stdout.write(text)) await once(stdout, 'drain', { signal: closing.signal }).catch(() => {});
    },
    close: () => closing.abort(),
  };
}

function parseType(text: string): EventType {
  if (isEventType(text)) return text;
  throw new OperatorError(`There is no type of event '${text}'. The types are: ${allEventTypes.join(', ')}.`);
}
