import type { SqlQueryable } from '@prisma/driver-adapter-utils';
import { type Column, columnsOf, readRow, writeRow } from './columns.ts';
import type { Sql } from './dialect.ts';
import type { DatabaseClient, WebhookDelivery, WebhookEndpoint } from './models.ts';

/** What is looked at of a delivery that is due. */
const looked = [
  'id',
  'endpointId',
  'eventId',
  'userId',
  'position',
  'attempt',
  'dueAt',
  'leasedUntil',
  'body',
] as const;

export type DueDelivery = Omit<Pick<WebhookDelivery, (typeof looked)[number]>, 'position'> & {
  readonly position: number;
};

const leasing = ['id', 'attempt', 'lease', 'leasedUntil'] as const;
export type Lease = Pick<WebhookDelivery, (typeof leasing)[number]>;

const settled = [
  ...(['id', 'lease', 'state', 'attempt', 'dueAt', 'leasedUntil', 'lastStatus', 'lastError', 'answer'] as const),
  'finishedAt',
] as const;
/** What became of a delivery; `lease` is what it was taken with. */
export type SettledDelivery = Pick<WebhookDelivery, (typeof settled)[number]>;

/** Within a transaction, and each for many deliveries. */
export interface DeliveryStatements {
  /**
   * The enabled endpoints with a delivery that is due and that nobody sends, but for those whose deliveries another process is
   * just taking: until the end of the transaction no other takes any.
   */
  lockEndpoints(now: Date): Promise<WebhookEndpoint[]>;
  /** For each of these endpoints so many of its deliveries that are due, the first ones, also those that are being sent. */
  due(endpointIds: readonly string[], now: Date, limit: number): Promise<DueDelivery[]>;
  lease(rows: readonly Lease[]): Promise<void>;
  /** Stores what became of those whose lease is still the given one. */
  settle(rows: readonly SettledDelivery[]): Promise<void>;
}

export function createDeliveryStatements(
  dialect: Sql,
  client: DatabaseClient,
): (queryable: SqlQueryable) => DeliveryStatements {
  const columns = columnsOf(client, 'webhookDelivery');
  const pick = (fields: readonly string[]) => columns.filter(({ field }) => fields.includes(field));
  const endpointColumns = columnsOf(client, 'webhookEndpoint');
  const locking = lockingText(dialect, endpointColumns);
  const leases = updateText(dialect, pick(leasing), ['id']);
  const outcomes = updateText(dialect, pick(settled), ['id', 'lease'], ['lease = NULL']);

  return (queryable) => {
    const asText = { scalarType: 'string', arity: 'scalar' } as const;
    const read = async (sql: string, args: string[]) =>
      (await queryable.queryRaw({ sql, args, argTypes: args.map(() => asText) })).rows;
    const write = async (sql: string, written: readonly Column[], rows: readonly object[]) => {
      const args = [JSON.stringify(rows.map((row) => writeRow([...written], row)))];
      if (rows.length > 0) await queryable.executeRaw({ sql, args, argTypes: [asText] });
    };
    return {
      async lockEndpoints(now) {
        const rows = await read(locking, [now.toISOString(), now.toISOString()]);
        return rows.map((values) => readRow<WebhookEndpoint>(endpointColumns, values));
      },
      async due(endpointIds, now, limit) {
        if (endpointIds.length === 0) return [];
        const sql = dueText(dialect, pick(looked), endpointIds.length, limit);
        const rows = await read(
          sql,
          endpointIds.flatMap((id) => [id, now.toISOString()]),
        );
        return rows.map((values) => readRow<DueDelivery>(pick(looked), values));
      },
      lease: (rows) => write(leases, pick(leasing), rows),
      settle: (rows) => write(outcomes, pick(settled), rows),
    };
  };
}

/**
 * A scalar subquery, which is asked for each endpoint: a join might read all that is due. Its order is that of the index: without
 * one, PostgreSQL reads the whole table for an endpoint that nothing is due to, as where so much is due it expects some at once.
 */
function lockingText({ table, parameter, lockAvailable }: Sql, columns: readonly Column[]): string {
  return `SELECT ${columns.map(({ name }) => name).join(', ')} FROM ${table('webhook_endpoints')} AS endpoint
    WHERE status = 'enabled' AND (SELECT 1 FROM ${table('webhook_deliveries')} AS delivery
      WHERE delivery.endpoint_id = endpoint.id AND due_at <= ${parameter(1)}
      AND (leased_until IS NULL OR leased_until <= ${parameter(2)})
      ORDER BY due_at, position LIMIT 1) IS NOT NULL
    ORDER BY id ${lockAvailable}`;
}

/** Each endpoint is looked up by itself, in the order of the index. */
function dueText({ table, parameter }: Sql, columns: readonly Column[], endpoints: number, limit: number): string {
  const names = columns.map(({ name }) => name).join(', ');
  const ofEach = Array.from({ length: endpoints }, (_, i) => {
    const [id, now] = [parameter(2 * i + 1), parameter(2 * i + 2)];
    return `SELECT * FROM (SELECT ${names} FROM ${table('webhook_deliveries')}
      WHERE endpoint_id = ${id} AND due_at <= ${now} ORDER BY due_at, position LIMIT ${limit}) AS of_${i}`;
  });
  return ofEach.join(' UNION ALL ');
}

function updateText(
  dialect: Sql,
  columns: readonly Column[],
  keys: readonly string[],
  others: readonly string[] = [],
): string {
  const changed = columns.filter(({ field }) => !keys.includes(field));
  const assignments = changed.map((column) => `${column.name} = ${dialect.assign(column)}`);
  const conditions = keys.map((key) => `webhook_deliveries.${key} = row.${key}`);
  return `UPDATE ${dialect.table('webhook_deliveries')} SET ${[...assignments, ...others].join(', ')}
    FROM ${dialect.rows([...columns])} AS row WHERE ${conditions.join(' AND ')}`;
}
