import { encodeTime } from 'ulid';
import type { Provider } from '../src/config/database-url.ts';
import { newDelivery } from '../src/db/event-writing.ts';

/** How each database counts, writes a number with this many digits, tells a moment in milliseconds, and makes 16 random digits. */
const words = {
  sqlite: {
    count: (start: number, end: number) =>
      `(WITH RECURSIVE n(i) AS (SELECT ${start} UNION ALL SELECT i + 1 FROM n WHERE i < ${end}) SELECT i FROM n)`,
    padded: (number: string, digits: number) => `printf('%0${digits}d', ${number})`,
    moment: (startMs: number) => `strftime('%Y-%m-%dT%H:%M:%fZ', (${startMs} + i) / 1000.0, 'unixepoch')`,
    text: (moment: string) => moment,
    randomHex: 'hex(randomblob(8))',
  },
  postgresql: {
    count: (start: number, end: number) => `generate_series(${start}, ${end}) AS i`,
    padded: (number: string, digits: number) => `lpad((${number})::text, ${digits}, '0')`,
    moment: (startMs: number) => `('epoch'::timestamp + (${startMs} + i) * interval '1 millisecond')::timestamp(3)`,
    text: (moment: string) => `to_char(${moment}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
    randomHex: `right(replace(gen_random_uuid()::text, '-', ''), 16)`,
  },
};

export interface ManyEvents {
  readonly events: number;
  /** Of so many users, in turn, who have as many each. */
  readonly users: number;
  /** When the one before the first happened; they follow a millisecond apart. */
  readonly start: Date;
  /** So many are there already. */
  readonly after?: number;
}

/** The id of the made-up user with this number, from 0. */
export function userOfMany(number: number): string {
  return `user_${String(number).padStart(26, '0')}`;
}

/**
 * Statements with which a database makes that many by itself: through a client, a million takes longer than
 * whatever is done with them. The first tenth is `session.created`, and there is none later; of the others one in a hundred is
 * `user.deleted`, nine are `user.created`, and the rest `user.updated`.
 */
export function makingEvents(provider: Provider, { events, users, start, after = 0 }: ManyEvents): string[] {
  const { count, padded, moment, text } = words[provider];
  const rows = `SELECT i, 'event_${encodeTime(start.getTime(), 10)}' || ${padded('i', 16)} AS id,
    'user_' || ${padded(`(i + i / ${users}) % ${users}`, 26)} AS user_id, ${moment(start.getTime())} AS moment,
    CASE WHEN i <= ${after + events / 10} THEN 'session.created' WHEN i % 100 = 0 THEN 'user.deleted' WHEN i % 10 = 0 THEN 'user.created' ELSE 'user.updated' END AS type
    FROM ${count(after + 1, after + events)}`;
  const body = `'{"object":"event","id":"' || id || '","created_at":"' || ${text('moment')} || '","event":"' || type
    || '","data":{"object":"user","id":"' || user_id || '","email":"ada@example.com","email_verified":true,"first_name":"Ada",'
    || '"last_name":"Lovelace","profile_picture_url":null,"external_id":null,"metadata":{"plan":"pro","team":"math"},'
    || '"last_sign_in_at":null,"locale":null,"created_at":"2026-01-15T12:00:00.000Z","updated_at":"' || ${text('moment')}
    || '"},"context":{"actor":{"id":"roster","source":"system","name":null},"previous_attributes":{"first_name":"Augusta"}}}'`;
  return [
    `INSERT INTO events (position, id, type, user_id, user_version, actor_kind, actor_id, body, created_at)
      SELECT i, id, type, user_id, i, 'roster', 'roster', ${body}, moment FROM (${rows}) AS row`,
    `INSERT INTO event_sequences (id, position, created_at)
      SELECT 'events', position, created_at FROM events WHERE position = ${after + events}
      ON CONFLICT (id) DO UPDATE SET position = excluded.position, created_at = excluded.created_at`,
  ];
}

/** The statement with which a database makes a delivery, which is due, of every event after a position to every enabled endpoint. */
export function makingDeliveries(provider: Provider, after = 0): string {
  const { names, values } = newDelivery({ randomHex: words[provider].randomHex, earlierOf: (moment) => moment });
  return `INSERT INTO webhook_deliveries (${names}) SELECT ${values} FROM events AS event CROSS JOIN webhook_endpoints AS endpoint
    WHERE event.position > ${after} AND endpoint.status = 'enabled'`;
}
