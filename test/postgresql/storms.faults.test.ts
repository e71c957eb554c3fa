import { afterAll, beforeAll, expect, test } from 'vitest';
import { execute } from '../../scripts/postgresql-databases.ts';
import { CreateUser, GetUser, LinkIdentity } from '../support/documents.ts';
import { codesOf, type Fleet, startFleet } from '../support/fleet.ts';
import { keepLedger, untilAcknowledged } from '../support/ledger.ts';
import { migrateByCommand } from '../support/migrate-by-command.ts';
import { type Cluster, startCluster } from '../support/postgresql-cluster.ts';
import { waitFor } from '../support/wait.ts';

let cluster: Cluster;
let fleet: Fleet;
let serial = 0;

beforeAll(async () => {
  cluster = await startCluster();
  await migrateByCommand(cluster.url('postgres'));
  fleet = await startFleet(2, cluster.url('postgres'), { DATABASE_CONNECT_TIMEOUT_MS: '30000' });
});
afterAll(async () => {
  await fleet?.dispose();
  await cluster.remove();
});

const newInput = () => ({ input: { email: `storm${++serial}@example.com` } });
const makeUser = () =>
  waitFor(
    'a user',
    async () => ((await fleet.ask(CreateUser, newInput())).data?.createUser as { id: string } | null)?.id,
  );

/** Creations, links and look-ups without a pause, by the transactions of Prisma and by statements of our own. */
function keepAsking(firstUserId: string) {
  const codes = new Set<string | null>();
  let isOn = true;
  const run = async () => {
    let userId = firstUserId;
    while (isOn) {
      const input = { provider: 'X_OAUTH', idpId: `${++serial}` };
      const creation = fleet.ask(CreateUser, newInput());
      const others = [fleet.ask(LinkIdentity, { userId, input }), fleet.ask(GetUser, { id: userId })];
      for (const code of codesOf(await Promise.all([creation, ...others]))) codes.add(code);
      userId = ((await creation).data?.createUser as { id: string } | null)?.id ?? userId;
    }
  };
  const runs = Array.from({ length: 8 }, run);
  return async () => {
    isOn = false;
    await Promise.all(runs);
    return codes;
  };
}

test('no storm of ended connections, and no restart, ends a process or loses what was acknowledged', async () => {
  const ids: string[] = [];
  while (ids.length < 24) ids.push(await makeUser());
  const stop = keepAsking(await makeUser());
  const ledger = keepLedger(fleet, ids);
  for (let storm = 0; storm < 60; storm += 1) {
    await untilAcknowledged(ledger, 20);
    if (storm % 20 === 19) await cluster.restart(storm % 40 === 19 ? 'fast' : 'immediate');
    await execute(
      cluster.url('postgres'),
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'roster'`,
    );
    fleet.assertHealthy();
  }
  await untilAcknowledged(ledger, 20);
  const codes = await stop();
  await ledger.settle();
  fleet.assertHealthy();
  expect(ledger.refused).toBeGreaterThan(0);
  const answers = [null, 'SERVICE_UNAVAILABLE', 'OUTCOME_UNKNOWN'];
  expect([...codes].filter((code) => !answers.includes(code))).toEqual([]);
});
