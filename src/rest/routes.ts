import type { Operations } from './call.ts';
import { codeRoutes } from './routes/codes.ts';
import { eventRoutes } from './routes/events.ts';
import { passwordResetRoutes } from './routes/password-reset.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { userRoutes } from './routes/users.ts';
import { webhookEndpointRoutes } from './routes/webhook-endpoints.ts';

/** Everything that is served. A template leaves one part of its path open at most. */
export const routes: Operations = {
  ...userRoutes,
  ...codeRoutes,
  ...passwordResetRoutes,
  ...sessionRoutes,
  ...eventRoutes,
  ...webhookEndpointRoutes,
};

/**
 * The open part of each template. The SDK for JavaScript does not encode external ids, so a `/` in one comes as it is; no
 * other path goes on after an external id.
 */
const openParts: Record<string, string> = { '{id}': '([^/]+)', '{external_id}': '(.+)' };

const patterns = Object.keys(routes).map((template) => ({
  template,
  pattern: new RegExp(`^${template.replace(/\{\w+\}/, (name) => openParts[name] ?? name)}$`),
}));

/** The template that a path follows, the first in the table, and the open part, still encoded; null for another path. */
export function matchRoute(pathname: string): { template: string; key: string } | null {
  for (const { template, pattern } of patterns) {
    const match = pattern.exec(pathname);
    if (match) return { template, key: match[1] ?? '' };
  }
  return null;
}
