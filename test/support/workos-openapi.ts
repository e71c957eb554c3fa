import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { describeApi } from '../../src/rest/openapi.ts';
import { matchRoute } from '../../src/rest/routes.ts';
import { readYaml } from './parsed-yaml.ts';

/** One answer to one request. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** The parsed body; undefined without one. */
  readonly body: unknown;
}

interface Document {
  readonly paths: Record<string, Record<string, { responses: Record<string, { content?: object }> }>>;
}

/** An OpenAPI document that answers are held against. */
export interface Judge {
  readonly name: string;
  readonly document: Document;
  readonly ajv: Ajv2020;
  readonly compiled: Map<string, ValidateFunction>;
  readonly eventSchemas: ReadonlyMap<string, string>;
}

/** Every answer's moments look like this one, to the millisecond: `2026-01-15T12:00:00.000Z`. */
const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

function createJudge(name: string, document: Document): Judge {
  const formats = { 'date-time': moment, email: /@/ };
  // A schema is held against a few answers, so its code need not be quick but made quickly: with one function for each part.
  const quick = { inlineRefs: false, code: { optimize: false } };
  const ajv = new Ajv2020({ strict: false, validateSchema: false, formats, ...quick });
  ajv.addSchema(document, 'openapi');
  return { name, document, ajv, compiled: new Map(), eventSchemas: findEventSchemas(document) };
}

const newest = process.env.WORKOS_OPENAPI ?? '../shared/workos-openapi-0.61.yaml';
const early = createRequire(import.meta.url).resolve('@workos/openapi-spec/spec');

/** WorkOS's documents: the early one from npm, and the newest one where it is at hand. */
export const workosJudges = [early, newest]
  .filter((file) => existsSync(file))
  .map((file) => createJudge(file === early ? '0.1.0' : '0.61', readYaml(file) as Document));

/** Our own document, as it is served. */
export const ownJudge = createJudge('own', JSON.parse(JSON.stringify(describeApi())) as Document);

/** What is wrong with an answer, as `METHOD /template status code: reason`; null when nothing is. */
export function judge(judge: Judge, { method, path, status, body }: Exchange): string | null {
  const template = matchRoute(new URL(path, 'http://localhost').pathname)?.template;
  if (!template) return null; // not an operation of this document
  const code = (body as { code?: string } | undefined)?.code;
  const answer = [method, template, status, ...(code ? [code] : [])].join(' ');
  const response = judge.document.paths[template]?.[method.toLowerCase()]?.responses[status];
  if (!response) return `${answer}: no such status`;
  if (!response.content) return body === undefined ? null : `${answer}: a body`;
  const pointer = [
    'paths',
    template,
    method.toLowerCase(),
    'responses',
    status,
    'content',
    'application/json',
    'schema',
  ];
  const escaped = pointer.map((part) => encodeURIComponent(String(part).replaceAll('~', '~0').replaceAll('/', '~1')));
  const validate = compile(judge, `openapi#/${escaped.join('/')}`);
  return validate(body) ? null : `${answer}: not as the schema says`;
}

/** What is wrong with an event, by the schema that the document has for its type; null when nothing is. */
export function findEventProblem(judge: Judge, event: { event: string }): string | null {
  const type = event.event;
  const found = judge.eventSchemas.get(type);
  if (!found) return `${type}: no such type`;
  return compile(judge, found)(event) ? null : `${type}: not as the schema says`;
}

interface EventSchema {
  readonly properties?: { readonly event?: { readonly const?: string } };
}

/** References to the first schema in a document for each type of event. */
function findEventSchemas(part: unknown, pointer = 'openapi#', found = new Map<string, string>()): Map<string, string> {
  if (typeof part !== 'object' || part === null) return found;
  const type = (part as EventSchema).properties?.event?.const;
  if (type !== undefined && !found.has(type)) found.set(type, pointer);
  for (const [key, value] of Object.entries(part)) {
    const escaped = encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'));
    findEventSchemas(value, `${pointer}/${escaped}`, found);
  }
  return found;
}

