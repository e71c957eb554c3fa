import { type Column, columnsOf } from './columns.ts';
import type { DatabaseClient, Event } from './models.ts';

/** An event that is to be written: its position is given to it by the database. */
export type NewEvent = Omit<Event, 'position'>;

/** All of them but the position. */
export function eventColumns(client: DatabaseClient): Column[] {
  return columnsOf(client, 'event').filter(({ field }) => field !== 'position');
}
