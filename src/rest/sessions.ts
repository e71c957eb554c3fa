import { parseInput, required, requireFields } from '../input/input-rules.ts';
import { assertNoIssues } from '../input/validation-errors.ts';
import { emptyResponse, type HttpResponse } from '../request/messages.ts';
import { findActiveSessions } from '../sessions/find.ts';
import { revokeSession } from '../sessions/revoke.ts';
import { findUser } from '../users/find.ts';
import { userNotFound } from '../users/user-errors.ts';
import { parseString } from './bodies.ts';
import { toInput } from './body-input.ts';
import { type Call, json } from './call.ts';
import { pageFields, presentList, toPage } from './paging.ts';
import { presentSession, revocationFields } from './wire.ts';

/** `GET /user_management/users/{id}/sessions`: a page of the active sessions of a user. */
export async function answerSessions({ app, key: userId, query }: Call): Promise<HttpResponse> {
  const { fields, issues } = parseInput(pageFields('session'), query);
  assertNoIssues(issues);
  if (!(await findUser(app, { id: userId }))) throw userNotFound(userId);
  const { rows, hasMore } = await findActiveSessions(app, userId, toPage(fields));
  const now = app.now();
  return json(
    200,
    presentList(fields, rows, hasMore, (session) => presentSession(session, now)),
  );
}

/** `POST /user_management/sessions/revoke`: 200 without a body, as WorkOS has it. */
export async function answerRevoke({ body, perform, userAgent }: Call): Promise<HttpResponse> {
  const input = toInput(await body(), { fields: revocationFields, userAgent });
  const { fields, issues } = parseInput({ sessionId: required(parseString) }, input);
  requireFields(['sessionId'], fields, issues);
  assertNoIssues(issues);
  await perform((app, actor) => revokeSession(app, actor, fields.sessionId as string));
  return emptyResponse(200);
}
