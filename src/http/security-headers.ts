/**
 * What every answer tells a browser that shows it all the same: nothing to load, nothing to frame, nothing to guess.
 * GraphiQL's page has a policy of its own. Strict-Transport-Security is missing: Roster speaks plain HTTP, where browsers
 * ignore it, and only whoever ends TLS knows whether the whole host name may never be reached without.
 */
export const securityHeaders: readonly (readonly [name: string, value: string])[] = [
  ['x-content-type-options', 'nosniff'],
  ['referrer-policy', 'no-referrer'],
  ['cross-origin-resource-policy', 'same-origin'],
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
];

/** Adds them to an answer, except what it says itself. */
export function secure(headers: Map<string, string>): void {
  for (const [name, value] of securityHeaders) if (!headers.has(name)) headers.set(name, value);
}
