/** All statements that Roster knows, many times over. A prepared one takes some five times its text. */
const maxCharacters = 500_000;
/** A longer one is prepared each time, so that one alone does not take the place of many. */
const maxCharactersOfOne = 20_000;

export interface StatementCache<Statement> {
  /** The prepared statement; of those that are kept, the oldest leave for a new one. */
  get(sql: string): Statement;
  /** How much text is kept. */
  readonly characters: number;
}

/** Keeps prepared statements by their text: preparing one anew costs more than running it. */
export function createStatementCache<Statement>(prepare: (sql: string) => Statement): StatementCache<Statement> {
  const kept = new Map<string, Statement>();
  let characters = 0;

  function keep(sql: string, statement: Statement): void {
    for (const oldest of kept.keys()) {
      if (characters + sql.length <= maxCharacters) break;
      kept.delete(oldest);
      characters -= oldest.length;
    }
    kept.set(sql, statement);
    characters += sql.length;
  }

  return {
    get characters() {
      return characters;
    },
    get(sql) {
      const known = kept.get(sql);
      if (known !== undefined) return known;
      const statement = prepare(sql);
      if (sql.length <= maxCharactersOfOne) keep(sql, statement);
      return statement;
    },
  };
}
