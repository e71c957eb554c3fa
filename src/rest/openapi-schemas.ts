import { allEventTypes } from '../events/event-types.ts';
import type { SchemaName } from './call.ts';
import { oauthCodes, statusOf } from './error-responses.ts';
import { type Fields, mapFields, output } from './json-schemas.ts';
import {
  callerFields,
  changeFields,
  confirmationFields,
  type JsonSchema,
  magicAuthFields,
  newPasswordFields,
  resetFields,
  revocationFields,
  sessionOutputs,
  unusedOnCreate,
  unusedOnMagicAuth,
  userInputs,
  userOutputs,
} from './wire.ts';
import { changeOutputs, codeOutputs, resetOutputs } from './wire-codes.ts';
import { codeGrant, grantFields, unusedOnGrant, verificationGrant } from './wire-grants.ts';
import { identitySchema } from './wire-identities.ts';
import { previewSchema } from './wire-preview.ts';
import { endpointFields, newEndpointFields } from './wire-webhooks.ts';

const string = { type: 'string' };

/** Names a body where another one holds it. */
export function refer(name: SchemaName) {
  return { $ref: `#/components/schemas/${name}` };
}

function input(fields: Fields, required: string[], unused: readonly string[] = []): JsonSchema {
  const ignored = unused.map((key) => [key, { description: 'Accepted and not used.' }]);
  const properties = { ...mapFields(fields, ({ input }) => input), ...Object.fromEntries(ignored) };
  return { type: 'object', properties, required, additionalProperties: false };
}

const cursor = { type: ['string', 'null'] };
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

const anything = { type: 'object' };
const event = output({
  object: { const: 'event' },
  id: string,
  created_at: { type: 'string', format: 'date-time' },
  event: { enum: allEventTypes },
  data: anything,
  context: {
    type: 'object',
    properties: {
      actor: output({ id: string, source: { enum: ['api', 'system'] }, name: { type: ['string', 'null'] } }),
      previous_attributes: anything,
    },
    required: ['actor'],
    additionalProperties: false,
  },
});

const session = output({
  object: { const: 'session' },
  ...mapFields(sessionOutputs, ({ schema }) => schema),
  status: { enum: ['active', 'expired', 'revoked'] },
});

const moment = { type: 'string', format: 'date-time' };
const endpoint = output({
  object: { const: 'webhook_endpoint' },
  id: string,
  ...mapFields(endpointFields, ({ schema }) => schema),
  secret: { ...string, description: 'Whole for keys with `webhooks:write`; for others, its first six characters.' },
  created_at: moment,
  updated_at: moment,
});

function mailedCode(object: string): JsonSchema {
  const shown = mapFields(codeOutputs, ({ schema }) => schema);
  return output({ object: { const: object }, ...shown, code: { ...string, pattern: '^\\d{6}$' } });
}

/** Every body, by its name in WorkOS's document where that has one. */
export const schemas: Record<SchemaName, JsonSchema> = {
  UserlandUser: output({ object: { const: 'user' }, ...mapFields(userOutputs, ({ schema }) => schema) }),
  UserlandUserList: list(refer('UserlandUser')),
  UserUpdatePreview: previewSchema(session),
  Identities: { type: 'array', items: identitySchema },
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
  CreateUserlandMagicCodeAndReturnDto: input({ ...magicAuthFields, ...callerFields }, ['email'], unusedOnMagicAuth),
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
  CreatePasswordResetTokenDto: input({ ...resetFields, ...callerFields }, ['email']),
  CreatePasswordResetDto: input(newPasswordFields, ['token', 'new_password']),
  SessionList: list(session),
  EventList: list(event),
  WebhookEndpointJson: endpoint,
  WebhookEndpointList: list(refer('WebhookEndpointJson')),
  CreateWebhookEndpointDto: input(newEndpointFields, ['endpoint_url', 'events']),
  UpdateWebhookEndpointDto: input(endpointFields, []),
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
