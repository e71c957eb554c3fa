import { getDatamodel } from '../generated/pothos.ts';

/** A table of the store. */
export interface CopiedTable {
  /** What Prisma's client calls it, such as `refreshToken`. */
  readonly model: string;
  /** What the databases call it, such as `refresh_tokens`. */
  readonly name: string;
  /** The field whose value tells its rows apart. */
  readonly key: string;
  /** Which of its rows: what Prisma's client is asked with. */
  readonly where: object;
}

/**
 * Which rows of each model are copied: all, none, or those that fulfil a condition. Jobs and mails are: what was promised and is
 * not done yet, is done where the store is now. Of deliveries of webhooks, those are that are still to be made.
 * What was carried out under an `Idempotency-Key` is answered again where the store is now, and not carried out twice.
 * The row of the readiness check is of one database, and not of the store.
 */
const isCopied: Readonly<Record<string, boolean | object>> = {
  User: true,
  Identity: true,
  Password: true,
  Session: true,
  RefreshTokenFamily: true,
  RefreshToken: true,
  OneTimeCode: true,
  SigningKey: true,
  ApiKey: true,
  Job: true,
  MailMessage: true,
  Event: true,
  EventSequence: true,
  UnnumberedEvent: false,
  WebhookEndpoint: true,
  WebhookDelivery: { state: 'pending' },
  IdempotentRequest: true,
  Import: true,
  Readiness: false,
};

interface Model {
  readonly fields: readonly {
    readonly name: string;
    readonly type: string;
    readonly isId?: boolean;
    readonly relationFromFields?: readonly string[];
  }[];
}

/** Every table that a copy has to bring over; those that others refer to come first. */
export function copiedTables(): CopiedTable[] {
  const models = getDatamodel().datamodel.models as Record<string, Model>;
  const waiting = new Map(Object.entries(models).filter(([name]) => mustCopy(name)));
  const tables: CopiedTable[] = [];
  while (waiting.size > 0) {
    const next = [...waiting].find(([name, model]) => !referredTo(model).some((to) => to !== name && waiting.has(to)));
    if (!next) throw new Error(`These models refer to each other in a circle: ${[...waiting.keys()]}`);
    waiting.delete(next[0]);
    tables.push(toTable(...next));
  }
  return tables;
}

function mustCopy(model: string): boolean {
  const answer = isCopied[model];
  if (answer === undefined) throw new Error(`Nothing says whether rows of the model ${model} are copied.`);
  return answer !== false;
}

function referredTo({ fields }: Model): string[] {
  return fields.filter(({ relationFromFields = [] }) => relationFromFields.length > 0).map(({ type }) => type);
}

function toTable(name: string, { fields }: Model): CopiedTable {
  const key = fields.find(({ isId, type }) => isId && type === 'String');
  if (!key) throw new Error(`The model ${name} cannot be copied: it needs a key that is one text column.`);
  return {
    model: name.charAt(0).toLowerCase() + name.slice(1),
    name: tableName(name),
    key: key.name,
    where: whereOf(name),
  };
}

/** The models map every name to snake case, in the plural. */
function tableName(model: string): string {
  const singular = model.replace(/(?!^)[A-Z]/g, '_$&').toLowerCase();
  return /[^aeiou]y$/.test(singular) ? `${singular.slice(0, -1)}ies` : `${singular}s`;
}

function whereOf(model: string): object {
  const answer = isCopied[model];
  return typeof answer === 'object' ? answer : {};
}
