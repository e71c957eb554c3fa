import type { User } from '../db/database.ts';
import type { HttpRequest } from '../request/messages.ts';
import { findUser } from '../users/find.ts';
import type { RestApp } from './rest-app.ts';
import { UnreadableRequest } from './unreadable-request.ts';

/** No version is 0: an expectation that nothing fulfils. */
const noVersion = 0;

const entityTags = /^(?:(?:W\/)?"[^"]*"(?:[ \t]*,[ \t]*(?=.)|$))+$/;

/** The entity tag of a user (RFC 9110, section 8.8.3): the version. */
export function entityTag({ version }: User): string {
  return `"${version}"`;
}

/**
 * The version that `If-Match` asks for (RFC 9110, section 13.1.1); undefined where any will do. The comparison is strong:
 * a weak tag, or one that Roster never gave out, matches nothing. Of several, the one that is the current version counts.
 */
export async function readExpectedVersion(app: RestApp, request: HttpRequest, id: string): Promise<number | undefined> {
  const tags = readTags(request, 'if-match');
  if (!tags) return undefined;
  const versions = tags.map((tag) => Number(/^"([1-9]\d{0,9})"$/.exec(tag)?.[1] ?? noVersion));
  if (versions.length === 1) return versions[0];
  const current = (await findUser(app, { id }))?.version ?? noVersion;
  return versions.includes(current) ? current : noVersion;
}

/** Whether `If-None-Match` says that the client has this already (section 13.1.2). The comparison is weak. */
export function isKnown(request: HttpRequest, user: User): boolean {
  if (request.headers.get('if-none-match')?.trim() === '*') return true;
  return readTags(request, 'if-none-match')?.some((tag) => tag.replace(/^W\//, '') === entityTag(user)) ?? false;
}

/** The tags of a header; null without one, and for `*`. */
function readTags(request: HttpRequest, header: string): string[] | null {
  const value = request.headers.get(header)?.trim();
  if (value === undefined || value === '*') return null;
  if (!entityTags.test(value)) {
    throw new UnreadableRequest('bad_request', `${header}: expected an entity tag in quotes, such as "3", or *.`);
  }
  return value.match(/(?:W\/)?"[^"]*"/g) ?? [];
}
