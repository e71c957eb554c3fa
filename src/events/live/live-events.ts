import type { Logger } from 'pino';
import type { Database } from '../../db/database.ts';
import { DomainError } from '../../errors.ts';
import { lookupKey } from '../../input/ids.ts';
import { nowAndThen } from '../../log/now-and-then.ts';
import { assertScopes } from '../../principal/authorization.ts';
import type { Principal } from '../../principal/principal.ts';
import { unauthorized } from '../../principal/unauthorized.ts';
import type { EventType } from '../event-types.ts';
import { positionOf } from '../list.ts';
import { createFeed, type Feed } from './feed.ts';
import { type Following, follow } from './following.ts';
import { endRevoked, type Holder, holderId } from './holders.ts';

/** How many streams at a time: of one API key, of one user, and of this process. */
const maxStreams = { 'api-key': 20, user: 4, process: 1000 };

/** Whose key, token or session has ended, is found out within this time. */
export const checkMs = 1000;

/** What to follow. */
export interface Wanted {
  /** The id of the last event that was seen; without it, what happens from now on. */
  readonly after?: string | null | undefined;
  readonly userId?: string | undefined;
  readonly types?: readonly EventType[] | undefined;
}

/** Events as they happen, for whoever listens. */
export interface LiveEvents {
  /**
   * Follows events; a user only their own. Throws `forbidden`, `unknown_cursor`, `cursor_expired`, `too_many_streams`, and
   * `service_unavailable` while the process stops.
   */
  follow(principal: Principal, wanted: Wanted): Promise<Following>;
  /** Ends all of them, and lets no new one begin. */
  stop(): void;
}

interface Stream {
  readonly holder: Holder;
  end(this: void, error?: DomainError): void;
}

interface Given {
  readonly db: Pick<Database, 'eventReads' | 'reader'>;
  readonly log: Logger;
  readonly now: () => Date;
}

export function createLiveEvents({ db, log, now }: Given): LiveEvents {
  const feed = createFeed(db.eventReads, log);
  const streams = new Set<Stream>();
  const warn = nowAndThen((count) =>
    log.warn({ count }, 'whether those who follow events still may, was not found out'),
  );
  let checking: NodeJS.Timeout | undefined;
  let isStopped = false;

  function check(): void {
    endRevoked(db, streams, now()).catch(warn).finally(schedule);
  }

  function schedule(): void {
    checking = streams.size > 0 ? setTimeout(check, checkMs).unref() : undefined;
  }

  /** Takes a place among those who follow before anything is waited for, or many at once would get past the limit. */
  function takePlace(holder: Holder): { stream: Stream & { following?: Following }; leave: () => void } {
    assertPlace(streams, holder);
    const stream: Stream & { following?: Following } = { holder, end: (error) => stream.following?.end(error) };
    streams.add(stream);
    if (!checking) schedule();
    return { stream, leave: () => streams.delete(stream) };
  }

  return {
    async follow(principal, wanted) {
      const holder = holderOf(principal);
      const which = whichOf(holder, wanted);
      if (isStopped) throw stopping();
      const { stream, leave } = takePlace(holder);
      try {
        const following = await open(db, feed, wanted, which, leave);
        stream.following = following;
        if (isStopped) following.end();
        return following;
      } catch (error) {
        leave();
        throw error;
      }
    },
    stop() {
      isStopped = true;
      for (const stream of [...streams]) stream.end();
    },
  };
}

async function open(
  { eventReads: reads }: Given['db'],
  feed: Feed,
  { after }: Wanted,
  which: ReturnType<typeof whichOf>,
  onEnd: () => void,
): Promise<Following> {
  const leaveFeed = await feed.enter();
  try {
    const end = () => {
      leaveFeed();
      onEnd();
    };
    const position = typeof after === 'string' ? await positionOf(reads, after) : feed.head;
    return follow({ reads, feed, after: position, which, onEnd: end });
  } catch (error) {
    leaveFeed();
    throw error;
  }
}

function holderOf(principal: Principal): Holder {
  if (principal.kind === 'anonymous') throw unauthorized();
  if (principal.kind === 'api-key') assertScopes(principal, ['events:read']);
  return principal;
}

function whichOf(holder: Holder, { userId, types }: Wanted) {
  const asked = userId === undefined ? undefined : lookupKey(userId);
  if (holder.kind === 'user' && asked !== undefined && asked !== holder.userId) {
    throw new DomainError('forbidden', 'A signed-in user follows only what happens to themselves.');
  }
  return { userId: holder.kind === 'user' ? holder.userId : asked, types };
}

function assertPlace(streams: ReadonlySet<Stream>, holder: Holder): void {
  const most = maxStreams[holder.kind];
  const own = [...streams].filter((stream) => holderId(stream.holder) === holderId(holder)).length;
  if (own >= most) throw tooMany(`You follow events ${most} times already: end one before you begin another.`);
  if (streams.size >= maxStreams.process) throw tooMany('Too many follow events here. Try again in a moment.');
}

function tooMany(message: string): DomainError {
  return new DomainError('too_many_streams', message);
}

function stopping(): DomainError {
  return new DomainError('service_unavailable', 'This process stops. Try again in a moment.', { retryAfterSeconds: 1 });
}
