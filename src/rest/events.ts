import { type EventType, isEventType, workosEventTypes } from '../events/event-types.ts';
import { listEvents } from '../events/list.ts';
import { parseInput, required } from '../input/input-rules.ts';
import { assertNoIssues, ValidationError } from '../input/validation-errors.ts';
import type { HttpResponse } from '../request/messages.ts';
import { type Call, json } from './call.ts';
import { pageFields, presentList, toPage } from './paging.ts';

const queryFields = {
  ...pageFields('event'),
  events: required(parseTypes),
  range_start: required(parseMoment),
  range_end: required(parseMoment),
};

/**
 * `GET /events`: a page of what happened, oldest first, unless it is asked for otherwise: whoever reads on from the last event
 * they know wants what came after it. Roster's own types are for who names them: WorkOS's SDKs lose what they do not know.
 */
export async function answerEvents({ app, query }: Call): Promise<HttpResponse> {
  const { fields, issues } = parseInput(queryFields, query);
  assertNoIssues(issues);
  const { events: types = workosEventTypes, range_start, range_end, order = 'asc', ...page } = fields;
  const asked = { ...page, order };
  const filter = { types, createdFrom: range_start, createdBefore: range_end };
  const { events, hasMore } = await listEvents(app.db.eventReads, { ...toPage(asked), filter });
  return json(
    200,
    presentList(asked, events, hasMore, ({ body }) => JSON.parse(body)),
  );
}

/** Names of types, separated by commas. */
function parseTypes(list: unknown): EventType[] {
  const names = String(list).split(',').filter(Boolean);
  const unknown = names.filter((name) => !isEventType(name));
  if (unknown.length > 0 || names.length === 0)
    throw new ValidationError('invalid_request_parameters', 'Expected types of events, separated by commas.');
  return [...new Set(names.filter(isEventType))];
}

/** ISO 8601: a day, or a moment with its offset from UTC, which JavaScript would otherwise take from where it runs. */
const moments = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d))?$/;

function parseMoment(text: unknown): Date {
  const moment = new Date(moments.test(String(text)) ? String(text) : Number.NaN);
  if (!Number.isNaN(moment.getTime())) return moment;
  throw new ValidationError(
    'invalid_request_parameters',
    'Expected a moment of ISO 8601, such as 2026-01-15T12:00:00Z.',
  );
}
