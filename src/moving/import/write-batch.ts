import type { Database, Password, Statements, Transaction, User } from '../../db/database.ts';
import { violatedConstraint } from '../../db/errors.ts';
import { OperatorError } from '../../errors.ts';
import type { NewEvent } from '../../events/event-types.ts';
import type { Events } from '../../events/events.ts';
import type { Argon2Cost } from '../../passwords/hashes/argon2-digest.ts';
import type { StoredPassword } from '../../passwords/stored-password.ts';
import { type ConflictPolicy, type Decision, decideImport, type Stored } from './decide.ts';
import type { PreparedUser } from './prepare.ts';

/** Another writer may take what was free a moment ago; so often it is decided anew. */
const maxAttempts = 5;

export interface WritingOptions {
  readonly onConflict: ConflictPolicy;
  readonly isDryRun: boolean;
  readonly emitsEvents: boolean;
  /** Hashes that are made into argon2id at the same time. */
  readonly wrapsAtOnce: number;
  /** Of that argon2id. */
  readonly wrappingCost: Argon2Cost;
}

/** How a transaction went: for the pace of the next ones. */
export interface Went {
  /** Without waiting for the turn to write. */
  readonly writeMs: number;
  readonly commits: { readonly count: number; readonly own: number };
}

/** What is done with each user, and the passwords of those who get one. */
export interface Written {
  readonly decisions: readonly Decision[];
  readonly passwords: readonly Password[];
}

/** What an import needs of the service. */
export interface ImportApp {
  readonly db: Database;
  readonly events: Events;
  readonly now: () => Date;
}

interface Users {
  readonly prepared: readonly PreparedUser[];
  readonly isAlone: boolean;
  /** Where one of them stands in the files. */
  placeOf(this: void, index: number): string;
}

/**
 * Decides what becomes of some users and writes it in one transaction, together with what `finish` writes. Weak hashes are wrapped
 * before it, of those alone who are to have them.
 */
export async function writeBatch(
  { db, events, now }: ImportApp,
  { prepared, isAlone, placeOf }: Users,
  options: WritingOptions,
  finish: (tx: Transaction, written: Written) => Promise<void>,
): Promise<Went> {
  const wrapped = new Map<PreparedUser, StoredPassword>();
  const decide = async (statements: Statements): Promise<Decision[]> => {
    const { onConflict } = options;
    const stored = await findStored(statements, prepared);
    const decisions = decideImport(prepared, stored, onConflict === 'fail' ? 'skip' : onConflict, now());
    if (onConflict === 'fail') assertNoneSkipped(decisions, placeOf);
    return decisions;
  };
  const hasWeak = prepared.some(({ password }) => password?.carried.kind === 'weak');
  if (hasWeak && !options.isDryRun) {
    const decisions = await db.transaction(({ statements }) => decide(statements));
    await wrapAll(prepared, decisions, wrapped, options);
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      const begun = await db.transaction(async (tx) => {
        const startedAt = performance.now();
        const commits = await tx.statements.imports.begin(isAlone);
        const decisions = await decide(tx.statements);
        const passwords = passwordsOf(prepared, decisions, wrapped, options.isDryRun);
        if (!options.isDryRun) await write(tx.statements, decisions, passwords);
        if (options.emitsEvents && !options.isDryRun) await events.record(tx, 'cli', eventsOf(decisions));
        await finish(tx, { decisions, passwords });
        return { startedAt, commits };
      });
      return { writeMs: performance.now() - begun.startedAt, commits: begun.commits };
    } catch (error) {
      const constraint = violatedConstraint(error);
      if (constraint === null) throw error;
      if (attempt === maxAttempts) throw contended(constraint);
    }
  }
}

function assertNoneSkipped(decisions: readonly Decision[], placeOf: Users['placeOf']): void {
  for (const [i, decision] of decisions.entries()) {
    if (decision.outcome === 'skipped')
      throw new OperatorError(`${placeOf(i)}: ${decision.refusal.message} The import stops here.`);
  }
}

function contended(constraint: string): OperatorError {
  return new OperatorError(
    `Other programs write what is being imported: a batch was refused ${maxAttempts} times for a value that was free each time when it was looked for (${constraint}). Nothing of this batch was written. Run the import again, and it goes on with it.`,
  );
}

async function findStored(statements: Statements, prepared: readonly PreparedUser[]): Promise<Stored> {
  const users = await statements.imports.findUsers({
    ids: prepared.map(({ user }) => user.id),
    addresses: prepared.map(({ user }) => user.emailCanonical),
    externalIds: prepared.flatMap(({ user }) => user.externalId ?? []),
  });
  const identities = await statements.imports.findIdentities(prepared.flatMap((one) => one.identities));
  const passwords = users.length > 0 ? await statements.passwordsOf(users.map(({ id }) => id)) : [];
  return { users, identities, passwords };
}

/** Some at once, and no more: each takes memory and a core. */
async function wrapAll(
  prepared: readonly PreparedUser[],
  decisions: readonly Decision[],
  wrapped: Map<PreparedUser, StoredPassword>,
  { wrapsAtOnce, wrappingCost }: WritingOptions,
): Promise<void> {
  const waiting = prepared.filter((_, i) => takesPassword(decisions[i] as Decision));
  const work = async () => {
    for (let one = waiting.shift(); one; one = waiting.shift()) {
      if (one.password?.carried.kind === 'weak') wrapped.set(one, await one.password.carried.wrap(wrappingCost));
    }
  };
  await Promise.all(Array.from({ length: wrapsAtOnce }, work));
}

function takesPassword(decision: Decision): boolean {
  return (decision.outcome === 'created' || decision.outcome === 'updated') && decision.takesPassword;
}

/** In the place of what a dry run does not compute. */
const notWrapped = { hash: '', type: 'weak', saltPosition: null };

/** The passwords of those who are to have one; pure. */
export function passwordsOf(
  prepared: readonly PreparedUser[],
  decisions: readonly Decision[],
  wrapped: ReadonlyMap<PreparedUser, StoredPassword>,
  isDryRun: boolean,
): Password[] {
  return prepared.flatMap((one, i): Password[] => {
    const decision = decisions[i] as Decision;
    if (!one.password || !takesPassword(decision) || !('user' in decision)) return [];
    const { carried, row } = one.password;
    const stored = carried.kind === 'native' ? carried : isDryRun ? notWrapped : wrapped.get(one);
    if (!stored) return []; // decided otherwise since: it is told, and another run brings it
    const { hash, type, saltPosition } = stored;
    const { origin, changedAt } = row;
    return [{ userId: decision.user.id, hash, type, saltPosition, origin, changedAt }];
  });
}

async function write(
  { imports, ...statements }: Statements,
  decisions: readonly Decision[],
  passwords: readonly Password[],
): Promise<void> {
  const created = decisions.filter((decision) => decision.outcome === 'created');
  const updated = decisions.filter((decision) => decision.outcome === 'updated');
  const users: User[] = created.map(({ user }) => user);
  const identities = [...created, ...updated].flatMap((decision) => decision.identities);
  if (updated.length > 0) await statements.update(updated.map(({ user }) => user));
  await imports.insertUsers({ users, identities, passwords });
}

function eventsOf(decisions: readonly Decision[]): NewEvent[] {
  return decisions.flatMap((decision): NewEvent[] => {
    if (decision.outcome === 'created') return [{ type: 'user.created', user: decision.user }];
    if (decision.outcome !== 'updated') return [];
    return [{ type: 'user.updated', user: decision.user, before: decision.before }];
  });
}
