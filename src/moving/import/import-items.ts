import type { Scratch } from '../../db/scratch.ts';
import type { NewEvent } from '../../events/event-types.ts';
import type { Note } from '../source/import-format.ts';
import type { Batch } from './batch.ts';
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

export interface ImportContext {
  readonly options: WritingOptions;
  /** Of a dry run, which writes nothing: what earlier records of the files have claimed. */
  readonly scratch: Scratch | null;
  readonly checkpoint: Checkpoint | null;
  /** Changed when the batch is committed. */
  readonly counts: ImportCounts;
  onProblems(problems: readonly Problem[]): Promise<void>;
}

/** What became of a batch: how many records ended how with it, and what is to be told. */
export interface Tally {
  readonly counts: ImportCounts;
  readonly problems: readonly Problem[];
}

/** Imports one batch, and counts what became of it. */
export async function importItems(
  app: ImportApp,
  { items, records, isFinished, isAlone }: Batch,
  { options, scratch, checkpoint, counts, onProblems }: ImportContext,
): Promise<Went> {
  const prepared = preparedOf(items);
  let tally: Tally | null = null;
  const placeOf = (index: number) => placeIn(items, index);
  const went = await writeBatch(app, { prepared, isAlone, placeOf }, options, async (tx, written) => {
    const decisions = scratch
      ? written.decisions.map((one, i) => claimed(one, `${records} ${i}`, scratch))
      : written.decisions;
    tally = tallyOf(counts, items, { ...written, decisions });
    const { counts: after, problems } = tally;
    if (problems.length > 0) await onProblems(problems);
    await checkpoint?.advance(tx, { records, isFinished, counts: after });
    if (checkpoint && isFinished) await app.events.record(tx, 'cli', [completed(checkpoint, records, after)]);
  });
  if (tally) Object.assign(counts, (tally as Tally).counts);
  return went;
}

function placeIn(items: readonly Item[], index: number): string {
  const { file, line } = (withUser(items)[index] as Item).placed;
  return `${file}, line ${line}`;
}

function withUser(items: readonly Item[]): Item[] {
  return items.filter(({ outcome }) => 'user' in outcome);
}

/** The users of these records, of whom decisions are made. */
export function preparedOf(items: readonly Item[]): PreparedUser[] {
  return items.flatMap(({ outcome }) => ('user' in outcome ? outcome : []));
}

/** Pure; the decisions are those of the users in their order. */
export function tallyOf(before: ImportCounts, items: readonly Item[], written: Written): Tally {
  const made = withUser(items);
  const outcomes = new Map(made.map((item, i) => [item, written.decisions[i] as Decision]));
  return {
    counts: count(before, items, outcomes, written, preparedOf(items)),
    problems: problemsOf(items, outcomes),
  };
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
