import type { Identity, User } from '../db/database.ts';
import type { UserQuery } from '../db/user-query.ts';
import { parseInput, required } from '../input/input-rules.ts';
import { assertNoIssues, ValidationError } from '../input/validation-errors.ts';
import { emptyResponse, type HttpResponse } from '../request/messages.ts';
import { createUser } from '../users/create.ts';
import { deleteUser } from '../users/delete.ts';
import { findUser, type UserKey } from '../users/find.ts';
import { previewUpdateUser } from '../users/preview-update.ts';
import { updateUser } from '../users/update.ts';
import { userNotFound, versionMismatch } from '../users/user-errors.ts';
import { toInput } from './body-input.ts';
import { type Call, json } from './call.ts';
import { entityTag, isKnown, readExpectedVersion } from './preconditions.ts';
import type { RestApp } from './rest-app.ts';
import { presentUser, unusedOnCreate, userInputs } from './wire.ts';
import { presentIdentity } from './wire-identities.ts';
import { presentPreview } from './wire-preview.ts';

/** `POST /user_management/users` */
export async function answerCreate({ perform, body, userAgent }: Call): Promise<HttpResponse> {
  const input = toInput(await body(), { fields: userInputs, unused: unusedOnCreate, userAgent });
  return answerUser(201, await perform((app, actor) => createUser(app, actor, input)));
}

/** `PUT /user_management/users/{id}`; with `dry_run=true` it only answers what it would do. */
export async function answerUpdate({
  app,
  authenticate,
  perform,
  body,
  key: id,
  ...call
}: Call): Promise<HttpResponse> {
  const { request, userAgent, query } = call;
  const input = toInput(await body(), { fields: userInputs, userAgent, idInPath: id });
  const { fields, issues } = parseInput({ dry_run: required(parseFlag) }, query);
  assertNoIssues(issues);
  const expectation = { expectedVersion: await readExpectedVersion(app, request, id) };
  if (!fields.dry_run)
    return answerUser(200, await perform((keeping, actor) => updateUser(keeping, actor, id, input, expectation)));
  const actor = await authenticate();
  const preview = await previewUpdateUser(app, actor, id, input, expectation);
  return json(200, presentPreview(preview, actor, app.now()));
}

/** `GET /user_management/users/{id}` */
export async function answerGet(call: Call): Promise<HttpResponse> {
  return answerFound(call, await getUser(call.app, { id: call.key }));
}

/** `GET /user_management/users/external_id/{external_id}` */
export async function answerGetByExternalId(call: Call): Promise<HttpResponse> {
  return answerFound(call, await getUser(call.app, { externalId: call.key }));
}

/** `DELETE /user_management/users/{id}` */
export async function answerDelete({ app, perform, key: id, query, request }: Call): Promise<HttpResponse> {
  const expectedVersion = await readExpectedVersion(app, request, id);
  const { fields, issues } = parseInput({ erase: required(parseFlag) }, query);
  assertNoIssues(issues);
  const options = { expectedVersion, erase: fields.erase };
  await perform((keeping, actor) => deleteUser(keeping, actor, id, {}, options));
  return emptyResponse(204);
}

/** `GET /user_management/users/{id}/identities`: a bare array, as WorkOS has it. */
export async function answerIdentities({ app, key: id }: Call): Promise<HttpResponse> {
  const query = { include: { identities: { orderBy: { id: 'asc' } } } } as const;
  const { identities } = (await getUser(app, { id }, query)) as User & { identities: Identity[] };
  return json(200, identities.map(presentIdentity));
}

function parseFlag(text: unknown): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw new ValidationError('invalid_request_parameters', 'Expected true or false.');
}

async function getUser(
  app: RestApp,
  key: Extract<UserKey, { id: string } | { externalId: string }>,
  query?: UserQuery,
) {
  const user = await findUser(app, key, query);
  if (!user) throw userNotFound('id' in key ? key.id : key.externalId);
  return user;
}

async function answerFound({ app, request }: Call, user: User): Promise<HttpResponse> {
  const expectedVersion = await readExpectedVersion(app, request, user.id);
  if (expectedVersion !== undefined && expectedVersion !== user.version) throw versionMismatch(user.version);
  if (isKnown(request, user)) return emptyResponse(304, { etag: entityTag(user) });
  return answerUser(200, user);
}

function answerUser(status: number, user: User): HttpResponse {
  return json(status, presentUser(user), { etag: entityTag(user) });
}
