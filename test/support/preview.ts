import fc from 'fast-check';
import type { App } from '../../src/app.ts';
import { createCode, createToken, holderOf } from '../../src/codes/create.ts';
import { purposes } from '../../src/codes/purposes.ts';
import type { CodePurpose } from '../../src/input/ids.ts';
import { changePurposes } from '../../src/users/email-change.ts';
import { setUserManaged } from '../../src/users/managed.ts';
import { anybody } from './codes.ts';
import { readEvents } from './events.ts';
import { password } from './sessions.ts';
import { storeSessions } from './stored-sessions.ts';
import { linkAddresses, makeUser, newAddress } from './users.ts';

const bcryptHash = '$2b$10$abcdefghijklmnopqrstuuMZQpx0Np8UXlNYU5gRMVSpzqMTpcGGi';

/** What a user has before the update. */
export const situation = fc.record({
  emailVerified: fc.boolean(),
  hasPassword: fc.boolean(),
  managed: fc.boolean(),
  metadata: fc.constantFrom({}, { plan: 'team', seat: '9' }),
  identities: fc.array(fc.constantFrom('own', 'other', null), { maxLength: 3 }),
  sessions: fc.nat({ max: 25 }),
  codes: fc.uniqueArray(fc.constantFrom(...(Object.keys(purposes) as CodePurpose[]))),
});
/** That of a user who has nothing but an address. */
export const plainSituation = {
  ...{ emailVerified: false, hasPassword: false, managed: false, metadata: {} },
  ...{ identities: [], sessions: 0, codes: [] },
};
export type Situation = typeof situation extends fc.Arbitrary<infer T> ? T : never;

/** What is asked for. `taken` stands for the address and the external id of somebody else, `new` for some of nobody. */
export const wanted = fc.record(
  {
    email: fc.constantFrom('new', 'taken', 'same', 'no address'),
    emailVerified: fc.boolean(),
    firstName: fc.constantFrom('Ada', 'Grace', null, 'x'.repeat(300)),
    externalId: fc.constantFrom('new', 'taken', null),
    locale: fc.constantFrom('de-DE', 'en_US_', null),
    metadata: fc.constantFrom(null, {}, { plan: 'one' }, { plan: null }, tooManyPairs()),
    password: fc.constantFrom('weak', 'correct orchid battery sundial'),
    passwordHash: fc.constantFrom(bcryptHash, 'no hash'),
    passwordHashType: fc.constant('bcrypt'),
  },
  { requiredKeys: [] },
);
export type Wanted = Record<string, unknown>;

function tooManyPairs(): Record<string, string> {
  return Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`key${i}`, 'value']));
}

/** Whether a code of this purpose belongs to a pending change of the address, and is about the new one. */
export const isChange = (purpose: string) => changePurposes.some((one) => one === purpose);

const addressOf = (address: string) => ({ email: address, emailCanonical: address.toLowerCase() });

/** A user in this situation. */
export async function arrange(app: App, given: Situation) {
  const { emailVerified, hasPassword, metadata } = given;
  const user = await makeUser(app, { emailVerified, metadata, ...(hasPassword && { password }) });
  const addresses = given.identities.map((whose) => (whose === 'own' ? user.email : whose && newAddress()));
  if (given.managed) await setUserManaged(app, 'roster', user.id, true);
  await linkAddresses(app, user.id, addresses);
  await storeSessions(app, user.id, { count: given.sessions });
  await app.db.transaction(async (tx) => {
    for (const purpose of given.codes) {
      const make = (purposes[purpose].form === 'code' ? createCode : createToken) as typeof createCode;
      const holder = isChange(purpose) ? { ...holderOf(user), ...addressOf(newAddress()) } : holderOf(user);
      await make(app, tx, purpose as 'magic_auth', holder, anybody);
    }
  });
  return app.db.reader.user.findUniqueOrThrow({ where: { id: user.id } });
}

/** The input, with values in the place of the words that stand for them. */
export function inputOf(wanted: Wanted, own: string, taken: { email: string; externalId: string | null }): Wanted {
  const values: Record<string, Record<string, unknown>> = {
    email: { new: newAddress(), taken: taken.email, same: own.toUpperCase() },
    externalId: { new: newAddress(), taken: taken.externalId },
  };
  const entries = Object.entries(wanted).map(([field, value]) => [field, values[field]?.[String(value)] ?? value]);
  return Object.fromEntries(entries);
}

/** All rows of a user, and of what follows from what is done to them. */
export async function rowsOf(app: App, id: string) {
  const { reader } = app.db;
  const ofUser = { where: { userId: id }, orderBy: { id: 'asc' } } as const;
  return {
    user: await reader.user.findUniqueOrThrow({ where: { id }, include: { password: true } }),
    identities: await reader.identity.findMany(ofUser),
    sessions: await reader.session.findMany(ofUser),
    codes: await reader.oneTimeCode.findMany(ofUser),
    events: (await readEvents(app)).filter(({ userId }) => userId === id),
    mails: await reader.mailMessage.count(),
    jobs: await reader.job.count(),
  };
}
