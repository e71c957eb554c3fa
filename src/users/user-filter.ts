import { DomainError } from '../errors.ts';

/** Which users to list; all of it must hold. What is undefined does not count. */
export interface UserFilter {
  readonly email?: string | undefined;
  readonly externalId?: string | undefined;
  readonly emailVerified?: boolean | undefined;
  readonly managed?: boolean | undefined;
  /** The provider of an identity. */
  readonly provider?: string | undefined;
  readonly neverSignedIn?: boolean | undefined;
  /** Created at this moment or later. */
  readonly createdFrom?: Date | undefined;
  /** Created before this moment. */
  readonly createdBefore?: Date | undefined;
  /** Signed in, and last before this moment. */
  readonly lastSignInBefore?: Date | undefined;
  readonly emailStartsWith?: string | undefined;
  /** Created or changed at this moment or later. */
  readonly updatedSince?: Date | undefined;
}

export type FilterName = keyof UserFilter;
export type Sorting = 'CREATED_AT' | 'LAST_SIGN_IN_AT' | 'EMAIL' | 'UPDATED_AT';

export type UserOrder = `${Sorting}_${'ASC' | 'DESC'}`;

/** The order that a filter has an index for, and the other filters that the same index serves. */
interface Rule {
  readonly by: Sorting;
  readonly with: readonly FilterName[];
}

const times = ['createdFrom', 'createdBefore'] as const;
const ofOneUser = ['email', 'externalId', 'emailVerified'] as const;
const created = (...others: readonly FilterName[]): Rule => ({ by: 'CREATED_AT', with: others });
const alone = (by: Sorting): Rule => ({ by, with: [] });

const rules: Record<FilterName, Rule> = {
  email: created('externalId', 'emailVerified', ...times),
  externalId: created('email', 'emailVerified', ...times),
  emailVerified: created('email', 'externalId', ...times),
  managed: created(...times),
  provider: created(...times),
  neverSignedIn: created(...times),
  createdFrom: created(...ofOneUser, 'managed', 'provider', 'neverSignedIn', 'createdBefore'),
  createdBefore: created(...ofOneUser, 'managed', 'provider', 'neverSignedIn', 'createdFrom'),
  lastSignInBefore: alone('LAST_SIGN_IN_AT'),
  emailStartsWith: alone('EMAIL'),
  updatedSince: alone('UPDATED_AT'),
};

/** Orders that a list without a filter can have. */
const ofAllUsers: readonly Sorting[] = ['CREATED_AT', 'LAST_SIGN_IN_AT', 'EMAIL'];

/**
 * The order of the list: the one that is asked for, or that of the filter, the newest users first. Throws for a combination that
 * no index serves: whoever asked would wait for a scan of all users, and everybody else with them.
 */
export function orderOf(
  filter: UserFilter,
  order: UserOrder | null | undefined,
): { by: Sorting; direction: 'asc' | 'desc' } {
  const given = namesOf(filter);
  const asked = order && parseOrder(order);
  for (const name of given) {
    const rule = rules[name];
    const other = given.find((each) => each !== name && !rule.with.includes(each));
    if (other) throw refused(`\`${name}\` does not go together with \`${other}\`. ${tell(name, rule)}`);
    if (asked && asked.by !== rule.by)
      throw refused(`\`${name}\` does not go with the order ${asked.by}. ${tell(name, rule)}`);
  }
  if (asked && given.length === 0 && !ofAllUsers.includes(asked.by)) {
    const name = Object.entries(rules).find(([, { by }]) => by === asked.by)?.[0];
    throw refused(`The order ${asked.by} goes with \`${name}\` alone.`);
  }
  const by = given[0] ? rules[given[0]].by : 'CREATED_AT';
  return asked ?? { by, direction: by === 'CREATED_AT' ? 'desc' : 'asc' };
}

function parseOrder(order: UserOrder) {
  const by = order.replace(/_(ASC|DESC)$/, '') as Sorting;
  return { by, direction: order.endsWith('_ASC') ? 'asc' : 'desc' } as const;
}

function namesOf(filter: UserFilter): FilterName[] {
  return (Object.keys(rules) as FilterName[]).filter((name) => filter[name] !== undefined);
}

function tell(name: FilterName, { by, with: others }: Rule): string {
  const together = others.length > 0 ? `with ${list(others)}, and ` : '';
  return `\`${name}\` goes ${together}with the order ${by}.`;
}

function list(names: readonly string[]): string {
  const quoted = names.map((name) => `\`${name}\``);
  const last = quoted.pop();
  return quoted.length > 0 ? `${quoted.join(', ')} and ${last}` : String(last);
}

function refused(message: string): DomainError {
  return new DomainError('invalid_request_parameters', message, { field: 'filter' });
}
