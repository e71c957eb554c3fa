// One process that does what a backend does meanwhile: it updates users, so many a second, whether the last ones are answered
// or not, and prints how long each took from the moment it was due. It is started with a port, a key, seconds and users.
import { randomInt } from 'node:crypto';
import { userOfMany } from '../../scripts/many-events.ts';
import { createClient, createTally, postGraphQL, repeat } from './client.ts';
import { updatesPerSecond } from './report.ts';

const [port, key, seconds, users] = process.argv.slice(2) as [string, string, string, string];
const query =
  'mutation ($id: ID!, $input: UpdateUserInput!) { updateUser(id: $id, input: $input) { id email firstName lastName version updatedAt } }';

const tally = createTally();
const ask = createClient(Number(port), tally);
const latencies: number[] = [];
const startedAt = performance.now();
await repeat(updatesPerSecond, Number(seconds), async (i) => {
  const variables = {
    id: userOfMany(randomInt(Number(users))),
    input: { firstName: `First${i}`, lastName: `Last${i}` },
  };
  await ask(postGraphQL('127.0.0.1', { query, variables }, key));
  latencies[i] = performance.now() - startedAt - (i * 1000) / updatesPerSecond;
});
console.log(JSON.stringify({ latencies, answers: tally.answers }));
process.exit();
