import type { ErrorCode } from '../errors.ts';
import { allEventTypes } from '../events/event-types.ts';
import type { Operation, QueryParameter, SchemaName } from './call.ts';
import { statusIn } from './error-responses.ts';
import { isReplayed } from './idempotency-key.ts';
import { refer, schemas } from './openapi-schemas.ts';
import { defaultLimit, maxLimit, orders } from './paging.ts';
import { routes } from './routes.ts';
import type { RequestCode } from './unreadable-request.ts';
import type { JsonSchema } from './wire.ts';

type Code = ErrorCode | RequestCode;

const everywhere: Code[] = [
  'unauthorized',
  'forbidden',
  'bad_request',
  'invalid_request_parameters',
  'service_unavailable',
  'outcome_unknown',
];
const withKey: Code[] = ['idempotency_key_reused', 'idempotency_answer_not_kept', 'idempotency_error'];
const withBody: Code[] = ['payload_too_large', 'unsupported_media_type'];
const string = { type: 'string' };

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'The same request with the same key is carried out once, and answered again with `Idempotent-Replayed: true`.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

/** What is served, as OpenAPI 3.1, made from the tables that serve it. */
export function describeApi(): JsonSchema {
  const paths = Object.entries(routes).map(([template, operations]) => {
    const methods = Object.entries(operations).map(([method, operation]) => [
      method.toLowerCase(),
      describeOperation(template, method, operation),
    ]);
    return [template, Object.fromEntries(methods)];
  });
  return {
    openapi: '3.1.1',
    info: {
      title: 'Roster',
      version: '1',
      description: "Users over REST, for WorkOS's SDKs. Every answer has an `X-Request-ID`.",
    },
    security: [{ apiKey: [] }],
    paths: Object.fromEntries(paths),
    components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } }, schemas },
  };
}

function describeOperation(template: string, method: string, operation: Operation) {
  const { id, summary, takes, query = [], mediaTypes = ['application/json'] } = operation;
  return {
    operationId: id,
    summary,
    ...(operation.keyInBody && { security: [{}, { apiKey: [] }] }),
    parameters: [
      ...pathParameters(template),
      ...query.map((name) => describeParameter(name, operation)),
      ...conditions(operation),
      ...(isReplayed(method, operation) ? [idempotencyKey] : []),
    ],
    ...(takes && { requestBody: { required: true, content: contentOf(takes, mediaTypes) } }),
    responses: describeResponses(operation, method),
  };
}

function describeResponses(operation: Operation, method: string) {
  const { status, gives, givesInstead, errors, takes } = operation;
  const ofKeys = isReplayed(method, operation) ? withKey : [];
  const codes: Code[] = [...everywhere, ...ofKeys, ...(takes ? withBody : []), ...errors];
  const refused = [...new Set(codes.map((code) => statusIn(operation, code)))].map((errorStatus) => {
    const causes = new Set(codes.filter((code) => statusIn(operation, code) === errorStatus));
    const description = [...causes].map((code) => `\`${code}\``).join(', ');
    return [errorStatus, { description, content: contentOf('Error') }];
  });
  return {
    [status]: { description: 'Done.', ...(gives && { content: contentOf(gives, ['application/json'], givesInstead) }) },
    ...(gives === 'UserlandUser' && method === 'GET' && { 304: { description: 'Not changed since.' } }),
    ...Object.fromEntries(refused),
  };
}

function contentOf(name: SchemaName, types: readonly string[] = ['application/json'], other?: SchemaName) {
  const schema = other ? { oneOf: [refer(name), refer(other)] } : refer(name);
  return Object.fromEntries(types.map((type) => [type, { schema }]));
}

function pathParameters(template: string) {
  return [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: string }));
}

function conditions({ errors }: Operation) {
  if (!errors.includes('version_mismatch')) return [];
  const description = 'The `ETag` of the user as you read it; 412 when it is no longer that.';
  return [{ name: 'If-Match', in: 'header', description, schema: string }];
}

const listParameters: Record<QueryParameter, JsonSchema> = {
  limit: { schema: { type: 'integer', minimum: 1, maximum: maxLimit, default: defaultLimit } },
  order: {
    description: '`desc`: newest first. `asc`: oldest first. `normal`: newest first, `before` and `after` exchanged.',
    schema: { enum: orders, default: 'desc' },
  },
  before: { description: 'An id: what comes before it.', schema: string },
  after: { description: 'An id: what comes after it.', schema: string },
  email: { description: 'Only the user with this address.', schema: string },
  erase: {
    description: '`true`: what is personal goes from what was recorded of the user, too.',
    schema: { type: 'boolean', default: false },
  },
  dry_run: {
    description: '`true`: nothing is done, and the answer is what would be: a `UserUpdatePreview`.',
    schema: { type: 'boolean', default: false },
  },
  events: {
    description: "Only events of these types. Without it: all of WorkOS's types, and none of Roster's own.",
    style: 'form',
    explode: false,
    schema: { type: 'array', items: { enum: allEventTypes } },
  },
  range_start: { description: 'What happened at this moment or later.', schema: { type: 'string' } },
  range_end: { description: 'What happened before this moment.', schema: { type: 'string' } },
};

function describeParameter(name: QueryParameter, { defaultOrder }: Operation) {
  const order = name === 'order' && defaultOrder && { schema: { enum: orders, default: defaultOrder } };
  return { name, in: 'query', ...listParameters[name], ...order };
}
