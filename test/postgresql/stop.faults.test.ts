import { expect, onTestFinished, test } from 'vitest';
import { livedMs } from '../support/clock.ts';
import { post, postUser, startServerProcess } from '../support/server.ts';
import { startProxy } from '../support/silent-proxy.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { waitFor } from '../support/wait.ts';

test('a stop ends although the database is silent, and says in the log that it waited for it', async () => {
  for (let i = 0; i < 3; i += 1) {
    const database = await createTestDatabase();
    const proxy = await startProxy(Number(new URL(database.url).port));
    const url = new URL(database.url);
    url.host = `127.0.0.1:${proxy.port}`;
    const server = await startServerProcess({
      ...{ DATABASE_URL: url.href, SHUTDOWN_TIMEOUT_MS: '500' },
      ...{ DATABASE_STATEMENT_TIMEOUT_MS: '0', DATABASE_CONNECT_TIMEOUT_MS: '600000' },
    });
    onTestFinished(async () => {
      await server.dispose();
      await proxy.close();
      await database.remove();
    });
    const id = await postUser(server.url, server.key, { email: 'a@example.com' });
    proxy.silenceAt('UPDATE');
    const change = 'mutation ($id: ID!) { updateUser(id: $id, input: { firstName: "A" }) { id } }';
    const inFlight = post(server.url, server.key, change, { id }).catch(() => null);
    await waitFor('the silence', () => proxy.isSilent());
    const ended = server.stop();
    expect(await livedMs(() => ended)).toBeLessThan(500 + 2 * 4000);
    expect((await ended).stdout).toContain('"waitingFor":"the database to close its connections"');
    await inFlight;
  }
});
