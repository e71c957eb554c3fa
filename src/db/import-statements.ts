import type { SqlQueryable } from '@prisma/driver-adapter-utils';
import { type Column, columnsOf, readRow, writeRow } from './columns.ts';
import type { Sql } from './dialect.ts';
import type { DatabaseClient, Identity, Password, User } from './models.ts';

/** What tells an account at a provider from all others. */
export type Account = Pick<Identity, 'provider' | 'idpId'>;

/** What an import reads and writes, each for many users with one statement. */
export interface ImportStatements {
  /**
   * At the start of a transaction; `isAlone` lets the log grow with it. Answers how many commits there were, and how many of them
   * a transaction of one's own adds: by two of these it is told whether others wrote in between.
   */
  begin(isAlone: boolean): Promise<{ count: number; own: number }>;
  /** The users who have one of these. */
  findUsers(asked: { ids: string[]; addresses: string[]; externalIds: string[] }): Promise<User[]>;
  /** Those of these accounts that somebody has. */
  findIdentities(accounts: readonly Account[]): Promise<Identity[]>;
  /** Adds users, with what belongs to them; throws, now or at the COMMIT, where a unique key says that one of it is there already. */
  insertUsers(rows: {
    users: readonly User[];
    identities: readonly Identity[];
    passwords: readonly Password[];
  }): Promise<void>;
}

export function createImportStatements(
  dialect: Sql,
  client: DatabaseClient,
): (queryable: SqlQueryable) => ImportStatements {
  const users = columnsOf(client, 'user');
  const identities = columnsOf(client, 'identity');
  const selectUsers = (column: string) =>
    `SELECT ${namesOf(users)} FROM ${dialect.table('users')} WHERE ${column} ${dialect.oneOf(1)}`;
  const asked = [
    ['ids', selectUsers('id')],
    ['addresses', selectUsers('email_canonical')],
    ['externalIds', selectUsers('external_id')],
  ] as const;
  const account = identities.filter(({ field }) => field === 'provider' || field === 'idpId');
  const selectIdentities = `SELECT ${namesOf(identities, 'identities.')} FROM ${dialect.rows(account)} AS row
    JOIN ${dialect.table('identities')} AS identities
    ON identities.provider = row.provider AND identities.idp_id = row.idp_id`;
  const inserts = (['user', 'identity', 'password'] as const).map((model) => {
    const columns = columnsOf(client, model);
    return { columns, queriesOf: dialect.insertAll(model === 'identity' ? 'identities' : `${model}s`, columns) };
  });

  return (queryable) => {
    const read = async <Row>(columns: Column[], sql: string, argument: unknown): Promise<Row[]> => {
      const argTypes = [{ scalarType: 'string', arity: Array.isArray(argument) ? 'list' : 'scalar' } as const];
      const { rows } = await queryable.queryRaw({ sql, args: [argument], argTypes });
      return rows.map((values) => readRow<Row>(columns, values));
    };
    return {
      async begin(isAlone) {
        const ask = (sql: string) => queryable.queryRaw({ sql, args: [], argTypes: [] });
        if (dialect.log) await ask(isAlone ? dialect.log.large : dialect.log.usual);
        const { select, own } = dialect.commits;
        const { rows } = await ask(select);
        return { count: Number(rows[0]?.[0]), own };
      },
      async findUsers(values) {
        const found = new Map<string, User>();
        for (const [kind, sql] of asked) {
          if (values[kind].length === 0) continue;
          for (const user of await read<User>(users, sql, dialect.list(values[kind]))) found.set(user.id, user);
        }
        return [...found.values()];
      },
      async findIdentities(accounts) {
        if (accounts.length === 0) return [];
        return read(identities, selectIdentities, JSON.stringify(accounts.map((row) => writeRow(account, row))));
      },
      async insertUsers(rows) {
        for (const [i, { columns, queriesOf }] of inserts.entries()) {
          const given = [rows.users, rows.identities, rows.passwords][i] as readonly object[];
          if (given.length === 0) continue;
          for (const query of queriesOf(given.map((row) => writeRow(columns, row)))) await queryable.executeRaw(query);
        }
      },
    };
  };
}

function namesOf(columns: readonly Column[], prefix = ''): string {
  return columns.map(({ name }) => prefix + name).join(', ');
}
