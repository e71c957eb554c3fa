import { type Column, columnsOf } from './columns.ts';
import type { DatabaseClient, Identity, Import, Password, User } from './models.ts';

/** Users, with what belongs to them. */
export interface UserRows {
  readonly users: readonly User[];
  readonly identities: readonly Identity[];
  readonly passwords: readonly Password[];
}

/** How far an import is, and whose it is. */
export type ImportProgress = Pick<Import, 'id' | 'lockedBy' | 'lockedUntil' | 'records' | 'updatedAt'> & {
  readonly counts: object;
};

/**
 * `refused`: a unique key has a value of these rows already, and none of them is there. `others wrote`: somebody else has
 * committed since the transaction before, and none was begun.
 */
export type Inserted = 'inserted' | 'refused' | 'others wrote';

/**
 * Adds new users on a connection and a thread of its own, while others are prepared. The rows of many calls share a transaction,
 * which is open from the first of them to `commit`, and keeps others from writing for so long. After one that was not
 * inserted no other is, until `pause`. Rejects as a transaction does; nothing since the last commit is there then, and nothing is
 * inserted any more.
 */
export interface BulkInserts {
  insert(rows: UserRows): Promise<Inserted>;
  /** Commits together with how far the import is; false, and nothing is there, where that is somebody else's by now. */
  commit(progress: ImportProgress): Promise<boolean>;
  /** Before others of this process write, when all is committed: whatever is committed from now on is not somebody else's. */
  pause(): Promise<void>;
  /** Undoes what is not committed. */
  close(): Promise<void>;
}

/** The columns of the tables that users are in. */
export type UserColumns = { readonly [Table in keyof UserRows]: readonly Column[] };

export function userColumns(client: DatabaseClient): UserColumns {
  return {
    users: columnsOf(client, 'user'),
    identities: columnsOf(client, 'identity'),
    passwords: columnsOf(client, 'password'),
  };
}

/** The same, which tells why the database is not used before it refuses. */
export function refusing(bulk: BulkInserts, refuse: (error: unknown) => never): BulkInserts {
  return {
    insert: (rows) => bulk.insert(rows).catch(refuse),
    commit: (progress) => bulk.commit(progress).catch(refuse),
    pause: () => bulk.pause().catch(refuse),
    close: bulk.close,
  };
}
