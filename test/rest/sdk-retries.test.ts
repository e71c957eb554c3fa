import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WorkOS } from 'workos-11';
import { startTestServer, type TestServer } from '../support/server.ts';
import { newAddress } from '../support/users.ts';

let server: TestServer;
let proxy: Server;
let workos: WorkOS;
/** How many of the next answers are lost: the server has sent them, and the connection breaks. */
let lost = 0;
const keys: string[] = [];

beforeAll(async () => {
  server = await startTestServer({ MAIL: 'off' });
  const target = Number(new URL(server.url).port);
  proxy = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    client.on('data', (chunk) => {
      const key = /^idempotency-key: (.+)\r$/im.exec(chunk.toString('latin1'))?.[1];
      if (key) keys.push(key);
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (lost === 0) return void client.write(chunk);
      lost -= 1;
      client.destroy();
    });
    for (const socket of [client, upstream]) {
      socket.on('error', () => {});
      socket.on('close', () => {
        client.destroy();
        upstream.destroy();
      });
    }
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const { port } = proxy.address() as { port: number };
  workos = new WorkOS(server.key, { apiHostname: '127.0.0.1', port, https: false, clientId: 'client_any' });
});
afterAll(async () => {
  proxy.close();
  await server.close();
});

test("WorkOS's SDK 11 repeats what it has not heard the answer of, under its own key, and it is carried out once", async () => {
  const email = newAddress();
  lost = 1;
  const user = await workos.userManagement.createUser({ email, firstName: 'Ada' });
  expect(user).toMatchObject({ email, firstName: 'Ada' });
  expect(lost).toBe(0);
  expect(keys).toHaveLength(2);
  expect(keys[1]).toBe(keys[0]);
  expect(keys[0]).toMatch(/^retry-[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
  expect(await server.app.db.reader.user.count({ where: { email } })).toBe(1);
  const [row] = await server.app.db.reader.idempotentRequest.findMany();
  expect(row?.userId).toBe(user.id);
  expect(Number(row?.expiresAt) - Number(row?.createdAt)).toBe(600_000); // by its User-Agent
  await workos.userManagement.createUser({ email: newAddress() });
  expect(new Set(keys).size).toBe(2); // a key for each call
});
