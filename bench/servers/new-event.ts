import { monotonicFactory } from 'ulid';

const ulid = monotonicFactory();

type Names = { readonly first_name?: unknown; readonly last_name?: unknown };

/** The values of an event of an update of two names, in the order of `columns`. Its text is made here, as Roster makes it. */
export function newEvent(user: Record<string, unknown>, before: Names): unknown[] {
  const id = `event_${ulid()}`;
  const createdAt = new Date().toISOString();
  const actor = { id: 'key_bench', source: 'api', name: 'bench' };
  const context = { actor, previous_attributes: { first_name: before.first_name, last_name: before.last_name } };
  const body = { object: 'event', id, created_at: createdAt, event: 'user.updated', data: user, context };
  return [id, 'user.updated', user.id, user.version, 'api_key', actor.id, actor.name, JSON.stringify(body), createdAt];
}

export const columns = 'id, type, user_id, user_version, actor_kind, actor_id, actor_name, body, created_at';
