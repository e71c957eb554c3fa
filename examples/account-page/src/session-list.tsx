import { useRef, useState } from 'react';
import { useMutation } from 'urql';
import type { ViewerQuery } from './generated/graphql.ts';
import { EndSession } from './operations.ts';
import { findProblems } from './problems.ts';
import { getSessionId } from './session.ts';

type Session = NonNullable<ViewerQuery['viewer']>['sessions'][number];

interface Props {
  readonly sessions: readonly Session[];
  readonly onSignOut: () => void;
}

export function SessionList({ sessions, onSignOut }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  const [notice, setNotice] = useState('');
  const [, end] = useMutation(EndSession);
  async function endOther(session: Session): Promise<void> {
    const { error } = await end({ id: session.id });
    setNotice(error ? (findProblems(error, []).general ?? '') : `Signed out: ${describeBrowser(session)}.`);
    heading.current?.focus(); // the button that had the focus goes with its session
  }
  return (
    <section>
      <h2 id="sessions" ref={heading} tabIndex={-1}>
        Where you are signed in
      </h2>
      <ul aria-labelledby="sessions">
        {sessions.map((session) => (
          <SessionItem
            key={session.id}
            session={session}
            isThisOne={session.id === getSessionId()}
            onEnd={() => (session.id === getSessionId() ? onSignOut() : void endOther(session))}
          />
        ))}
      </ul>
      <output className="notice">{notice}</output>
    </section>
  );
}

interface ItemProps {
  readonly session: Session;
  readonly isThisOne: boolean;
  readonly onEnd: () => void;
}

function SessionItem({ session, isThisOne, onEnd }: ItemProps) {
  const browser = describeBrowser(session);
  const since = formatTime(session.createdAt);
  return (
    <li>
      <div>
        <p>
          {browser} {isThisOne && <span className="badge">This one</span>}
        </p>
        <p className="hint">
          Since <time dateTime={session.createdAt}>{since}</time>
          {session.ipAddress && ` from ${session.ipAddress}`}
          {session.updatedAt !== session.createdAt && (
            <>
              , last seen <time dateTime={session.updatedAt}>{formatTime(session.updatedAt)}</time>
            </>
          )}
        </p>
      </div>
      <button type="button" className="quiet" aria-label={`Sign out ${browser}, since ${since}`} onClick={onEnd}>
        Sign out
      </button>
    </li>
  );
}

const formatTime = (time: string) =>
  new Date(time).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** Names for what people know; the order matters, since most browsers claim to be others as well. */
const browsers = { Edge: /Edg\//, Opera: /OPR\//, Firefox: /Firefox\//, Chrome: /Chrom/, Safari: /Safari\// };
const systems = {
  Android: /Android/,
  iPhone: /iPhone/,
  iPad: /iPad/,
  Windows: /Windows/,
  Mac: /Mac OS/,
  Linux: /Linux/,
};

function describeBrowser({ userAgent }: Session): string {
  const find = (names: Record<string, RegExp>) =>
    Object.entries(names).find(([, pattern]) => pattern.test(userAgent ?? ''))?.[0];
  const [browser, system] = [find(browsers), find(systems)];
  if (browser && system) return `${browser} on ${system}`;
  return browser ?? system ?? (userAgent?.slice(0, 60) || 'Unknown browser or app');
}
