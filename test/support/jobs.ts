import { expect } from 'vitest';
import type { TestApp } from './app.ts';

/** Has a job of this kind done, in this process and now, and whatever else is due. */
export async function runJob({ app }: TestApp, kind: string, payload = {}): Promise<void> {
  await app.db.transaction((tx) => app.jobs.enqueue(tx, { kind, payload, key: `test ${kind}` }));
  await app.jobs.runDue();
  expect(await app.db.reader.job.findMany({ where: { key: `test ${kind}` } }), 'it was not done').toEqual([]);
}
