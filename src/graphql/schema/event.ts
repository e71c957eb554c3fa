import { JSONObjectResolver } from 'graphql-scalars';
import type { StoredEvent } from '../../db/database.ts';
import type { ActorKind } from '../../events/actors.ts';
import { allEventTypes, type EventType as EventTypeName, eventTypes } from '../../events/event-types.ts';
import { listEvents } from '../../events/list.ts';
import { parseFilter } from '../../input/filter.ts';
import type { Principal } from '../../principal/principal.ts';
import { builder } from './builder.ts';
import { type Connection, PageInfo, pageArgs, parsePage, toConnection } from './paging.ts';
import { User } from './user.ts';

builder.addScalarType('JSONObject', JSONObjectResolver);

/** `user.updated` is `USER_UPDATED` here: an enum has no dots. */
export const EventType = builder.enumType('EventType', {
  description: 'What can happen.',
  values: Object.fromEntries(
    allEventTypes.map((type) => [
      type.replaceAll('.', '_').toUpperCase(),
      { value: type, description: eventTypes[type].describe },
    ]),
  ) as Record<string, { value: EventTypeName; description: string }>,
});

const ActorKindEnum = builder.enumType('ActorKind', {
  description: 'Who does something.',
  values: {
    API_KEY: { value: 'api_key', description: 'A backend, by its API key.' },
    USER: { value: 'user', description: 'A user, of themselves.' },
    CLI: { value: 'cli', description: 'The operator, by the command line.' },
    ROSTER: {
      value: 'roster',
      description: 'Roster itself: what somebody without credentials, or the time, brought about.',
    },
  } as const,
});

const EventActor = builder.objectRef<StoredEvent>('EventActor').implement({
  description: 'Who did it.',
  fields: (t) => ({
    kind: t.field({
      type: ActorKindEnum,
      description: 'What they are.',
      resolve: ({ actorKind }) => actorKind as ActorKind,
    }),
    id: t.exposeID('actorId', { description: 'The id of the API key or of the user; else `cli` or `roster`.' }),
    name: t.exposeString('actorName', { nullable: true, description: 'What the API key was called.' }),
  }),
});

export const Event = builder.objectRef<StoredEvent>('Event').implement({
  description: 'Something that happened. The same event has the same id wherever it is told of.',
  fields: (t) => ({
    id: t.exposeID('id', {
      description: '`event_` and a ULID. Its cursor; the order is that of the list, and not of ids.',
    }),
    type: t.field({ type: EventType, description: 'What happened.', resolve: ({ type }) => type as EventTypeName }),
    userId: t.exposeID('userId', { nullable: true, description: 'The user whom it is about, if it is about one.' }),
    userVersion: t.exposeInt('userVersion', { nullable: true, description: 'The `version` of the user after it.' }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When it happened. Never falls along the list.',
    }),
    actor: t.field({ type: EventActor, description: 'Who did it.', resolve: (event) => event }),
    requestId: t.exposeString('requestId', {
      nullable: true,
      description: 'The `X-Request-ID` of the request that it happened in.',
    }),
    data: t.field({
      type: 'JSONObject',
      description: 'What it is about, with the keys and values that REST has for it.',
      resolve: ({ body }, _args, { principal }) => shownTo(principal, JSON.parse(body).data),
    }),
    previousAttributes: t.field({
      type: 'JSONObject',
      nullable: true,
      description: 'Of `USER_UPDATED`: what the attributes of `data` that changed were before.',
      resolve: ({ body }) => JSON.parse(body).context.previous_attributes ?? null,
    }),
  }),
});

const EventEdge = builder.objectRef<StoredEvent>('EventEdge').implement({
  description: 'An event and its place in the list.',
  fields: (t) => ({
    cursor: t.exposeString('id', { description: 'The place in the list, for `after` and `before`.' }),
    node: t.field({ type: Event, description: 'The event.', resolve: (event) => event }),
  }),
});

const EventConnection = builder.objectRef<Connection<StoredEvent>>('EventConnection').implement({
  description: 'A page of events.',
  fields: (t) => ({
    edges: t.field({ type: [EventEdge], description: 'The events of this page.', resolve: ({ rows }) => [...rows] }),
    pageInfo: t.field({ type: PageInfo, description: 'Where this page stands.', resolve: (page) => page }),
  }),
});

const EventFilter = builder.inputType('EventFilter', {
  description:
    'Which events to list. All conditions must hold. An omitted one does not count; `null` is refused, or a value that is missing by mistake would list all.',
  fields: (t) => ({
    types: t.field({ type: [EventType], description: 'Only events of these types.' }),
    userId: t.id({ description: 'Only what is about this user, also after they are deleted.' }),
    createdFrom: t.field({ type: 'DateTime', description: 'Happened at this moment or later.' }),
    createdBefore: t.field({ type: 'DateTime', description: 'Happened before this moment.' }),
  }),
});

const args = pageArgs('events');

builder.queryField('events', (t) =>
  t.field({
    type: EventConnection,
    description:
      'What happened, oldest first, as long as it is kept. Whoever goes on from the last cursor that they saw misses nothing.',
    args: {
      first: t.arg.int(args.first),
      after: t.arg.string(args.after),
      last: t.arg.int(args.last),
      before: t.arg.string(args.before),
      filter: t.arg({ type: EventFilter, description: 'Which events. Omitted, or `null`: all.' }),
    },
    resolve: async (_root, { filter, ...given }, { app }) => {
      const page = parsePage(given, { prefix: 'event', what: 'events', order: 'asc' });
      const { events, hasMore } = await listEvents(app.db.eventReads, { ...page, filter: parseFilter(filter) });
      return toConnection(page, events, hasMore);
    },
  }),
);

builder.objectField(User, 'history', (t) =>
  t.field({
    type: EventConnection,
    description:
      'What happened to the user, newest first, as long as it is kept. An API key needs the scope `events:read`.',
    args: {
      first: t.arg.int(args.first),
      after: t.arg.string(args.after),
      last: t.arg.int(args.last),
      before: t.arg.string(args.before),
    },
    resolve: async ({ id: userId }, given, { app }) => {
      const page = parsePage(given, { prefix: 'event', what: 'events', order: 'desc' });
      const { events, hasMore } = await listEvents(app.db.eventReads, { ...page, filter: { userId } });
      return toConnection(page, events, hasMore);
    },
  }),
);

/** A user need not learn where a backend or the operator acts from, or who tries their password. */
function shownTo({ kind }: Principal, data: Record<string, unknown>): Record<string, unknown> {
  return kind === 'user' && 'ip_address' in data ? { ...data, ip_address: null } : data;
}

builder.subscriptionField('events', (t) =>
  t.field({
    type: Event,
    description:
      'What happens, as it happens, in the order of the list; a signed-in user follows what happens to themselves. After an interruption, go on with `after`.',
    args: {
      after: t.arg.id({ description: 'The id of the last event that was seen. Omitted: from now on.' }),
      userId: t.arg.id({
        description: 'Only what is about this user. Omitted: whatever it is about; `null` is refused.',
      }),
      types: t.arg({ type: [EventType], description: 'Only events of these types. Omitted: all; `null` is refused.' }),
    },
    subscribe: (_root, { after, ...filter }, { app, principal }) =>
      app.liveEvents.follow(principal, { after, ...parseFilter(filter) }),
    resolve: (event) => event,
  }),
);
