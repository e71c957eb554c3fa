import { decodeTime, encodeTime, monotonicFactory } from 'ulid';
import { isStorableText } from './text.ts';

export type IdPrefix = 'user' | 'identity' | 'session' | 'key';

const nextUlid = monotonicFactory();

/**
 * A new id, and the moment of its creation, which is the id's own time: so ids sort exactly as creation does.
 * Within one process every id is greater than the one before, even when the clock stands still or goes back.
 */
export function newId(prefix: IdPrefix, now: Date): { id: string; createdAt: Date } {
  const ulid = nextUlid(now.getTime());
  return { id: `${prefix}_${ulid}`, createdAt: new Date(decodeTime(ulid)) };
}

/** Whether a text has the form of an id, and so is a place in the list of all ids, even when nothing there has it any more. */
export function isId(prefix: IdPrefix, text: string): boolean {
  return text.startsWith(`${prefix}_`) && /^[0-9A-HJKMNP-TV-Z]{26}$/.test(text.slice(prefix.length + 1));
}

/** The smallest user id that a user created at this moment, or later, can have; a time before 1970 counts as 1970. */
export function firstUserIdAt(time: Date): string {
  return `user_${encodeTime(Math.max(0, time.getTime()), 10)}${'0'.repeat(16)}`;
}

/** A text to look up: what no database can store matches nothing, as the empty text does. */
export function lookupKey(text: string): string {
  return isStorableText(text) ? text : '';
}
