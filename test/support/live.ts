import { type Client, createClient } from 'graphql-sse';
import { onTestFinished } from 'vitest';
import { waitFor } from './wait.ts';

export interface ToldEvent {
  readonly id: string;
  readonly type: string;
  readonly userId: string | null;
  readonly data: Record<string, unknown>;
}

export interface EventStream {
  readonly events: ToldEvent[];
  readonly errors: { extensions: { code: string } }[];
  /** Resolves when it has ended, whatever the reason. */
  readonly ended: Promise<'complete' | 'cut'>;
  isConnected(): boolean;
  stop(): void;
}

export const eventsSubscription = `subscription ($after: ID, $userId: ID, $types: [EventType!]) {
  events(after: $after, userId: $userId, types: $types) { id type userId data }
}`;

/** Follows events as a client of GraphQL does; ended after the test. */
export function followEvents(url: string, credentials: string, variables: Record<string, unknown> = {}): EventStream {
  const events: ToldEvent[] = [];
  const errors: EventStream['errors'] = [];
  let isConnected = false;
  const client: Client = createClient({
    url: `${url}/graphql`,
    headers: { authorization: `Bearer ${credentials}` },
    retryAttempts: 0,
  });
  let stop = () => {};
  const ended = new Promise<'complete' | 'cut'>((resolve) => {
    stop = client.subscribe<{ events: ToldEvent }>(
      { query: eventsSubscription, variables },
      {
        next({ data, errors: told }) {
          if (data) events.push(data.events);
          if (told) errors.push(...(told as unknown as EventStream['errors']));
        },
        complete: () => resolve('complete'),
        error: () => resolve('cut'),
      },
      { connected: () => (isConnected = true) },
    );
  });
  onTestFinished(stop);
  return { events, errors, ended, isConnected: () => isConnected, stop };
}

/** One that has begun: the first bytes of its answer are there. */
export async function beginEvents(...given: Parameters<typeof followEvents>): Promise<EventStream> {
  const stream = followEvents(...given);
  await waitFor('the stream to begin', stream.isConnected);
  return stream;
}

export const idsOf = (events: readonly { id: string }[]) => events.map(({ id }) => id);
