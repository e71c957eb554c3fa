import { hash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { encodeTime } from 'ulid';

/** Of cost 10, as Auth0 makes them. */
const bcrypt = '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy';

/** When the first was created; they follow a second apart. */
const startMs = 1_700_000_000_000;

/** A user as Auth0 has them: in the order of their creation, while addresses and ids are in none. */
function madeUpUser(i: number) {
  const random = hash('sha256', String(i));
  return {
    user_id: `auth0|${random.slice(0, 24)}`,
    email: `${random.slice(30, 38)}.${i}@example.com`,
    email_verified: i % 5 > 0,
    given_name: 'Ada',
    family_name: 'Lovelace',
    name: 'Ada Lovelace',
    created_at: new Date(startMs + i * 1000).toISOString(),
    user_metadata: { plan: 'pro' },
    password_hash: bcrypt,
  };
}

/** The columns of a row of users and of one of passwords, as an import of this user writes them. */
export function rowsOf(i: number) {
  const user = madeUpUser(i);
  const { email, created_at: at } = user;
  const id = `user_${encodeTime(startMs + i * 1000, 10)}${user.user_id.slice(6, 22).toUpperCase()}`;
  return {
    user: [id, email, email, user.email_verified, 'Ada', 'Lovelace', user.name, user.user_id, '{"plan":"pro"}', at, at],
    password: [id, user.password_hash, 'bcrypt', 'imported', at],
  };
}

export const userColumns =
  'id, email, email_canonical, email_verified, first_name, last_name, name, external_id, metadata, created_at, updated_at';
export const passwordColumns = 'user_id, hash, type, origin, changed_at';

/** Writes so many users as JSON lines. */
export async function writeUsers(file: string, users: number): Promise<void> {
  const out = createWriteStream(file);
  for (let from = 0; from < users; from += 1000) {
    const lines = Array.from({ length: Math.min(1000, users - from) }, (_, i) => JSON.stringify(madeUpUser(from + i)));
    if (!out.write(`${lines.join('\n')}\n`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}
