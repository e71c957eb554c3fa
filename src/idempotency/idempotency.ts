import type { Database } from '../db/database.ts';
import { LockTimeout, violatedConstraint } from '../db/errors.ts';
import { isRecordedAlready } from '../db/recording.ts';
import { DomainError } from '../errors.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { openAnswer, toRow } from './answers.ts';
import { createInFlight } from './in-flight.ts';
import type { KeyedRequest } from './keyed-request.ts';

/** Carries out requests with a key once. */
export interface Idempotency {
  /**
   * Lets a rule carry out a request, or answers what it answered before. The rule is given the service with a database that
   * keeps its result, in the transaction of its effect. Throws `idempotency_key_reused`, `idempotency_answer_not_kept`, and
   * `idempotency_error` where the first is under way for too long; and what the rule throws, of which nothing is kept.
   */
  perform<App extends { readonly db: Database }, Result>(
    app: App,
    request: KeyedRequest,
    rule: (app: App) => Promise<Result>,
  ): Promise<Result>;
}

interface Given {
  readonly secrets: Secrets;
  readonly metrics: Pick<Metrics, 'idempotency'>;
  readonly now: () => Date;
}

export function createIdempotency({ secrets, metrics, now }: Given): Idempotency {
  const inTurn = createInFlight(() => {
    metrics.idempotency.add(1, { outcome: 'in_flight' });
    return stillInFlight();
  });

  /** What was kept, or null; a row that has expired goes, so that there is place for the next. */
  async function find(db: Database, { id }: KeyedRequest) {
    const row = await db.reader.idempotentRequest.findUnique({ where: { id } });
    if (!row || row.expiresAt > now()) return row;
    const where = { id, expiresAt: { lte: now() } };
    await db.transactionApart((tx) => tx.prisma.idempotentRequest.deleteMany({ where }));
    return null;
  }

  /** What the same request was answered, or null where it was not carried out yet. */
  async function replay(db: Database, request: KeyedRequest): Promise<{ result: unknown } | null> {
    const row = await find(db, request);
    if (!row) return null;
    const kept = openAnswer(secrets, row);
    if (kept && kept.digest !== request.digest) {
      metrics.idempotency.add(1, { outcome: 'mismatch' });
      throw keyReused();
    }
    metrics.idempotency.add(1, { outcome: 'replayed' });
    if (!kept || !('result' in kept)) throw notKept();
    request.isReplayed = true;
    return { result: kept.result };
  }

  async function carryOut<App extends { readonly db: Database }, Result>(
    app: App,
    request: KeyedRequest,
    rule: (app: App) => Promise<Result>,
  ): Promise<Result> {
    const known = await replay(app.db, request);
    if (known) return known.result as Result;
    const record = (result: unknown) => toRow(secrets, request, result, now());
    try {
      const result = await rule({ ...app, db: { ...app.db, ...app.db.recording(record) } });
      metrics.idempotency.add(1, { outcome: 'fresh' });
      return result;
    } catch (error) {
      // Another process may have been faster; or this very request was committed, and nobody heard of it.
      const done = await replay(app.db, request);
      if (done) return done.result as Result;
      if (!isInFlight(error)) throw error;
      metrics.idempotency.add(1, { outcome: 'in_flight' });
      throw stillInFlight();
    }
  }

  return { perform: (app, request, rule) => inTurn(request.id, () => carryOut(app, request, rule)) };
}

function isInFlight(error: unknown): boolean {
  return error instanceof LockTimeout || isRecordedAlready(violatedConstraint(error));
}

function keyReused(): DomainError {
  return new DomainError(
    'idempotency_key_reused',
    'This Idempotency-Key was used for another request. Make a new key for each request, and keep it for its retries.',
  );
}

function notKept(): DomainError {
  return new DomainError(
    'idempotency_answer_not_kept',
    'This request was carried out before, and its answer is not kept: it was too long, or somebody in it was erased. Read what you need.',
  );
}

/** Who waits for a user whom another one holds cannot know whether that one has the same key, and has not committed yet. */
function stillInFlight(): DomainError {
  const message =
    'A request with this Idempotency-Key, or another one that holds the same user, is being carried out. Ask again in a moment.';
  return new DomainError('idempotency_error', message, { retryAfterSeconds: 1 });
}
