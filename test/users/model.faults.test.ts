import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseEmail } from '../../src/users/email.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { LinkIdentity, UnlinkIdentity, UpdateUser } from '../support/documents.ts';
import { makeUser } from '../support/users.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp();
});
afterAll(() => t.close());

interface Model {
  email: string;
  emailVerified: boolean;
  firstName: string | null;
  locale: string | null;
  metadata: Record<string, string>;
  identities: { id: string; email: string | null }[];
  version: number;
}

const addresses = [
  'ada@example.com',
  ' ADA@example.com',
  'grace@example.com',
  'Grace@Example.com',
  'zoë@例え.jp',
  'zoë@xn--r8jz45g.jp',
];
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const input = fc.record(
  {
    email: fc.constantFrom(...addresses),
    emailVerified: fc.constant(true),
    firstName: fc.option(fc.constantFrom('Ada', 'Grace', '')),
    locale: fc.option(fc.constantFrom('en-US', 'en-us', 'de')),
    metadata: fc.option(fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.option(fc.constantFrom('1', '')))),
  },
  { requiredKeys: [] },
);

const operation = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('update' as const), input }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('link' as const), email: maybe(fc.constantFrom(...addresses)) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('unlink' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('refused' as const), input }) },
);

const canonical = (email: string) => parseEmail(email)?.canonical;

/** The contract in a few lines: what an accepted update does. */
function applyUpdate(model: Model, change: Record<string, unknown>): Model {
  const next: Model = { ...model };
  if (typeof change.email === 'string') {
    next.email = change.email.trim();
    if (canonical(change.email) !== canonical(model.email)) {
      next.emailVerified = false;
      next.identities = model.identities.filter((identity) => isOf(identity, next.email));
    }
  }
  if (change.emailVerified === true) next.emailVerified = true;
  if (change.firstName !== undefined) next.firstName = change.firstName as string | null;
  if (change.locale !== undefined) next.locale = change.locale === 'en-us' ? 'en-US' : (change.locale as string | null);
  const patch = change.metadata as Record<string, string | null> | null | undefined;
  if (patch === null || (patch && Object.keys(patch).length === 0)) next.metadata = {};
  else if (patch) {
    const merged = Object.entries({ ...model.metadata, ...patch }).filter(([, value]) => value !== null);
    next.metadata = Object.fromEntries(merged) as Record<string, string>;
  }
  const same = JSON.stringify(sorted(next)) === JSON.stringify(sorted(model));
  return { ...next, version: model.version + (same ? 0 : 1) };
}

/** Whoever comes with an identity of an address that nobody has verified is its owner: identities of other addresses go. */
function applyLink(model: Model, identity: Model['identities'][number]): Model {
  const isOwner = !model.emailVerified && isOf(identity, model.email);
  const kept = isOwner ? model.identities.filter((other) => isOf(other, model.email)) : model.identities;
  return { ...model, identities: [...kept, identity], version: model.version + 1 };
}

const isOf = ({ email }: { email: string | null }, address: string) =>
  email !== null && canonical(email) === canonical(address);

const sorted = (model: Model) => ({ ...model, metadata: Object.entries(model.metadata).sort() });

test('random sequences of operations end where the contract says, step by step', async () => {
  let linked = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 12 }), async (operations) => {
      const { id } = await makeUser(t.app);
      await t.graphql(UpdateUser, { id, input: { email: `start${id}@example.com` } });
      let model: Model = {
        email: `start${id}@example.com`,
        emailVerified: false,
        firstName: null,
        locale: null,
        metadata: {},
        identities: [],
        version: 2,
      };
      let updatedAt = '';
      for (const step of operations) {
        const previous = model;
        if (step.kind === 'update') {
          model = applyUpdate(model, step.input);
          const { errors } = await t.graphql(UpdateUser, { id, input: step.input as never });
          expect(errors).toBeUndefined();
        } else if (step.kind === 'refused') {
          const { errors } = await t.graphql(UpdateUser, { id, input: { ...step.input, locale: '?' } as never });
          expect(errors).toHaveLength(1);
        } else if (step.kind === 'link') {
          linked += 1;
          const link = { provider: 'GOOGLE_OAUTH' as const, idpId: `${linked}`, email: step.email };
          const { data } = await t.graphql(LinkIdentity, { userId: id, input: link });
          const identity = { id: data?.linkIdentity.id ?? '', email: step.email?.trim() ?? null };
          model = applyLink(model, identity);
        } else if (model.identities[0]) {
          await t.graphql(UnlinkIdentity, { id: model.identities[0].id });
          model = { ...model, identities: model.identities.slice(1), version: model.version + 1 };
        }
        const { data } = await t.graphql(UpdateUser, { id, input: {} });
        const {
          email,
          emailVerified,
          firstName,
          locale,
          metadata,
          version,
          identities,
          updatedAt: at,
        } = data?.updateUser ?? ({} as never);
        const seen = { email, emailVerified, firstName, locale, metadata, version };
        const { identities: expectedIdentities, ...expected } = model;
        expect(seen).toEqual(expected);
        expect(
          identities.map((identity: { id: string; email?: string | null }) => [identity.id, identity.email ?? null]),
        ).toEqual(expectedIdentities.map((identity) => [identity.id, identity.email]));
        if (model.version === previous.version && updatedAt) expect(at).toBe(updatedAt);
        else expect(at > updatedAt).toBe(true);
        updatedAt = at;
      }
      await t.app.db.transaction((tx) => tx.prisma.user.deleteMany({ where: { id } }));
    }),
    { numRuns: 60 },
  );
});
