import type { Operations } from '../call.ts';
import { answerEvents } from '../events.ts';

/** Where what happened is read. */
export const eventRoutes: Operations = {
  '/events': {
    GET: {
      id: 'listEvents',
      scopes: ['events:read'],
      summary: 'A page of what happened, oldest first.',
      defaultOrder: 'asc',
      query: ['events', 'range_start', 'range_end', 'limit', 'order', 'before', 'after'],
      status: 200,
      gives: 'EventList',
      errors: ['unknown_cursor', 'cursor_expired'],
      answer: answerEvents,
    },
  },
};
