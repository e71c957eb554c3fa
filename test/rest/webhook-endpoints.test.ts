import type { WorkOS } from '@workos-inc/node';
import { expect, test } from 'vitest';
import { WorkOS as WorkOS11 } from 'workos-11';
import { createWorkOS, useRestServer } from '../support/rest.ts';

const t = useRestServer();

test("WorkOS's SDK makes, lists, changes and deletes webhook endpoints", async () => {
  const { webhooks } = createWorkOS(t, t.server.key, WorkOS11 as unknown as typeof WorkOS) as unknown as WorkOS11;
  const fields = { endpointUrl: 'https://receiver.example/hook', events: ['user.created' as const] };
  const made = await webhooks.createWebhookEndpoint(fields);
  expect(made).toMatchObject({ ...fields, status: 'enabled', secret: expect.stringMatching(/^whsec_/) });
  const others = [];
  for (const name of ['a', 'b', 'c']) {
    others.push(await webhooks.createWebhookEndpoint({ ...fields, endpointUrl: `https://${name}.example/hook` }));
  }
  const all = [...others.reverse(), made];
  expect(await (await webhooks.listWebhookEndpoints()).autoPagination()).toEqual(all);
  const first = await webhooks.listWebhookEndpoints({ limit: 2 });
  const second = await webhooks.listWebhookEndpoints({ limit: 2, after: first.listMetadata.after as string });
  expect([...first.data, ...second.data]).toEqual(all);
  const changed = await webhooks.updateWebhookEndpoint({ id: made.id, status: 'disabled' });
  expect(changed).toEqual({ ...made, status: 'disabled', updatedAt: changed.updatedAt });
  await expect(webhooks.createWebhookEndpoint(fields)).rejects.toThrow('There is an endpoint with this URL already.');
  await webhooks.deleteWebhookEndpoint({ id: made.id });
  expect((await webhooks.listWebhookEndpoints()).data).toHaveLength(3);
});
