import type { Statement } from 'better-sqlite3';
import { TransactionOver, UnansweredCommit } from '../errors.ts';
import type { SqliteDatabase } from './driver.ts';
import { isFailedSync } from './errors.ts';
import { Group } from './group.ts';
import { runWhenFree } from './run-when-free.ts';

/** One writer's turn: everything between its begin and its end stands or falls together. */
export interface Turn {
  /** Throws when the turn is over: a statement now would stand by itself, or in a neighbour's turn. */
  assertOpen(): void;
  /** Ends the turn; resolves when its writes are committed, rejects when they are not. */
  commit(): Promise<void>;
  /** Ends the turn and undoes its writes, and no others. */
  rollback(): void;
}

/**
 * Takes turns on SQLite's one writing connection and lets the turns that follow closely share one commit.
 *
 * Every turn but the first is a savepoint, so that a refused one harms no other; the first has nobody before it, and is spared
 * the copies that SQLite keeps of each page that changes after one. Every turn is answered only after the shared COMMIT, so that
 * an acknowledged write is on the disk. Nothing is ever written outside a turn: a statement beside
 * an open transaction would be undone with it.
 */
export class GroupCommit {
  readonly #connection: SqliteDatabase;
  readonly #begin: Statement;
  readonly #commit: Statement;
  readonly #busyTimeoutMs: number;
  readonly #assertInPlace: () => void;
  readonly #afterCommit: () => void;
  readonly #waiting: (() => void)[] = [];
  #taken = false;
  #group: Group | null = null;

  /**
   * `assertInPlace` throws when what was written would be lost with the file that it is in. `afterCommit` is called when
   * everybody is answered and no transaction is open.
   */
  constructor(
    connection: SqliteDatabase,
    busyTimeoutMs: number,
    assertInPlace: () => void,
    afterCommit: () => void = () => {},
  ) {
    this.#afterCommit = afterCommit;
    this.#connection = connection;
    this.#begin = connection.prepare('BEGIN IMMEDIATE');
    this.#commit = connection.prepare('COMMIT');
    this.#busyTimeoutMs = busyTimeoutMs;
    this.#assertInPlace = assertInPlace;
  }

  /** Told of every failed statement: after some errors, a full disk among them, SQLite has undone the whole group by itself. */
  noteFailure(error: unknown): void {
    if (this.#group && !this.#connection.inTransaction) this.#undo(this.#group, error);
  }

  /** Waits for the connection and opens a turn on it. Rejects when another process holds the file for too long. */
  async begin(): Promise<Turn> {
    await this.#take();
    try {
      if (this.#group?.isFull()) await this.#close();
      const group = this.#group ?? (await this.#open());
      const isFirst = group.turns === 0;
      if (!isFirst) this.#connection.exec('SAVEPOINT turn');
      return this.#createTurn(group, isFirst);
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  /** Runs `work` with the connection to itself and no transaction open. */
  async alone<T>(work: () => T): Promise<T> {
    await this.#take();
    try {
      if (this.#group) await this.#close();
      return work();
    } finally {
      this.#release();
    }
  }

  #createTurn(group: Group, isFirst: boolean): Turn {
    let ended = false;
    const assertOpen = () => {
      if (group.failure) throw group.failure;
      if (ended || !this.#connection.inTransaction) throw new TransactionOver();
    };
    return {
      assertOpen,
      commit: async () => {
        if (ended) throw new TransactionOver();
        ended = true;
        await this.#commitTurn(group, isFirst);
      },
      rollback: () => {
        if (ended) return;
        ended = true;
        this.#rollbackTurn(group, isFirst);
      },
    };
  }

  #commitTurn(group: Group, isFirst: boolean): Promise<void> {
    try {
      if (group.failure) throw group.failure;
      if (!isFirst) this.#connection.exec('RELEASE turn');
      group.turns += 1;
    } catch (error) {
      this.#undo(group, error);
      throw error;
    } finally {
      this.#release();
    }
    return group.committed;
  }

  #rollbackTurn(group: Group, isFirst: boolean): void {
    try {
      if (isFirst) this.#undo(group, new TransactionOver());
      else if (!group.failure) this.#connection.exec('ROLLBACK TO turn; RELEASE turn');
    } catch (error) {
      this.#undo(group, error);
    } finally {
      this.#release();
    }
  }

  async #open(): Promise<Group> {
    await runWhenFree(this.#begin, this.#busyTimeoutMs);
    this.#group = new Group();
    return this.#group;
  }

  /** Commits the open group. A failed COMMIT is undone, or the connection would stay inside it for ever. */
  async #close(): Promise<void> {
    const group = this.#group;
    if (!group) return;
    try {
      this.#assertInPlace();
      await runWhenFree(this.#commit, this.#busyTimeoutMs);
    } catch (error) {
      this.#undo(group, isFailedSync(error) ? new UnansweredCommit(error) : error);
      return;
    }
    this.#group = null;
    try {
      this.#assertInPlace(); // it may have gone meanwhile
      group.resolve();
      this.#afterCommit();
    } catch (error) {
      group.reject(new UnansweredCommit(error));
    }
  }

  #undo(group: Group, error: unknown): void {
    group.failure ??= error;
    this.#group = null;
    group.reject(group.failure);
    try {
      if (this.#connection.inTransaction) this.#connection.exec('ROLLBACK');
    } catch {} // the first error is the reason; the next BEGIN tells whether the connection is of any use
  }

  async #take(): Promise<void> {
    if (this.#taken) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#taken = true;
  }

  /** Hands the connection to the next in line. With nobody in line, the group closes after this event-loop turn. */
  #release(): void {
    const next = this.#waiting.shift();
    if (next) {
      next();
      return;
    }
    this.#taken = false;
    if (this.#group) setImmediate(() => this.#closeIfIdle());
  }

  async #closeIfIdle(): Promise<void> {
    if (this.#taken || !this.#group) return;
    await this.#take();
    await this.#close();
    this.#release();
  }
}
