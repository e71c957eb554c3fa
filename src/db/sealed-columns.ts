import { getDatamodel } from '../generated/pothos.ts';
import type { SealPurpose } from '../secrets/secrets.ts';

/** A column whose values are sealed, each bound to the id of its row. */
export interface SealedColumn {
  /** What Prisma's client calls the table. */
  readonly model: 'signingKey' | 'mailMessage' | 'oneTimeCode' | 'webhookEndpoint' | 'idempotentRequest';
  readonly field: string;
  readonly purpose: SealPurpose;
  /** What the values are called, where that is not the purpose. */
  readonly title?: string;
}

/** Everything that is sealed under SIGNING_KEY_SECRET. A column is found by its name: it begins with `sealed` or `encrypted`. */
export const sealedColumns: readonly SealedColumn[] = [
  { model: 'signingKey', field: 'encryptedPrivateKey', purpose: 'signing keys' },
  { model: 'mailMessage', field: 'sealedParameters', purpose: 'mail parameters' },
  { model: 'webhookEndpoint', field: 'sealedSecret', purpose: 'webhook secrets' },
  {
    model: 'webhookEndpoint',
    field: 'sealedPreviousSecret',
    purpose: 'webhook secrets',
    title: 'earlier webhook secrets',
  },
  { model: 'idempotentRequest', field: 'sealedAnswer', purpose: 'idempotent answers' },
  { model: 'oneTimeCode', field: 'sealed', purpose: 'codes' },
];

/** The columns, as `model.field`, that by their names are sealed: each has to be in the table. */
export function columnsNamedSealed(): string[] {
  const models = getDatamodel().datamodel.models as Record<string, { fields: readonly { name: string }[] }>;
  return Object.entries(models).flatMap(([model, { fields }]) =>
    fields
      .filter(({ name }) => /^(sealed|encrypted)/.test(name))
      .map(({ name }) => `${model.charAt(0).toLowerCase()}${model.slice(1)}.${name}`),
  );
}
