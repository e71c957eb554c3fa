import type { App } from '../../src/app.ts';
import type { Session, StoredEvent, User } from '../../src/db/database.ts';
import type { NewEvent } from '../../src/events/event-types.ts';
import { waitFor } from './wait.ts';

/** An event with its text, and what that says. */
export interface Recorded extends Omit<StoredEvent, 'body'> {
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it looks for
  readonly body: any;
}

/** Every event after a position, in their order, once all that is committed has its own. */
export async function readEvents({ db }: Pick<App, 'db'>, after = 0): Promise<Recorded[]> {
  const { numberEvents } = db;
  const isNumbered = async () => (await db.reader.unnumberedEvent.count()) === 0;
  // Another process may be about to give them theirs; nobody waits for it.
  if (numberEvents) {
    await waitFor('the events to have positions', async () => {
      if (await isNumbered()) return true;
      await numberEvents(1000);
      return isNumbered();
    });
  }
  const events = await db.eventReads.list({ from: after + 1, order: 'asc', limit: 1_000_000 });
  return events.map(({ body, ...event }) => ({ ...event, text: body, body: JSON.parse(body) }));
}

/** The events that some work records. */
export async function recordedBy(app: App, work: () => Promise<unknown>, after?: number): Promise<Recorded[]> {
  const last = after ?? (await readEvents(app)).at(-1)?.position ?? 0;
  await work();
  return readEvents(app, last);
}

/** One event of each type that WorkOS has, as those who record it say it. */
export function workosExamples(user: User, session: Session): NewEvent[] {
  const now = new Date();
  const client = { ipAddress: '192.0.2.1', userAgent: null };
  const error = { code: 'invalid_credentials', message: 'Invalid credentials.' };
  const code = { id: 'magic_auth_01E4ZCR3C56J083X43JQXF3JK5', email: user.email, expiresAt: now, createdAt: now };
  return [
    { type: 'user.created', user },
    { type: 'user.updated', user, before: { ...user, name: 'before' } },
    { type: 'user.deleted', user },
    { type: 'session.created', user, session },
    { type: 'session.revoked', user, session },
    ...(['password', 'magic_auth', 'email_verification'] as const).flatMap((method): NewEvent[] => [
      { type: `authentication.${method}_succeeded`, user, client },
      { type: `authentication.${method}_failed`, user: null, email: null, client, error },
    ]),
    { type: 'email_verification.created', user, code },
    { type: 'magic_auth.created', user, code },
    { type: 'password_reset.created', user, code },
    { type: 'password_reset.succeeded', user, code },
  ];
}
