import { type Column, columnsOf } from './columns.ts';
import type { Sql } from './dialect.ts';
import type { DatabaseClient } from './models.ts';

/** What ends every active session of a user but the one to be kept, if any. */
export interface SessionsEnd {
  readonly userId: string;
  readonly keptId: string | null;
  readonly endedAt: Date;
}

/** Of so many ended sessions is told at most: all that a batch of users can have, but for who had more before there was a limit. */
const maxTold = 65_536;

/** The statements that find and end the sessions of many users, each named once. */
export function sessionEndTexts(dialect: Sql, client: DatabaseClient) {
  const columns = columnsOf(client, 'session');
  const names = columns.map(({ name }) => `sessions.${name}`).join(', ');
  const given: Column[] = [
    ...columns.filter(({ field }) => ['userId', 'endedAt'].includes(field)),
    { field: 'keptId', name: 'kept_id', type: 'String' },
  ];
  const sessions = `${dialect.table('sessions')} AS sessions`;
  const row = `${dialect.rows(given)} AS row`;
  const isEnding = `sessions.user_id = row.user_id AND sessions.ended_at IS NULL AND sessions.expires_at > row.ended_at
    AND (row.kept_id IS NULL OR sessions.id <> row.kept_id)`;
  return {
    given,
    find: {
      columns,
      sql: `SELECT ${names} FROM ${row} JOIN ${sessions} ON ${isEnding} LIMIT ${maxTold}`,
    },
    end: {
      columns: given,
      sql: `UPDATE ${sessions} SET ended_at = row.ended_at, updated_at = row.ended_at FROM ${row} WHERE ${isEnding}`,
    },
  };
}

/** The same in turns, in each of which a user is named once. */
export function inTurns(ends: readonly SessionsEnd[]): SessionsEnd[][] {
  const turns: Map<string, SessionsEnd>[] = [];
  for (const end of ends) {
    const turn = turns.find((others) => !others.has(end.userId));
    if (turn) turn.set(end.userId, end);
    else turns.push(new Map([[end.userId, end]]));
  }
  return turns.map((turn) => [...turn.values()]);
}
