import type { Scratch } from '../../db/scratch.ts';
import type { NewEvent } from '../../events/event-types.ts';
import type { Note } from '../source/import-format.ts';
import type { Batch } from './batches.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Item } from './conversion.ts';
import { addToChecksum, countOne, type ImportCounts, outcomesOf } from './counts.ts';
import type { Decision } from './decide.ts';
import type { PreparedUser, Refusal } from './prepare.ts';
import { type ImportApp, type Went, type WritingOptions, type Written, writeBatch } from './write-batch.ts';

/** What did not come along, or not as it was, and why: a line of the file of errors. */
export interface Problem {
  readonly outcome: 'refused' | 'skipped' | 'noted';
  readonly file: string;
  readonly line: number;
  /** The source's own id of the user. */
  readonly id?: string | undefined;
  readonly email?: string | undefined;
  readonly code: string;
  readonly field?: string | undefined;
  readonly message: string;
}

interface Context {
  readonly options: WritingOptions;
  /** Of a dry run, which writes nothing: what earlier records of the files have claimed. */
  readonly scratch: Scratch | null;
  readonly checkpoint: Checkpoint | null;
  /** Changed when the batch is committed. */
  readonly counts: ImportCounts;
  onProblems(problems: readonly Problem[]): Promise<void>;
}

/** Imports one batch, and counts what became of it. */
export async function importItems(
  app: ImportApp,
  { items, records, isFinished, isAlone }: Batch,
  { options, scratch, checkpoint, counts, onProblems }: Context,
): Promise<Went> {
  const made = items.filter((item): item is Item & { outcome: PreparedUser } => 'user' in item.outcome);
  const prepared = made.map(({ outcome }) => outcome);
  let outcome: { counts: ImportCounts; problems: Problem[] } | null = null;
  const went = await writeBatch(app, { prepared, isAlone }, options, async (tx, written) => {
    const decisions = scratch
      ? written.decisions.map((one, i) => claimed(one, `${records} ${i}`, scratch))
      : written.decisions;
    const outcomes = new Map<Item, Decision>(made.map((item, i) => [item, decisions[i] as Decision]));
    outcome = {
      counts: count(counts, items, outcomes, { ...written, decisions }, prepared),
      problems: problemsOf(items, outcomes),
    };
    if (outcome.problems.length > 0) await onProblems(outcome.problems);
    await checkpoint?.advance(tx, { records, isFinished, counts: outcome.counts });
    if (checkpoint && isFinished) await app.events.record(tx, 'cli', [completed(checkpoint, records, outcome.counts)]);
  });
  if (outcome) Object.assign(counts, (outcome as { counts: ImportCounts }).counts);
  return went;
}

function completed({ format, startedAt }: Checkpoint, records: number, counts: ImportCounts): NewEvent {
  return { type: 'import.completed', import: { format, records, outcomes: outcomesOf(counts), startedAt } };
}

/** In a dry run nothing is stored that a later record could run into. */
function claimed(decision: Decision, number: string, scratch: Scratch): Decision {
  if (decision.outcome !== 'created') return decision;
  const { user } = decision;
  const keys: [string, string, string | null][] = [
    ['externalId', 'external_id_already_used', user.externalId],
    ['email', 'email_not_available', user.emailCanonical],
  ];
  for (const [field, code, value] of keys) {
    if (value === null) continue;
    const owner = scratch.claim(`${field} ${value}`, user.id);
    if (owner !== user.id) {
      return { outcome: 'skipped', refusal: { code, field, message: 'An earlier record of the files has it.' } };
    }
  }
  const isSecond = scratch.claim(`id ${user.id}`, number) !== number;
  return isSecond ? { outcome: 'unchanged', notes: [] } : decision;
}

function count(
  before: ImportCounts,
  items: readonly Item[],
  outcomes: ReadonlyMap<Item, Decision>,
  { decisions, passwords }: Written,
  prepared: readonly PreparedUser[],
): ImportCounts {
  const counts = structuredClone(before);
  for (const item of items) counts[outcomes.get(item)?.outcome ?? 'refused'] += 1;
  for (const decision of decisions) {
    if (!('user' in decision)) continue;
    counts.identities += decision.identities.length;
    for (const field of new Set(decision.notes.map(nameOfNote))) countOne(counts.notes, field);
  }
  for (const { type } of passwords) countOne(counts.passwords, type);
  counts.checksum = addToChecksum(before.checksum, prepared);
  return counts;
}

function nameOfNote({ code, field }: Note): string {
  return `${field} ${code.replace('_', ' ')}`;
}

function problemsOf(items: readonly Item[], outcomes: ReadonlyMap<Item, Decision>): Problem[] {
  return items.flatMap((item) => {
    const { placed, id, email } = item;
    const of = (outcome: Problem['outcome'], { code, field, message }: Refusal): Problem => {
      return { outcome, ...placed, id, email, code, field, message };
    };
    const decision = outcomes.get(item);
    if (!decision) return [of('refused', item.outcome as Refusal)];
    if (decision.outcome === 'skipped') return [of('skipped', decision.refusal)];
    return decision.notes.map((note) => of('noted', note));
  });
}
