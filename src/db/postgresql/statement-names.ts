import { createHash } from 'node:crypto';

/**
 * So many statements of a kind are prepared on each connection at most. The texts of lists and of changes follow from the
 * request: however many there are of them, what every request needs is prepared.
 */
const maxNamesOfKind = 33;
const kinds = [/^SELECT count|LIMIT \d+$/, /^UPDATE/, /^/];
/** A longer text is sent without a name: those that are kept, here and on the connections, stay small. */
const maxNamedCharacters = 8192;

/** invalid_sql_statement_name and duplicate_prepared_statement */
const refusals = new Set(['26000', '42P05']);

/**
 * The names by which PostgreSQL prepares statements once per connection, which spares it two thirds of a short one. A
 * PgBouncer before 1.21 hands connections on without them: at its first refusal they are given up, for this process.
 */
export class StatementNames {
  #names: Map<string, string> | null = new Map();
  readonly #counts = kinds.map(() => 0);

  /** The name of a text, the same in every process; null where it is to be sent without. */
  find(text: string): string | null {
    if (!this.#names) return null;
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    const kind = kinds.findIndex((form) => form.test(text));
    const count = this.#counts[kind] ?? 0;
    if (count >= maxNamesOfKind || text.length > maxNamedCharacters) return null;
    this.#counts[kind] = count + 1;
    const name = `roster_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
    this.#names.set(text, name);
    return name;
  }

  /** Whether an error means that names do not work here; then there are none from now on, and it can be tried again. */
  areRefusedBy(code: string): boolean {
    if (!refusals.has(code)) return false;
    this.#names = null;
    return true;
  }
}

export const statementNames = new StatementNames();
