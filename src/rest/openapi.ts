import type { ErrorCode } from '../errors.ts';
import { providers } from '../users/providers.ts';
import type { Operation, QueryParameter, SchemaName } from './call.ts';
import { oauthCodes, statusIn, statusOf } from './error-responses.ts';
import { defaultLimit, maxLimit, orders } from './paging.ts';
import { routes } from './routes.ts';
import type { RequestCode } from './unreadable-request.ts';
import {
  changeFields,
  changeOutputs,
  codeGrant,
  codeOutputs,
  confirmationFields,
  grantFields,
  type JsonSchema,
  magicAuthFields,
  newPasswordFields,
  resetFields,
  resetOutputs,
  revocationFields,
  sessionOutputs,
  unusedOnCreate,
  unusedOnGrant,
  unusedOnMagicAuth,
  userInputs,
  userOutputs,
  verificationGrant,
} from './wire.ts';

type Fields = Readonly<Record<string, { readonly schema: JsonSchema; readonly input: JsonSchema }>>;
type Code = ErrorCode | RequestCode;

const everywhere: Code[] = [
  'unauthorized',
  'forbidden',
  'bad_request',
  'invalid_request_parameters',
  'service_unavailable',
  'outcome_unknown',
];
const withBody: Code[] = ['payload_too_large', 'unsupported_media_type'];
const string = { type: 'string' };

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
    parameters: [...pathParameters(template), ...query.map(describeParameter), ...conditions(operation)],
    ...(takes && { requestBody: { required: true, content: contentOf(takes, mediaTypes) } }),
    responses: describeResponses(operation, method),
  };
}

function describeResponses(operation: Operation, method: string) {
  const { status, gives, errors, takes } = operation;
  const codes: Code[] = [...everywhere, ...(takes ? withBody : []), ...errors];
  const refused = [...new Set(codes.map((code) => statusIn(operation, code)))].map((errorStatus) => {
    const causes = new Set(codes.filter((code) => statusIn(operation, code) === errorStatus));
    const description = [...causes].map((code) => `\`${code}\``).join(', ');
    return [errorStatus, { description, content: contentOf('Error') }];
  });
  return {
    [status]: { description: 'Done.', ...(gives && { content: contentOf(gives) }) },
    ...(gives === 'UserlandUser' && method === 'GET' && { 304: { description: 'Not changed since.' } }),
    ...Object.fromEntries(refused),
  };
}

function contentOf(name: SchemaName, types: readonly string[] = ['application/json']) {
  return Object.fromEntries(types.map((type) => [type, { schema: refer(name) }]));
}

function refer(name: SchemaName) {
  return { $ref: `#/components/schemas/${name}` };
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
};

function describeParameter(name: QueryParameter) {
  return { name, in: 'query', ...listParameters[name] };
}

function input(fields: Fields, required: string[], unused: readonly string[] = []): JsonSchema {
  const ignored = unused.map((key) => [key, { description: 'Accepted and not used.' }]);
  const properties = { ...mapFields(fields, ({ input }) => input), ...Object.fromEntries(ignored) };
  return { type: 'object', properties, required, additionalProperties: false };
}

function output(properties: JsonSchema): JsonSchema {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

function mapFields(fields: Fields, choose: (field: Fields[string]) => JsonSchema): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, choose(field)]));
}

const cursor = { type: ['string', 'null'] };
const identity = output({ idp_id: string, type: { const: 'OAuth' }, provider: { enum: Object.values(providers) } });
const credentialRules = {
  dependentRequired: {
    password_hash: ['password_hash_type'],
    password_hash_type: ['password_hash'],
    password_salt_position: ['password_hash'],
  },
  not: { required: ['password', 'password_hash'] },
};

function list(item: JsonSchema): JsonSchema {
  return output({
    object: { const: 'list' },
    data: { type: 'array', items: item },
    list_metadata: output({ before: cursor, after: cursor }),
  });
}

const session = output({
  object: { const: 'session' },
  ...mapFields(sessionOutputs, ({ schema }) => schema),
  status: { enum: ['active', 'expired', 'revoked'] },
});

function mailedCode(object: string): JsonSchema {
  const shown = mapFields(codeOutputs, ({ schema }) => schema);
  return output({ object: { const: object }, ...shown, code: { ...string, pattern: '^\\d{6}$' } });
}

const schemas: Record<SchemaName, JsonSchema> = {
  UserlandUser: output({ object: { const: 'user' }, ...mapFields(userOutputs, ({ schema }) => schema) }),
  UserlandUserList: list(refer('UserlandUser')),
  Identities: { type: 'array', items: identity },
  CreateUserlandUserDto: { ...input(userInputs, ['email'], unusedOnCreate), ...credentialRules },
  UpdateUserlandUserDto: { ...input(userInputs, []), ...credentialRules },
  AuthenticateRequest: {
    oneOf: [
      input(grantFields.password, ['grant_type', 'email', 'password'], unusedOnGrant.password),
      input(grantFields[codeGrant], ['grant_type', 'email', 'code'], unusedOnGrant[codeGrant]),
      input(
        grantFields[verificationGrant],
        ['grant_type', 'code', 'pending_authentication_token'],
        unusedOnGrant[verificationGrant],
      ),
      input(grantFields.refresh_token, ['grant_type', 'refresh_token'], unusedOnGrant.refresh_token),
    ],
  },
  UserlandAuthenticateResponse: output({
    user: refer('UserlandUser'),
    access_token: string,
    refresh_token: string,
    authentication_method: { enum: ['Password', 'MagicAuth'] },
  }),
  EmailVerification: mailedCode('email_verification'),
  MagicAuth: mailedCode('magic_auth'),
  SendVerificationEmailResponse: output({ user: refer('UserlandUser') }),
  VerifyEmailResponse: output({ user: refer('UserlandUser') }),
  VerifyEmailAddressDto: input(confirmationFields, ['code']),
  CreateUserlandMagicCodeAndReturnDto: input(magicAuthFields, ['email'], unusedOnMagicAuth),
  EmailChange: output({
    object: { const: 'email_change' },
    user: refer('UserlandUser'),
    ...mapFields(changeOutputs, ({ schema }) => schema),
  }),
  EmailChangeConfirmation: output({ object: { const: 'email_change_confirmation' }, user: refer('UserlandUser') }),
  SendEmailChangeDto: input(changeFields, ['new_email']),
  ConfirmEmailChangeDto: input(confirmationFields, ['code']),
  PasswordReset: output({
    object: { const: 'password_reset' },
    ...mapFields(resetOutputs, ({ schema }) => schema),
    password_reset_token: string,
    password_reset_url: string,
  }),
  ResetPasswordResponse: output({ user: refer('UserlandUser') }),
  CreatePasswordResetTokenDto: input(resetFields, ['email']),
  CreatePasswordResetDto: input(newPasswordFields, ['token', 'new_password']),
  SessionList: list(session),
  UserlandRevokeSessionDto: input(revocationFields, ['session_id']),
  Error: {
    type: 'object',
    properties: {
      code: { enum: Object.keys(statusOf) },
      message: string,
      errors: {
        type: 'array',
        items: {
          type: 'object',
          properties: { code: string, message: string, field: string },
          required: ['code', 'message'],
        },
      },
      entity_id: string,
      error: { enum: oauthCodes },
      error_description: string,
      pending_authentication_token: string,
      email: string,
      email_verification_id: string,
    },
    required: ['code', 'message'],
    additionalProperties: false,
  },
};
