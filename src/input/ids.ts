import { randomFillSync } from 'node:crypto';
import { encodeTime, monotonicFactory } from 'ulid';
import { isStorableText } from './text.ts';

/** What codes and tokens that count once are for, which their ids begin with. */
export type CodePurpose =
  | 'email_verification'
  | 'magic_auth'
  | 'email_change'
  | 'email_change_approval'
  | 'password_reset'
  | 'pending_authentication';

export type IdPrefix = 'user' | 'identity' | 'session' | 'key' | 'job' | 'mail' | 'event' | 'we' | 'whd' | CodePurpose;

/** A clock that is set back by more was wrong before, and what is new belongs to the present. */
const maxLeadMs = 60_000;

/** Makes the ids of one kind, and knows the time of the latest. */
interface Sequence {
  next: (time: number) => string;
  latestTime: number;
}

const sequences = new Map<IdPrefix, Sequence>();

const randomBytes = new Uint8Array(4096);
let usedBytes = randomBytes.length;

/** A random number from 0 to below 1 for each character of an id. Asking the system for each byte costs a hundred times as much. */
function random(): number {
  if (usedBytes === randomBytes.length) {
    randomFillSync(randomBytes);
    usedBytes = 0;
  }
  const byte = randomBytes[usedBytes] as number;
  usedBytes += 1;
  return byte / 256;
}

/**
 * A new id, and the moment of its creation, which is the id's own time: so ids of one kind sort exactly as creation does.
 * Within one process every id is greater than the one before, even when the clock stands still or goes back by up to a minute.
 */
export function newId(prefix: IdPrefix, now: Date): { id: string; createdAt: Date } {
  const time = now.getTime();
  let sequence = sequences.get(prefix);
  if (!sequence || sequence.latestTime - time > maxLeadMs) {
    sequence = { next: monotonicFactory(random), latestTime: 0 };
    sequences.set(prefix, sequence);
  }
  sequence.latestTime = Math.max(sequence.latestTime, time);
  return { id: `${prefix}_${sequence.next(time)}`, createdAt: new Date(sequence.latestTime) };
}

/** Whether a text has the form of an id, and so is a place in the list of all ids, even when nothing there has it any more. */
export function isId(prefix: IdPrefix, text: string): boolean {
  return text.startsWith(`${prefix}_`) && /^[0-9A-HJKMNP-TV-Z]{26}$/.test(text.slice(prefix.length + 1));
}

/** The smallest id that what was created at this moment, or later, can have; a time before 1970 counts as 1970. */
export function firstIdAt(prefix: IdPrefix, time: Date): string {
  return `${prefix}_${encodeTime(Math.max(0, time.getTime()), 10)}${'0'.repeat(16)}`;
}

/** A text to look up: what no database can store matches nothing, as the empty text does. */
export function lookupKey(text: string): string {
  return isStorableText(text) ? text : '';
}