function compile({ ajv, compiled }: Judge, $ref: string): ValidateFunction {
  const validate = compiled.get($ref) ?? ajv.compile({ $ref });
  compiled.set($ref, validate);
  return validate;
}

const everyUser = ['GET /user_management/users/{id}', 'GET /user_management/users/external_id/{external_id}'];
const create = 'POST /user_management/users';
const list = 'GET /user_management/users';
const update = 'PUT /user_management/users/{id}';
const remove = 'DELETE /user_management/users/{id}';
const identities = 'GET /user_management/users/{id}/identities';
const sessions = 'GET /user_management/users/{id}/sessions';
const revoke = 'POST /user_management/sessions/revoke';
const authenticate = 'POST /user_management/authenticate';
const sendCode = 'POST /user_management/users/{id}/email_verification/send';
const confirmCode = 'POST /user_management/users/{id}/email_verification/confirm';
const magicAuth = 'POST /user_management/magic_auth';
const shownCodes = [
  'GET /user_management/email_verification/{id}',
  'GET /user_management/magic_auth/{id}',
  'GET /user_management/password_reset/{id}',
];
const sendChange = 'POST /user_management/users/{id}/email_change/send';
const confirmChange = 'POST /user_management/users/{id}/email_change/confirm';
const createReset = 'POST /user_management/password_reset';
const confirmReset = 'POST /user_management/password_reset/confirm';
const flows = [sendChange, confirmChange, createReset, confirmReset];
const codes = [sendCode, confirmCode, magicAuth, ...shownCodes, ...flows];
const events = 'GET /events';
const all = [list, create, ...everyUser, update, remove, identities, sessions, revoke, authenticate, ...codes, events];

const undocumented = (operations: string[], answer: string) => operations.map((o) => `${o} ${answer}: no such status`);
const unlisted = (operations: string[], answer: string) =>
  operations.map((o) => `${o} ${answer}: not as the schema says`);

/** Where Roster differs from WorkOS's documents on purpose, or says what they leave out. Nothing else may differ. */
export const deliberateDifferences: readonly string[] = [
  // The document says 200 without a body; WorkOS's own answer, and every SDK, take 204.
  ...undocumented([remove], '204'),
  // What any API answers and the document leaves out.
  ...undocumented(all, '401 unauthorized'),
  ...undocumented([update, revoke], '404 entity_not_found'),
  ...unlisted([create, update, authenticate, sendCode, confirmCode, magicAuth], '400 bad_request'),
  ...undocumented([create, update, revoke, authenticate, confirmCode, magicAuth], '413 payload_too_large'),
  ...undocumented([create, update, revoke, authenticate, confirmCode, magicAuth], '415 unsupported_media_type'),
  ...undocumented([list, ...everyUser, remove, identities, sessions, ...shownCodes], '400 bad_request'),
  ...undocumented(
    [...everyUser, remove, identities, revoke, sendCode, ...shownCodes],
    '422 invalid_request_parameters',
  ),
  ...undocumented([sendChange, createReset], '400 bad_request'),
  ...unlisted([confirmChange, confirmReset], '400 bad_request'),
  ...undocumented(flows, '413 payload_too_large'),
  ...undocumented(flows, '415 unsupported_media_type'),
  // Roster's own rules: versions, limits, addresses and locales on every way in.
  ...undocumented([...everyUser, update, remove], '412 version_mismatch'),
  ...undocumented(everyUser, '304'),
  ...unlisted([events], '422 invalid_request_parameters'), // one problem has no list of them
  ...unlisted([authenticate], '429 rate_limited'),
  ...undocumented([create, update], '429 rate_limited'),
  ...unlisted([create, magicAuth], '400 invalid_email'),
  ...unlisted([createReset], '422 invalid_email'),
  ...unlisted([create], '400 invalid_locale'),
  ...undocumented([list], '400 invalid_email'),
];

/** What the early document does not know yet. */
export const differencesOfTheEarlyOne: readonly string[] = unlisted(
  [create, update],
  '400 password_salt_position_requires_password_hash',
);
