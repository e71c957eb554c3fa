import type { Config } from '../config/settings.ts';
import type { NewEvent as NewEventRow, Transaction } from '../db/database.ts';
import { newId } from '../input/ids.ts';
import { newJobRow } from '../jobs/enqueue.ts';
import { type Actor, requestOf } from '../principal/principal.ts';
import { describeActor, type EventActor, sources } from './actors.ts';
import { newErasure } from './erase.ts';
import type { Content, Presenters } from './event-data.ts';
import { type EventType, eventTypes, type NewEvent } from './event-types.ts';
import { sampleEvent } from './samples.ts';

/** Where everything that happens is recorded. With `EVENTS_RETENTION_DAYS=0` nothing is. */
export interface Events {
  /** Within the transaction of their cause: records events, in this order. */
  record(tx: Transaction, actor: Actor, events: readonly NewEvent[]): Promise<void>;
  /** Their rows, yet to be written, for whoever writes many with one statement. */
  rowsOf(actor: Actor, events: readonly NewEvent[]): NewEventRow[];
  /** An event of this type that tells of nobody, and is written nowhere: for tests of whoever is sent events. */
  sampleOf(type: EventType): NewEventRow;
  /** After the commit of such rows: has them put in their order. */
  wake(): void;
  /** Within the transaction of a deletion: has what is personal taken out of all that was recorded of a user. */
  erase(tx: Transaction, userId: string): Promise<void>;
}

interface Given {
  readonly config: Pick<Config, 'EVENTS_RETENTION_DAYS'>;
  readonly present: Presenters;
  readonly now: () => Date;
  /** Has events that are committed put in their order. */
  readonly wake: () => void;
  /** Has a job that was stored looked at. */
  readonly wakeJobs: () => void;
}

export function createEvents({ config, present, now, wake, wakeJobs }: Given): Events {
  const isOff = config.EVENTS_RETENTION_DAYS === 0;
  let latest = 0;

  /** In the order of calls, also where the clock is set back: within a transaction, the order of calls is that of the events. */
  function momentOf(): Date {
    latest = Math.max(latest, now().getTime());
    return new Date(latest);
  }

  function rowsOf(actor: Actor, events: readonly NewEvent[]): NewEventRow[] {
    if (isOff || events.length === 0) return [];
    const createdAt = momentOf();
    const by = { actor: describeActor(actor), requestId: requestOf(actor) };
    return events.map((event) => rowOf(event, createdAt, by));
  }

  function rowOf(event: NewEvent, createdAt: Date, by: Pick<Origin, 'actor' | 'requestId'>): NewEventRow {
    const { id } = newId('event', now());
    return toRow(event, contentOf(event, present, createdAt), { id, createdAt, ...by });
  }

  return {
    rowsOf,
    sampleOf: (type) => rowOf(sampleEvent(type, now()), now(), { actor: ofTests, requestId: null }),
    wake,
    async record({ statements, afterCommit }, actor, events) {
      const event = rowsOf(actor, events);
      if (event.length === 0) return;
      await statements.insert({ event });
      afterCommit(wake);
    },
    async erase({ statements, afterCommit }, userId) {
      await statements.insert({ job: [newJobRow(newErasure(userId, now()), now())] });
      afterCommit(wakeJobs);
    },
  };
}

/** By which whoever is sent a test can tell it from what happened. */
const ofTests: EventActor = { ...describeActor('roster'), name: 'Test event' };

/** What is said of an event besides what happened. */
interface Origin {
  readonly id: string;
  readonly createdAt: Date;
  readonly actor: EventActor;
  readonly requestId: string | null;
}

function contentOf({ type, ...subject }: NewEvent, present: Presenters, now: Date): Content {
  const { build } = eventTypes[type];
  return (build as (subject: unknown, present: Presenters, now: Date) => Content)(subject, present, now);
}

/**
 * The text is made here, once: what is signed, sent and read again is this one. Its start, up to the moment, is as
 * db/event-rows.ts says, so that the database may set the moment of an event that is put behind a later one.
 */
function toRow(
  { type }: NewEvent,
  { user, data, previous }: Content,
  { id, createdAt, actor: { kind, id: actorId, name }, requestId }: Origin,
): NewEventRow {
  const body = JSON.stringify({
    object: 'event',
    id,
    created_at: createdAt.toISOString(),
    event: type,
    data,
    context: {
      actor: { id: actorId, source: sources[kind], name },
      ...(previous && { previous_attributes: previous }),
    },
  });
  return {
    id,
    type,
    userId: user?.id ?? null,
    userVersion: user?.version ?? null,
    actorKind: kind,
    actorId,
    actorName: name,
    requestId,
    body,
    createdAt,
  };
}
