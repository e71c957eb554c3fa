import { DomainError, type Issue } from '../errors.ts';
import { allEventTypes } from '../events/event-types.ts';
import { type Parsed, parseInput, required, requireFields } from '../input/input-rules.ts';
import { safeName } from '../input/safe-name.ts';
import { assertNoIssues, ValidationError } from '../input/validation-errors.ts';
import { oneOf } from '../users/fields.ts';
import { mayBePrivate, type WebhookConfig } from './allowed-hosts.ts';
import { neverSentTypes } from './never-sent-types.ts';

export const endpointStatuses = ['enabled', 'disabled'] as const;
export type EndpointStatus = (typeof endpointStatuses)[number];

/** Every type that an endpoint may ask for. */
export const acceptedTypes: readonly string[] = [...allEventTypes, ...neverSentTypes];

export const maxUrlCharacters = 2048;

function rulesOf(config: WebhookConfig) {
  return {
    url: required((value) => parseUrl(config, value)),
    eventTypes: required(parseTypes),
    status: required(oneOf(...endpointStatuses)),
  };
}

/** What an endpoint is made, or changed, with. */
export type EndpointFields = Parsed<ReturnType<typeof rulesOf>>;

/** Throws `invalid_url`, or `invalid_request_parameters` with every problem. A new endpoint is enabled. */
export function parseNewEndpoint(
  config: WebhookConfig,
  input: unknown,
): Required<Pick<EndpointFields, 'url' | 'eventTypes'>> {
  const { status: _, ...rules } = rulesOf(config);
  const { fields, issues } = parseInput(rules, input);
  requireFields(['url', 'eventTypes'], fields, issues);
  assertValid(issues);
  return fields as Required<typeof fields>;
}

/** Throws as above. */
export function parseEndpointChange(config: WebhookConfig, input: unknown): EndpointFields {
  const { fields, issues } = parseInput(rulesOf(config), input);
  assertValid(issues);
  return fields;
}

/** WorkOS lists the problems of an endpoint, also where there is one; only the address has a code of its own. */
function assertValid(issues: Issue[]): void {
  const [issue] = issues;
  if (issues.length === 1 && issue && issue.code !== 'invalid_url') {
    const { field = '', message } = issue;
    throw new DomainError('invalid_request_parameters', message, { field: safeName(field), issues });
  }
  assertNoIssues(issues);
}

/**
 * Only what the text shows is judged here. Where the name leads is found out with each delivery, and told there: or whoever makes
 * endpoints could ask which names there are in our network.
 */
function parseUrl(config: WebhookConfig, value: unknown): string {
  if (typeof value !== 'string') throw new ValidationError('invalid_request_parameters', 'Expected a string.');
  const url = value.length <= maxUrlCharacters && URL.canParse(value) ? new URL(value) : null;
  const problem = url ? problemOf(config, url) : `Expected a URL of at most ${maxUrlCharacters} characters.`;
  if (problem !== null || !url) throw new ValidationError('invalid_url', problem ?? '');
  return url.href;
}

function problemOf(config: WebhookConfig, { protocol, hostname, port, username, password, href }: URL): string | null {
  const isTrusted = mayBePrivate(config, hostname);
  if (protocol !== 'https:' && !(isTrusted && protocol === 'http:'))
    return 'Webhooks are sent by https, and by http only to hosts in WEBHOOK_ALLOWED_HOSTS.';
  if (username || password) return 'The URL may hold no user name and no password.';
  if (href.includes('#')) return 'The URL may hold no fragment.';
  if (port && Number(port) < 1024 && !isTrusted)
    return 'The port may be 443, or 1024 and above; others only of hosts in WEBHOOK_ALLOWED_HOSTS.';
  return href.length > maxUrlCharacters ? `Expected a URL of at most ${maxUrlCharacters} characters.` : null;
}

function parseTypes(value: unknown): string[] {
  if (!Array.isArray(value) || value.length === 0)
    throw new ValidationError('invalid_request_parameters', 'Expected a list of at least one type of event.');
  if (value.some((type) => !acceptedTypes.includes(type)))
    throw new ValidationError('invalid_request_parameters', 'Expected types of events, such as user.updated.');
  return [...new Set<string>(value)];
}
