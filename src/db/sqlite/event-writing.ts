import type { Column } from '../columns.ts';
import { type EventWriting, momentLength, momentOffset, newDelivery } from '../event-writing.ts';
import { createRowWriting } from './row-values.ts';

const sequence = `INSERT INTO event_sequences (id, position, created_at)
  SELECT 'events', position, created_at FROM events WHERE position = (SELECT max(position) FROM events)
  ON CONFLICT (id) DO UPDATE SET position = excluded.position, created_at = excluded.created_at`;

const delivery = newDelivery({
  randomHex: 'hex(randomblob(8))',
  earlierOf: (moment) => `min(${moment}, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))`,
});
/** Before the sequence moves on: of the events behind it. CROSS JOIN asks for the endpoints first: mostly there are none. */
const deliver = `INSERT INTO webhook_deliveries (${delivery.names}) SELECT ${delivery.values}
  FROM webhook_endpoints AS endpoint CROSS JOIN events AS event
  WHERE endpoint.status = 'enabled' AND instr(' ' || endpoint.event_types || ' ', ' ' || event.type || ' ') > 0
  AND event.position > coalesce((SELECT position FROM event_sequences WHERE id = 'events'), 0)`;

/**
 * One transaction writes at a time, so the order of writing is that of the commits. After a clock that was set back the moment
 * of the event before counts, in the text too.
 */
export function sqliteEventWriting(columns: readonly Column[]): EventWriting {
  const names = columns.map(({ name }) => name);
  const queriesOf = createRowWriting(names, (rows) => insertOf(names, rows), true);
  return {
    async insert(queryable, rows) {
      let deliveries = 0;
      for (const query of queriesOf(rows)) {
        await queryable.executeRaw(query);
        deliveries += await queryable.executeRaw({ sql: deliver, args: [], argTypes: [] });
        await queryable.executeRaw({ sql: sequence, args: [], argTypes: [] });
      }
      return deliveries;
    },
    number: null,
  };
}

/** Of each row, its columns, `column1` and so on, as SQLite calls them, and then its place behind the last position. */
function insertOf(names: readonly string[], rows: string): string {
  const value = (name: string) => `row.column${names.indexOf(name) + 1}`;
  const [body, createdAt] = [value('body'), value('created_at')];
  const moved = `substr(${body}, 1, ${momentOffset}) || last.created_at || substr(${body}, ${momentOffset + momentLength + 1})`;
  const values: Record<string, string> = {
    created_at: `max(${createdAt}, coalesce(last.created_at, ''))`,
    body: `CASE WHEN ${createdAt} < last.created_at THEN ${moved} ELSE ${body} END`,
  };
  return `INSERT INTO events (position, ${names.join(', ')})
    SELECT coalesce(last.position, 0) + row.column${names.length + 1}, ${names.map((name) => values[name] ?? value(name)).join(', ')}
    FROM (${rows}) AS row LEFT JOIN event_sequences AS last ON last.id = 'events'`;
}
