import { expect } from 'vitest';
import { UpdateUser } from './documents.ts';
import { codesOf, type Fleet } from './fleet.ts';
import { expectPositionsWhole, expectVersionsRecorded } from './recorded-versions.ts';
import { openReader } from './stored.ts';
import { waitFor } from './wait.ts';

export interface Ledger {
  /** How many updates were acknowledged so far. */
  readonly acknowledged: number;
  /** How many were answered with SERVICE_UNAVAILABLE or OUTCOME_UNKNOWN so far. */
  readonly refused: number;
  /** Answers that nobody may get: neither a success nor one of those two. */
  readonly surprises: readonly string[];
  /** Stops the traffic. Every acknowledged update must be in the database with its event, and nothing that nobody asked for. */
  settle(): Promise<void>;
}

interface Account {
  readonly id: string;
  next: number;
  /** What may stand in the database: the last acknowledged number, and those after it that nobody knows of. */
  possible: number[];
  done: number;
}

/**
 * Updates each of these new users again and again, one update at a time, and keeps the list of what was acknowledged. An
 * update that was answered with OUTCOME_UNKNOWN may have happened or not, one that was refused as SERVICE_UNAVAILABLE has not;
 * no other refusal may come.
 */
export function keepLedger(fleet: Fleet, ids: string[]): Ledger {
  const accounts = ids.map((id): Account => ({ id, next: 1, possible: [0], done: 0 }));
  const ledger = { acknowledged: 0, refused: 0 };
  const surprises: string[] = [];
  let isOn = true;

  async function update(account: Account): Promise<void> {
    const n = account.next++;
    const input = { firstName: `${n}`, metadata: { n: `${n}` } };
    const answer = await fleet.ask(UpdateUser, { id: account.id, input });
    const [code] = codesOf([answer]);
    if (code === null) {
      account.possible = [n];
      account.done += 1;
      ledger.acknowledged += 1;
    } else {
      ledger.refused += 1;
      if (code === 'OUTCOME_UNKNOWN') account.possible.push(n);
      else if (code !== 'SERVICE_UNAVAILABLE') surprises.push(answer.text);
      const mayWait = answer.headers.get('retry-after') !== null;
      if (mayWait !== (code === 'SERVICE_UNAVAILABLE')) surprises.push(`Retry-After of ${code}`);
    }
  }

  async function run(account: Account): Promise<void> {
    while (isOn) await update(account);
  }
  const runs = accounts.map((account) => run(account).catch((error: unknown) => surprises.push(String(error))));

  return {
    surprises,
    get acknowledged() {
      return ledger.acknowledged;
    },
    get refused() {
      return ledger.refused;
    },
    async settle() {
      isOn = false;
      await Promise.all(runs);
      expect(surprises).toEqual([]);
      const reader = await openReader(fleet.databaseUrl);
      for (const { id, possible, done, next } of accounts) {
        const user = await reader.user.findUnique({ where: { id } });
        expect(possible.map((n) => (n === 0 ? null : `${n}`))).toContain(user?.firstName);
        expect(user?.metadata).toEqual(user?.firstName === null ? {} : { n: user?.firstName });
        expect(user?.version).toBeGreaterThanOrEqual(1 + done);
        expect(user?.version).toBeLessThanOrEqual(next);
        await expectVersionsRecorded(reader, id, user?.version ?? 0);
      }
      await expectPositionsWhole(reader);
    },
  };
}

/** Resolves after so many more updates were acknowledged. */
export async function untilAcknowledged(ledger: Ledger, more: number): Promise<void> {
  const goal = ledger.acknowledged + more;
  await waitFor(`${more} more acknowledged updates`, () => {
    expect(ledger.surprises).toEqual([]);
    return ledger.acknowledged >= goal || null;
  });
}
