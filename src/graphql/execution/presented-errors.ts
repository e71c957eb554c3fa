import { type ASTNode, type ExecutionResult, GraphQLError, Kind } from 'graphql';
import type { Logger } from 'pino';
import { DomainError } from '../../errors.ts';
import { safeName } from '../../input/safe-name.ts';
import type { RequestRecord } from '../../request/request-record.ts';
import { presentIssue } from '../presented-issue.ts';
import { blame, explainWrongValue, withoutRepetitions } from './error-messages.ts';

const maxMessage = 1000;

/** What a client sees of an error. Only deliberate ones pass; any other is logged once and shows nothing of itself. */
export function presentError(error: GraphQLError, record: RequestRecord, log: Logger): GraphQLError {
  const cause = rootCause(error);
  const known = presentKnown(error, cause);
  if (!known) {
    log.error({ err: cause, ...record }, 'unexpected error');
    return present(error, 'Unexpected error.', { code: 'INTERNAL_SERVER_ERROR', requestId: record.requestId });
  }
  const { code } = known.extensions;
  log.info({ ...record, code }, `refused with ${code}`); // the status is 200 all the same
  return known;
}

/**
 * The result of an executed operation. In a mutation, what a field below the root could not read was asked after the commit:
 * nobody may be told that nothing was written.
 */
export function afterExecution(result: ExecutionResult, isQuery: boolean): ExecutionResult {
  if (isQuery || !result.errors) return result;
  return {
    ...result,
    errors: result.errors.map((error) => (isReadAfterCommit(error) ? unreadAfterCommit(error) : error)),
  };
}

function isReadAfterCommit(error: GraphQLError): boolean {
  const cause = rootCause(error);
  return (error.path?.length ?? 0) > 1 && cause instanceof DomainError && cause.code === 'service_unavailable';
}

function unreadAfterCommit(error: GraphQLError): GraphQLError {
  const originalError = new DomainError(
    'outcome_unknown',
    'The change was made, but this could not be read afterwards: the database is busy or away. Read it again.',
  );
  const { nodes, source, positions, locations, path = null } = error;
  const told = new GraphQLError(originalError.message, { path, originalError });
  return Object.assign(told, { nodes, source, positions, locations });
}

function presentKnown(error: GraphQLError, cause: unknown): GraphQLError | null {
  if (cause instanceof DomainError) return present(error, cause.message, domainExtensions(cause));
  const unreadable = error.path ? undefined : explainUnreadable(cause);
  if (unreadable) return present(error, unreadable, { code: 'BAD_REQUEST', http: { status: 400 } });
  if (!(cause instanceof GraphQLError)) return null;
  const value = findWrongValue(error);
  if (value)
    return present(error, withoutRepetitions(value.message), { code: 'INVALID_REQUEST_PARAMETERS', ...value.blame });
  return present(error, withoutRepetitions(error.message), { code: error.extensions.code ?? 'BAD_REQUEST' });
}

/** The extensions of an error: the code in upper case, who is to blame, and the numbers that a client needs. */
export function domainExtensions({ code, details }: DomainError): Record<string, unknown> {
  const { issues, ...rest } = details;
  const wait = details.retryAfterSeconds;
  return {
    code: code.toUpperCase(),
    ...rest,
    ...(issues && { issues: issues.map(presentIssue) }),
    ...(typeof wait === 'number' && { http: { headers: { 'retry-after': String(wait) } } }),
  };
}

function present(error: GraphQLError, message: string, extensions: Record<string, unknown>): GraphQLError {
  const { nodes, source, positions, locations, path = null } = error;
  const http = extensions.http ?? httpOf(error, extensions.code);
  const presented = new GraphQLError(shorten(message), {
    path,
    extensions: { ...extensions, ...(http ? { http } : {}) },
  });
  // Given to the constructor, it would search the document for the lines again.
  return Object.assign(presented, { nodes, source, positions, locations });
}

/** Some messages repeat a name from the request, which may be as long as that. */
function shorten(message: string): string {
  return message.length > maxMessage ? `${message.slice(0, maxMessage)}…` : message;
}

/**
 * The HTTP status, as GraphQL over HTTP has it. A request that is not well-formed has one of its own; where only the
 * document is refused (`spec`), it depends on the media type of the answer. Errors of single fields have none.
 */
function httpOf({ path, extensions }: GraphQLError, code: unknown): object | undefined {
  const http = extensions.http as object | undefined;
  if (path) return http;
  if (code === 'INTERNAL_SERVER_ERROR') return { status: 500 };
  if (!http) return { status: 400, spec: true };
  return code === 'BAD_REQUEST' ? { ...http, spec: false } : http;
}

/** Plain errors that the parsers of requests and documents throw at bad input. */
function explainUnreadable(cause: unknown): string | undefined {
  if (cause instanceof SyntaxError) return 'The request is not valid JSON.';
  if (cause instanceof RangeError && cause.message.includes('call stack')) return 'The document is nested too deeply.';
  return undefined;
}

function rootCause(error: GraphQLError): unknown {
  let cause: unknown = error;
  while (cause instanceof GraphQLError && cause.originalError) cause = cause.originalError;
  return cause;
}

interface WrongValue {
  readonly message: string;
  readonly blame: { field?: string };
}

/** Whether graphql-js refused a value of an input in the document. Variables are refused before: see `variables.ts`. */
function findWrongValue(error: GraphQLError): WrongValue | null {
  const node = error.nodes?.[0];
  if (!node || !isValue(node)) return null;
  const { reason } = explainWrongValue(error.message);
  const field = namedBy(node);
  return field ? { message: blame(field, reason), blame: { field: safeName(field) } } : { message: reason, blame: {} };
}

function isValue({ kind }: ASTNode): boolean {
  return kind === Kind.OBJECT_FIELD || kind.endsWith('Value');
}

/** The name that stands before the value in the document: `name: value`. */
function namedBy(node: ASTNode): string | undefined {
  if (node.kind === Kind.OBJECT_FIELD) return node.name.value;
  const colon = node.loc?.startToken.prev;
  return colon?.kind === ':' ? colon.prev?.value : undefined;
}
