import pg from 'pg';

/**
 * A connection that cannot end the process. Who waits for an answer is told of an error, but a connection has moments when
 * nobody waits for any: the pool takes its listener off when it hands a connection out, and what PostgreSQL has sent in the
 * same packet comes before whoever gets it can listen. An `error` event without a listener is thrown, to nobody.
 */
export class Connection extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on('error', () => {}); // from now on it takes no statement, and the pool drops it
  }
}

/**
 * A connection whose transactions have a limit for each statement and for each pause between two: a transaction whose
 * process or network vanished would keep its locks for hours. As part of BEGIN they cost no round trip, and PgBouncer lets
 * them pass, which the start-up parameters of the same names are not: they belong to no session that others share.
 */
export function limitedConnection(statementTimeoutMs: number): typeof Connection {
  const limits = ['statement_timeout', 'idle_in_transaction_session_timeout'];
  const begin = ['BEGIN', ...limits.map((limit) => `SET LOCAL ${limit} = ${statementTimeoutMs}`)].join('; ');
  return class extends Connection {
    // biome-ignore lint/suspicious/noExplicitAny: one signature for all of pg's overloads
    override query(query: any, ...rest: any[]): any {
      const limited = query?.text === 'BEGIN' ? { ...query, text: begin } : query;
      const { stream } = this.connection;
      stream.cork(); // what is sent without waiting in between leaves as one packet
      process.nextTick(() => stream.uncork());
      const result = super.query(limited, ...(rest as []));
      if (result instanceof Promise) result.catch((error: Error) => this.#dropIfSilent(error));
      return result;
    }

    /** Whoever took a connection that still waits for its last answer would wait, too. */
    #dropIfSilent({ message }: Error): void {
      if (message === 'Query read timeout') this.connection.stream.destroy();
    }
  };
}
