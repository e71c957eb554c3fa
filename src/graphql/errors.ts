import { type ASTNode, GraphQLError, Kind } from 'graphql';
import type { Logger } from 'pino';
import { DomainError, type Issue } from '../errors.ts';

/** What a client sees of an error. Only deliberate ones pass; any other is logged once and shows nothing of itself. */
export function presentError(error: GraphQLError, requestId: string, log: Logger): GraphQLError {
  const cause = rootCause(error);
  if (cause instanceof DomainError) return present(error, cause.message, domainExtensions(cause));
  if (!(cause instanceof GraphQLError)) {
    log.error({ err: cause, requestId }, 'unexpected error');
    return present(error, 'Unexpected error.', { code: 'INTERNAL_SERVER_ERROR', requestId });
  }
  const value = findWrongValue(error);
  if (value) return present(error, value.message, { code: 'INVALID_REQUEST_PARAMETERS', ...value.blame });
  const code = error.extensions.code ?? 'BAD_REQUEST';
  return present(error, error.message, { code });
}

/** The extensions of a refusal: the code in upper case, who is to blame, and the numbers that a client needs. */
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

function presentIssue(issue: Issue): Issue {
  return { ...issue, code: issue.code.toUpperCase() };
}

function present(error: GraphQLError, message: string, extensions: Record<string, unknown>): GraphQLError {
  const { nodes = null, source = null, positions = null, path = null } = error;
  const http = extensions.http ?? error.extensions.http;
  return new GraphQLError(message, {
    nodes,
    source,
    positions,
    path,
    extensions: { ...extensions, ...(http ? { http } : {}) },
  });
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

/**
 * Whether graphql-js refused a value of an input. Its messages repeat the value, which may be a password, so the
 * message is written anew from the part that says what was expected.
 */
function findWrongValue(error: GraphQLError): WrongValue | null {
  const variable = /^Variable "\$(\w+)"/.exec(error.message);
  const node = error.nodes?.[0];
  if (variable && !error.message.includes('is not defined by operation')) {
    const path = [...error.message.matchAll(/ at "([\w.[\]]+)"; /g)].at(-1)?.[1] ?? variable[1] ?? '';
    const field = /^Field "(\w+)"/.exec(expectation(error.message))?.[1] ?? lastName(path);
    return { message: blame(field, error.message), blame: { field } };
  }
  if (!node || !isValue(node)) return null;
  const field = namedBy(node);
  return field
    ? { message: blame(field, error.message), blame: { field } }
    : { message: expectation(error.message), blame: {} };
}

function blame(field: string, message: string): string {
  const reason = expectation(message);
  return reason.includes(`"${field}"`) || reason.includes(`"$${field}"`) ? reason : `${field}: ${reason}`;
}

/** What was expected, without the value that came. */
function expectation(message: string): string {
  const reason = message.includes('; ') ? message.slice(message.lastIndexOf('; ') + 2) : message;
  return reason
    .replace(/^(.*? cannot represent .*?): .*$/s, '$1.')
    .replace(/^Expected value of type ("[^"]+"), found .*$/s, 'Expected a value of type $1.');
}

function lastName(path: string): string {
  return (
    path
      .replaceAll(/\[\d+\]/g, '')
      .split('.')
      .at(-1) ?? path
  );
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
