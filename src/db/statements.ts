import type { ArgType, SqlQuery, SqlQueryable } from '@prisma/driver-adapter-utils';
import { readRow, writeRow } from './columns.ts';
import { createDeliveryStatements, type DeliveryStatements } from './delivery-statements.ts';
import type { Sql } from './dialect.ts';
import { type EndedCodes, groupByPurposes } from './ended-codes.ts';
import { eventColumns, type NewEvent } from './event-rows.ts';
import { createImportStatements, type ImportStatements } from './import-statements.ts';
import { createMailStatements, type MailStatements, type NewMail } from './mail-statements.ts';
import type { DatabaseClient, IdempotentRequest, Identity, Job, Password, Session, User } from './models.ts';
import { createReplayStatements, type ReplayStatements } from './replay-statements.ts';
import { inTurns, type SessionsEnd } from './session-ends.ts';
import { createTexts, type Text } from './statement-texts.ts';

/** New values of one user. */
export type UserRow = { readonly id: string } & Partial<User>;

/** New rows by the names of their models. */
export interface NewRows {
  readonly mailMessage: readonly NewMail[];
  readonly job: readonly Job[];
  readonly event: readonly NewEvent[];
}

/**
 * What every update reads and writes, each for many users with one statement. They go to the driver's transaction directly:
 * Prisma's engine costs three times as much as all else that an update does.
 */
export interface Statements {
  find(ids: string[]): Promise<User[]>;
  /** The users with these ids, as they are now and as they stay until the end of the transaction. */
  lock(ids: string[]): Promise<User[]>;
  /** The same, without those whom another transaction holds. */
  lockAvailable(ids: string[]): Promise<User[]>;
  passwordsOf(userIds: string[]): Promise<Password[]>;
  /** For each of these users, the oldest first. */
  identitiesOf(userIds: string[]): Promise<Map<string, Identity[]>>;
  sessions(ids: string[]): Promise<Session[]>;
  /** Writes these fields of all rows, those of the first where none are named; or throws, now or at the COMMIT, and writes none. */
  update(rows: readonly UserRow[], fields?: readonly string[]): Promise<void>;
  /** Adds rows, but for those that a unique key says are there already; events in their order. */
  insert(rows: Partial<NewRows>): Promise<void>;
  /** Gives each of these users this password in the place of any other. */
  storePasswords(passwords: readonly Password[]): Promise<void>;
  deleteIdentities(ids: string[]): Promise<void>;
  /** Ends codes that are neither used nor ended, and erases what is sealed of them. */
  endCodes(ended: readonly EndedCodes[]): Promise<void>;
  /** Ends active sessions; answers those that it ended, as they are now, the newest first. */
  endSessions(ends: readonly SessionsEnd[]): Promise<Session[]>;
  /**
   * Adds what requests with a key are answered with when they come again, or throws, now or at the COMMIT, where the key has one.
   * Waits so long for a transaction that adds the same, in ms; PostgreSQL only, where several do at a time.
   */
  recordAnswers(rows: readonly IdempotentRequest[], maxWaitMs?: number): Promise<void>;
  /** The moment that decides what has expired: the database's own where several processes share it, and else the given one. */
  decidingTime(processTime: Date): Promise<Date>;
  /** Those of sending mails. */
  readonly mails: MailStatements;
  /** Those of deliveries of webhooks. */
  readonly deliveries: DeliveryStatements;
  /** Those of sending events again. */
  readonly replays: ReplayStatements;
  /** Those of imports. */
  readonly imports: ImportStatements;
  /** Writes the row of the readiness check, which goes the way of an update. */
  stampReadiness(checkedAt: Date): Promise<void>;
}

