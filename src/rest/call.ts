import type { ErrorCode } from '../errors.ts';
import type { ApiKeyPrincipal } from '../principal/principal.ts';
import type { Scope } from '../principal/scopes.ts';
import { type HttpRequest, type HttpResponse, jsonResponse } from '../request/messages.ts';
import type { MediaType } from './bodies.ts';
import type { RestApp } from './rest-app.ts';

/** One request, read as far as every operation needs it. */
export interface Call {
  readonly app: RestApp;
  readonly request: HttpRequest;
  /** The part of the path that its template leaves open, decoded; empty where it leaves nothing open. */
  readonly key: string;
  /** The parameters of the query. */
  readonly query: Readonly<Record<string, string>>;
  /** What the client says that it is. */
  readonly userAgent: string | null;
  /** The body; throws where it cannot be read. */
  body(): Promise<unknown>;
  /** Who calls, by this key or else by the one in the Authorization header; throws `unauthorized` and `forbidden`. */
  authenticate(secret?: string): Promise<ApiKeyPrincipal>;
  /**
   * Lets a rule do its work for whoever calls; once, where the request has a key, whose result is then answered again. Whatever
   * is made of the result comes after it.
   */
  perform<Result>(rule: (app: RestApp, actor: ApiKeyPrincipal) => Promise<Result>): Promise<Result>;
}

/** What is done for one method of one path, and what the OpenAPI document says of it. */
export interface Operation {
  readonly id: string;
  readonly summary: string;
  /** The status of success, and the schema of its body. */
  readonly status: number;
  readonly gives?: SchemaName;
  /** The schema of the body where the query asks for something else. */
  readonly givesInstead?: SchemaName;
  readonly takes?: SchemaName;
  /** The media types of the body; JSON where nothing is said. */
  readonly mediaTypes?: readonly MediaType[];
  /** In which order a list comes, where the query does not say; the newest first, where nothing is said here either. */
  readonly defaultOrder?: 'asc';
  /** The parameters that the query may have; any other is refused. */
  readonly query?: readonly QueryParameter[];
  /** The key is in the body, so the operation itself finds out who calls. Elsewhere it is known before. */
  readonly keyInBody?: boolean;
  /** The scopes that the API key needs. */
  readonly scopes: readonly Scope[];
  /** The errors it can end in, besides those of every operation. */
  readonly errors: readonly ErrorCode[];
  /** Where WorkOS has another status for an error here than elsewhere. */
  readonly statuses?: Statuses;
  /** Its answer is never given again, with whatever `Idempotency-Key`: it would hand out old tokens, or send nothing. */
  readonly isNeverReplayed?: boolean;
  readonly answer: (call: Call) => Promise<HttpResponse>;
}

export type Statuses = Readonly<Partial<Record<ErrorCode, number>>>;

export type QueryParameter =
  | 'limit'
  | 'order'
  | 'before'
  | 'after'
  | 'email'
  | 'erase'
  | 'dry_run'
  | 'events'
  | 'range_start'
  | 'range_end';

/** The schemas of the OpenAPI document, by WorkOS's names where its own document has one. */
export type SchemaName =
  | 'UserlandUser'
  | 'UserlandUserList'
  | 'UserUpdatePreview'
  | 'Identities'
  | 'CreateUserlandUserDto'
  | 'UpdateUserlandUserDto'
  | 'AuthenticateRequest'
  | 'UserlandAuthenticateResponse'
  | 'SessionList'
  | 'EmailVerification'
  | 'MagicAuth'
  | 'SendVerificationEmailResponse'
  | 'VerifyEmailResponse'
  | 'VerifyEmailAddressDto'
  | 'CreateUserlandMagicCodeAndReturnDto'
  | 'EmailChange'
  | 'EmailChangeConfirmation'
  | 'SendEmailChangeDto'
  | 'ConfirmEmailChangeDto'
  | 'PasswordReset'
  | 'ResetPasswordResponse'
  | 'CreatePasswordResetTokenDto'
  | 'CreatePasswordResetDto'
  | 'UserlandRevokeSessionDto'
  | 'EventList'
  | 'WebhookEndpointJson'
  | 'WebhookEndpointList'
  | 'CreateWebhookEndpointDto'
  | 'UpdateWebhookEndpointDto'
  | 'Error';

/** An answer that no cache may keep: it tells of people. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): HttpResponse {
  return jsonResponse(status, body, { 'cache-control': 'no-store', ...headers });
}

/** Operations by path and method. */
export type Operations = Readonly<Record<string, Readonly<Record<string, Operation>>>>;
