import { hash } from 'node:crypto';
import { encodeTime } from 'ulid';
import { isId } from '../../input/ids.ts';

/** Whether it is an id of this kind whose time is one. */
export function isUlidId(prefix: 'user' | 'identity', id: string): boolean {
  return isId(prefix, id) && /^[0-7]/.test(id.slice(prefix.length + 1));
}

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A ULID whose random part is not: whoever is imported again has the same id. */
export function madeId(prefix: 'user' | 'identity', createdAt: Date, key: readonly string[]): string {
  const digest = hash('sha256', JSON.stringify(key), 'buffer');
  let random = '';
  for (let i = 0; i < 16; i += 1) random += crockford[(digest[i] as number) % 32];
  return `${prefix}_${encodeTime(createdAt.getTime(), 10)}${random}`;
}
