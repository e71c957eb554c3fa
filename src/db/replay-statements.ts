import type { SqlQueryable } from '@prisma/driver-adapter-utils';
import { columnsOf, readRow, writeRow } from './columns.ts';
import type { Sql } from './dialect.ts';
import type { DatabaseClient, WebhookDelivery } from './models.ts';

/** Events of these types behind one position, up to another. */
export interface ReplayedRange {
  readonly types: readonly string[];
  readonly after: number;
  readonly to: number;
}

const replayed = ['id', 'userId', 'position'] as const;
export type ReplayedEvent = Pick<WebhookDelivery, 'id' | 'userId'> & { readonly position: number };

const made = ['id', 'endpointId', 'eventId', 'userId', 'position', 'state', 'attempt', 'dueAt', 'createdAt'] as const;
export type NewDelivery = Omit<Pick<WebhookDelivery, (typeof made)[number]>, 'position'> & {
  readonly position: number;
};

/** What sends events again, within a transaction, and each for many: Prisma takes a millisecond for each row. */
export interface ReplayStatements {
  events(range: ReplayedRange): Promise<ReplayedEvent[]>;
  /** The ids of deliveries to an endpoint that wait, by their events. */
  waiting(endpointId: string, eventIds: readonly string[]): Promise<Map<string, string>>;
  insert(rows: readonly NewDelivery[]): Promise<void>;
  /** Has these be due now, where they wait for later and nobody sends them; answers how many did. */
  hurry(ids: readonly string[], now: Date): Promise<number>;
}

export function createReplayStatements(
  dialect: Sql,
  client: DatabaseClient,
): (queryable: SqlQueryable) => ReplayStatements {
  const { table, parameter, oneOf, list } = dialect;
  const columns = columnsOf(client, 'webhookDelivery');
  const pick = (fields: readonly string[]) => columns.filter(({ field }) => fields.includes(field));
  const deliveries = table('webhook_deliveries');
  const listType = { scalarType: 'string', arity: typeof list([]) === 'string' ? 'scalar' : 'list' } as const;
  const asText = { scalarType: 'string', arity: 'scalar' } as const;
  const asNumber = { scalarType: 'bigint', arity: 'scalar' } as const;

  const eventColumns = replayed.map((field) => columns.find((column) => column.field === field) as (typeof columns)[0]);
  const find = `SELECT ${eventColumns.map(({ name }) => name).join(', ')} FROM ${table('events')}
    WHERE position > ${parameter(1)} AND position <= ${parameter(2)} AND type ${oneOf(3)} ORDER BY position`;
  // Not by an index of endpoints: by that, all that waits for one would be read for each event.
  const findWaiting = `SELECT event_id, id FROM ${deliveries}
    WHERE event_id ${oneOf(1)} AND endpoint_id || '' = ${parameter(2)} AND state = 'pending'`;
  const insertQueries = dialect.insertNew('webhook_deliveries', pick(made));
  const hurried = pick(['id', 'dueAt']);
  const hurry = `UPDATE ${deliveries} SET due_at = row.due_at FROM ${dialect.rows(hurried)} AS row
    WHERE webhook_deliveries.id = row.id AND state = 'pending' AND webhook_deliveries.due_at > row.due_at
    AND (leased_until IS NULL OR leased_until <= row.due_at) RETURNING state`;

  return (queryable) => ({
    async events({ types, after, to }) {
      const args = [after, to, list([...types])];
      const { rows } = await queryable.queryRaw({ sql: find, args, argTypes: [asNumber, asNumber, listType] });
      return rows.map((values) => readRow<ReplayedEvent>(eventColumns, values));
    },
    async waiting(endpointId, eventIds) {
      const args = [list([...eventIds]), endpointId];
      const { rows } = await queryable.queryRaw({ sql: findWaiting, args, argTypes: [listType, asText] });
      return new Map(rows.map(([eventId, id]) => [String(eventId), String(id)]));
    },
    async insert(rows) {
      for (const query of insertQueries(rows.map((row) => writeRow(pick(made), row))))
        await queryable.executeRaw(query);
    },
    async hurry(ids, now) {
      if (ids.length === 0) return 0;
      const args = [JSON.stringify(ids.map((id) => writeRow(hurried, { id, dueAt: now })))];
      return (await queryable.queryRaw({ sql: hurry, args, argTypes: [asText] })).rows.length;
    },
  });
}
