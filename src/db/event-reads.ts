import type { SqlQueryable } from '@prisma/driver-adapter-utils';
import { columnsOf, readRow } from './columns.ts';
import type { Sql } from './dialect.ts';
import type { DatabaseClient, Event } from './models.ts';
import { createQuery, type Parameter } from './query.ts';

/** An event that has its position. */
export interface StoredEvent extends Omit<Event, 'position'> {
  readonly position: number;
}

/** A range of the events, and how much of it is wanted. All conditions must hold. */
export interface EventRange {
  readonly types?: readonly string[] | undefined;
  readonly userId?: string | undefined;
  /** The least and the greatest position. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly order: 'asc' | 'desc';
  readonly limit: number;
}

/** What is read of events: by keyset, so that a page costs the same in a small store and a large one. */
export interface EventReads {
  list(range: EventRange): Promise<StoredEvent[]>;
  find(id: string): Promise<StoredEvent | null>;
  /** The texts of these events, by their ids; without those that are no longer kept. */
  textsOf(ids: readonly string[]): Promise<Map<string, string>>;
  /** The first position of this moment or later; one after the last, where all is earlier. */
  positionAt(moment: Date): Promise<number>;
}

/** A statement for each number of types and each limit is more than is worth preparing. */
const limits = [2, 11, 21, 51, 101, 501];

export function createEventReads(queryable: SqlQueryable, dialect: Sql, client: DatabaseClient): EventReads {
  const columns = columnsOf(client, 'event');
  const names = columns.map(({ name }) => name).join(', ');
  const events = dialect.table('events');

  const query = createQuery(queryable, dialect);
  const toEvents = (rows: unknown[][]) => rows.map((values) => readRow<StoredEvent>(columns, values));

  return {
    async list(range) {
      const read = limits.find((size) => size >= range.limit) ?? range.limit;
      // Each once: what is found of a type that is named twice would fill the page twice, and end the list too early.
      const types = range.types && [...new Set(range.types)];
      const rows = await query((parameter) => listing(names, events, { ...range, types, limit: read }, parameter));
      return toEvents(rows).slice(0, range.limit);
    },
    async find(id) {
      const rows = await query((parameter) => `SELECT ${names} FROM ${events} WHERE id = ${parameter(id)}`);
      return toEvents(rows)[0] ?? null;
    },
    async textsOf(ids) {
      if (ids.length === 0) return new Map();
      const arity = typeof dialect.list([]) === 'string' ? ('scalar' as const) : ('list' as const);
      const { rows } = await queryable.queryRaw({
        sql: `SELECT id, body FROM ${events} WHERE id ${dialect.oneOf(1)}`,
        args: [dialect.list([...ids])],
        argTypes: [{ scalarType: 'string', arity }],
      });
      return new Map(rows.map(([id, body]) => [String(id), String(body)]));
    },
    async positionAt(moment) {
      const [row] = await query((parameter) => searchByMoment(events, () => parameter(moment.toISOString())));
      return Number(row?.[0]);
    },
  };
}

/**
 * Of several types each is looked up by itself, as far as one page goes: an index has the positions of one type in their order,
 * and not those of several.
 */
function listing(names: string, events: string, range: EventRange, parameter: Parameter): string {
  const { types, userId, from, to, order, limit } = range;
  const tail = `ORDER BY position ${order} LIMIT ${limit}`;
  const conditionsWith = (...more: string[]) => {
    const all = [...more];
    if (from !== undefined) all.push(`position >= ${parameter(from)}`);
    if (to !== undefined) all.push(`position <= ${parameter(to)}`);
    return all.length > 0 ? `WHERE ${all.join(' AND ')}` : '';
  };
  if (userId !== undefined) {
    const ofUser = `user_id = ${parameter(userId)}`; // the parameters in the order of the text
    // Not by an index of types: by that, all events of a type would be read for one user.
    const ofTypes = types ? [`type || '' IN (${types.map((type) => parameter(type)).join(', ')})`] : [];
    return `SELECT ${names} FROM ${events} ${conditionsWith(ofUser, ...ofTypes)} ${tail}`;
  }
  if (!types) return `SELECT ${names} FROM ${events} ${conditionsWith()} ${tail}`;
  // Pairs, which only the index of both has in their order: by that of positions alone, all that happened since the last event of
  // a type would be read.
  const ofEach = types.map((type) => {
    const place = (position: number) => `(${parameter(type)}, ${parameter(position)})`;
    const between = `(type, position) >= ${place(from ?? 0)} AND (type, position) <= ${place(to ?? Number.MAX_SAFE_INTEGER)}`;
    const found = `SELECT position FROM ${events} WHERE ${between} ORDER BY type ${order}, position ${order} LIMIT ${limit}`;
    return `SELECT position FROM (${found}) AS found`;
  });
  return `SELECT ${names} FROM ${events}
    WHERE position IN (SELECT position FROM (${ofEach.join(' UNION ALL ')}) AS page ${tail}) ORDER BY position ${order}`;
}

/** Moments never fall along positions, so halving finds one without an index of moments, which every event would pay for. */
function searchByMoment(events: string, moment: () => string): string {
  const middle = '(low + high) / 2';
  const isEarlier = () =>
    `(SELECT created_at FROM ${events} WHERE position >= ${middle} ORDER BY position LIMIT 1) < ${moment()}`;
  return `WITH RECURSIVE search (low, high) AS (
      SELECT coalesce((SELECT min(position) FROM ${events}), 1), coalesce((SELECT max(position) FROM ${events}), 0) + 1
      UNION ALL
      SELECT CASE WHEN ${isEarlier()} THEN ${middle} + 1 ELSE low END, CASE WHEN ${isEarlier()} THEN high ELSE ${middle} END
      FROM search WHERE low < high
    )
    SELECT low FROM search WHERE low >= high`;
}