/** The statements of one kind of database, whose texts are made once, so that it prepares them once. */
export function createStatements(
  dialect: Sql,
  client: DatabaseClient,
  onDeliveries = () => {},
): (queryable: SqlQueryable, afterCommit?: (effect: () => void) => void) => Statements {
  const texts = createTexts(dialect, client);
  const columnsOfEvents = eventColumns(client);
  const events = dialect.eventWriting(columnsOfEvents);
  const deliveriesOn = createDeliveryStatements(dialect, client);
  const mailsOn = createMailStatements(dialect, client);
  const importsOn = createImportStatements(dialect, client);
  const replaysOn = createReplayStatements(dialect, client);

  return (queryable, afterCommit = () => {}) => {
    async function read<Row>({ columns, sql }: Text, ids: string[]): Promise<Row[]> {
      const { rows } = await queryable.queryRaw(toQuery(sql, dialect.list(ids)));
      return rows.map((values) => readRow<Row>(columns, values));
    }
    async function write({ columns, sql }: Text, rows: readonly object[], ...rest: unknown[]): Promise<void> {
      if (rows.length === 0) return;
      await queryable.executeRaw(toQuery(sql, JSON.stringify(rows.map((row) => writeRow(columns, row))), ...rest));
    }
    /** Most users have none: reading costs less than a statement that writes. */
    async function endSessions(ends: readonly SessionsEnd[]): Promise<Session[]> {
      const { given, find, end } = texts.sessionEnds;
      const asked = JSON.stringify(ends.map((row) => writeRow(given, row)));
      const { rows } = await queryable.queryRaw(toQuery(find.sql, asked));
      if (rows.length === 0) return [];
      await write(end, ends);
      const momentOf = new Map(ends.map(({ userId, endedAt }) => [userId, endedAt]));
      const found = rows.map((values) => readRow<Session>(find.columns, values)).sort((a, b) => (a.id < b.id ? 1 : -1));
      return found.map((session) => {
        const endedAt = momentOf.get(session.userId) as Date;
        return { ...session, endedAt, updatedAt: endedAt };
      });
    }
    return {
      find: (ids) => read(texts.users, ids),
      lock: (ids) => read(texts.lockUsers, ids),
      lockAvailable: (ids) => read(texts.lockAvailableUsers, ids),
      identitiesOf: async (userIds) => {
        const byUser = new Map<string, Identity[]>(userIds.map((id) => [id, []]));
        for (const row of await read<Identity>(texts.identities, userIds)) byUser.get(row.userId)?.push(row);
        return byUser;
      },
      passwordsOf: (userIds) => read(texts.passwords, userIds),
      sessions: (ids) => read(texts.sessions, ids),
      update: (rows, fields = Object.keys(rows[0] ?? {})) => write(texts.updateUsers(fields), rows),
      insert: async (rows) => {
        for (const { model, columns, queriesOf } of texts.inserts) {
          const given = rows[model]?.map((row) => writeRow(columns, row)) ?? [];
          if (given.length > 0) for (const query of queriesOf(given)) await queryable.executeRaw(query);
        }
        const written = rows.event?.map((row) => writeRow(columnsOfEvents, row)) ?? [];
        if (written.length > 0 && (await events.insert(queryable, written)) > 0) afterCommit(onDeliveries);
      },
      storePasswords: (passwords) => write(texts.storePasswords, passwords),
      deleteIdentities: async (ids) => {
        if (ids.length > 0) await queryable.executeRaw(toQuery(texts.deleteIdentities, dialect.list(ids)));
      },
      endCodes: async (ended) => {
        for (const { purposes, rows } of groupByPurposes(ended))
          await write(texts.endCodes, rows, dialect.list(purposes));
      },
      endSessions: async (ends) => {
        const ended: Session[] = [];
        for (const turn of inTurns(ends)) ended.push(...(await endSessions(turn)));
        return ended;
      },
      recordAnswers: async (rows, maxWaitMs) => {
        const limit = maxWaitMs === undefined ? null : dialect.limitWait(maxWaitMs);
        if (limit !== null) await queryable.executeRaw(toQuery(limit));
        await write(texts.recordAnswers, rows);
      },
      decidingTime: async (processTime) => {
        if (dialect.selectTime === null) return processTime;
        const { rows } = await queryable.queryRaw({ sql: dialect.selectTime, args: [], argTypes: [] });
        return new Date(Number(rows[0]?.[0]));
      },
      get mails() {
        return mailsOn(queryable);
      },
      get deliveries() {
        return deliveriesOn(queryable);
      },
      get replays() {
        return replaysOn(queryable);
      },
      get imports() {
        return importsOn(queryable);
      },
      stampReadiness: (checkedAt) => write(texts.stampReadiness, [{ id: 1, checkedAt }]),
    };
  };
}

function toQuery(sql: string, ...args: unknown[]): SqlQuery {
  return { sql, args, argTypes: args.map(argTypeOf) };
}

function argTypeOf(argument: unknown): ArgType {
  return { scalarType: 'string', arity: Array.isArray(argument) ? 'list' : 'scalar' };
}
