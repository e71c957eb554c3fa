import type { Column } from '../columns.ts';
import { type EventWriting, momentLength, momentOffset, newDelivery } from '../event-writing.ts';

/**
 * Transactions commit in another order than they write. So they write to a table of its own, and what is committed there gets
 * its positions later, from whoever holds the row of the sequence: a transaction that was late gets a later position, and no
 * reader has gone past it. What waits for the lock of a user writes after whoever had it, so one user's events keep their order.
 */
export function postgresqlEventWriting(
  columns: readonly Column[],
  table: (name: string) => string,
  typeOf: (column: Column) => string,
): EventWriting {
  const insert = `INSERT INTO ${table('unnumbered_events')} (seq, event)
    SELECT nextval('${table('unnumbered_events_seq').replaceAll("'", "''")}'), event::text FROM json_array_elements($1::json) AS event`;
  const number = numberingOf(columns, table, typeOf);
  const prepare = `INSERT INTO ${table('event_sequences')} VALUES ('events', 0, 'epoch') ON CONFLICT DO NOTHING`;
  let isPrepared = false;
  return {
    async insert(queryable, rows) {
      await queryable.executeRaw({
        sql: insert,
        args: [JSON.stringify(rows)],
        argTypes: [{ scalarType: 'string', arity: 'scalar' }],
      });
      return 0; // they come with the positions
    },
    async number(queryable, limit) {
      if (!isPrepared) await queryable.executeRaw({ sql: prepare, args: [], argTypes: [] });
      isPrepared = true;
      const argTypes = [{ scalarType: 'int', arity: 'scalar' } as const];
      const { rows } = await queryable.queryRaw({ sql: number, args: [limit], argTypes });
      return { events: Number(rows[0]?.[0] ?? 0), deliveries: Number(rows[0]?.[1] ?? 0) };
    },
  };
}

/** One statement: it takes the row of the sequence, unless another process has it, and moves what is committed to its place. */
function numberingOf(
  columns: readonly Column[],
  table: (name: string) => string,
  typeOf: (column: Column) => string,
): string {
  const moment = `to_char(moment, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
  const values: Record<string, string> = {
    created_at: 'moment',
    body: `CASE WHEN created_at < moment THEN overlay(body PLACING ${moment} FROM ${momentOffset + 1} FOR ${momentLength}) ELSE body END`,
  };
  const delivery = newDelivery({
    randomHex: `right(replace(gen_random_uuid()::text, '-', ''), 16)`,
    earlierOf: (moment) => `least(${moment}, (clock_timestamp() AT TIME ZONE 'UTC')::timestamp(3))`,
  });
  const names = columns.map(({ name }) => name);
  const types = columns.map((column) => `${column.name} ${typeOf(column)}`);
  return `WITH last AS (
      SELECT position, created_at FROM ${table('event_sequences')}
      WHERE id = 'events' AND EXISTS (SELECT FROM ${table('unnumbered_events')}) FOR UPDATE SKIP LOCKED
    ), moved AS (
      DELETE FROM ${table('unnumbered_events')} USING last
      WHERE seq IN (SELECT seq FROM ${table('unnumbered_events')} ORDER BY seq LIMIT $1) RETURNING seq, event
    ), numbered AS (
      SELECT last.position + row_number() OVER (ORDER BY seq) AS position,
        greatest(last.created_at, max(row.created_at) OVER (ORDER BY seq)) AS moment, row.*
      FROM last, moved, json_to_record(moved.event::json) AS row(${types.join(', ')})
    ), inserted AS (
      INSERT INTO ${table('events')} (position, ${names.join(', ')})
      SELECT position, ${names.map((name) => values[name] ?? name).join(', ')} FROM numbered ORDER BY position
      RETURNING position, id, type, user_id, created_at
    ), delivered AS (
      INSERT INTO ${table('webhook_deliveries')} (${delivery.names}) SELECT ${delivery.values}
      FROM inserted AS event JOIN ${table('webhook_endpoints')} AS endpoint
      ON endpoint.status = 'enabled' AND strpos(' ' || endpoint.event_types || ' ', ' ' || event.type || ' ') > 0
      RETURNING 1
    ), newest AS (
      SELECT count(*) AS count, max(position) AS position, max(created_at) AS created_at FROM inserted
    )
    UPDATE ${table('event_sequences')} AS sequence SET position = newest.position, created_at = newest.created_at
    FROM newest WHERE sequence.id = 'events' AND newest.count > 0
    RETURNING newest.count, (SELECT count(*) FROM delivered)`;
}
