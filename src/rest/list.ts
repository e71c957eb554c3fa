import { parseInput, required } from '../input/input-rules.ts';
import { assertNoIssues } from '../input/validation-errors.ts';
import type { HttpResponse } from '../request/messages.ts';
import { listUsers } from '../users/list.ts';
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
