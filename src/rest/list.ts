import type { HttpResponse } from '../http-messages.ts';
import { listUsers } from '../users/find.ts';
import { parseInput, required } from '../users/input.ts';
import { assertNoIssues } from '../users/malformed.ts';
import { type Call, json } from './call.ts';
import { pageFields, presentList, toPage } from './paging.ts';
import { presentUser } from './wire.ts';

const queryFields = { ...pageFields('user'), email: required((email) => email as string) };

/** `GET /user_management/users`: a page in the order of creation, and the cursors of its neighbours. */
export async function answerList({ app, query }: Call): Promise<HttpResponse> {
  const { fields, issues } = parseInput(queryFields, query);
  assertNoIssues(issues);
  const { users, hasMore } = await listUsers(app, { ...toPage(fields), filter: { email: fields.email } });
  return json(200, presentList(fields, users, hasMore, presentUser));
}
