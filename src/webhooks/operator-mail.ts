import type { Config } from '../config/settings.ts';
import type { Transaction } from '../db/database.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { DisabledEndpoint } from './delivery-rows.ts';

export interface OperatorApp {
  readonly config: Pick<Config, 'MAIL_OPERATOR'>;
  readonly outbox: Pick<Outbox, 'queueMail'>;
}

/** Within the transaction that disables an endpoint: has the operator told by mail, where there is a `MAIL_OPERATOR`. */
export async function mailOperator(
  { config: { MAIL_OPERATOR: address }, outbox }: OperatorApp,
  tx: Transaction,
  { endpoint: { id: endpointId, url }, reason }: DisabledEndpoint,
  at: Date,
): Promise<void> {
  if (address === undefined) return;
  await outbox.queueMail(tx, {
    to: address,
    userId: null,
    locale: null,
    cause: `${endpointId} ${at.getTime()}`,
    content: { template: 'endpoint-disabled', endpointId, url: withoutCredentials(url), reason },
  });
}

/** What follows the path may be a token. */
function withoutCredentials(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
