import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DomainError } from '../../src/errors.ts';
import { updateUser } from '../../src/users/update.ts';
import { updateUsers } from '../../src/users/update-many.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { arrange, inputOf, rowsOf, situation, type Wanted, wanted } from '../support/preview.ts';
import { makeUser } from '../support/users.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp({ MAIL: 'off' });
});
afterAll(() => t.close());

type Rows = Awaited<ReturnType<typeof rowsOf>>;

/** What is the same of two users who were in one situation and had the same done to them. */
function shapeOf({ user, identities, sessions, codes, events }: Rows) {
  const { version, emailVerified, firstName, locale, metadata, managed, password } = user;
  return {
    user: { version, emailVerified, firstName, locale, metadata, managed, hasExternalId: user.externalId !== null },
    password: password && { type: password.type, origin: password.origin },
    identities: identities.map(({ provider, email }) => [provider, email === user.email]),
    sessions: sessions.filter(({ endedAt }) => endedAt).length,
    codes: codes.map(({ purpose, usedAt, endedAt }) => [purpose, usedAt !== null, endedAt !== null]),
    events: events.map(({ type, userVersion }) => [type, userVersion]),
  };
}

async function codeOf(work: () => Promise<unknown>): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
}

/** A password costs its hash, and a list may have ten. */
const item = fc.record({
  given: situation,
  asked: wanted.map(({ password: _, ...rest }) => rest as Wanted),
  isStale: fc.boolean(),
});

test('batches at random do what single updates do, one after the other: rows, versions, events and errors', async () => {
  const taken = await makeUser(t.app, { externalId: 'taken' });
  await fc.assert(
    fc.asyncProperty(fc.array(item, { minLength: 2, maxLength: 8 }), async (items) => {
      const [singles, many] = [[], []] as [string[], string[]];
      const [inputs, updates] = [[], []] as [Wanted[], Wanted[]];
      for (const { given, asked } of items) {
        const [one, other] = [await arrange(t.app, given), await arrange(t.app, given)];
        singles.push(one.id);
        many.push(other.id);
        inputs.push(inputOf(asked, one.email, taken));
        updates.push(inputOf(asked, other.email, taken));
      }
      const versionOf = (i: number, version: number) => (items[i]?.isStale ? { expectedVersion: version + 5 } : {});
      const codes: (string | null)[] = [];
      for (const [i, id] of singles.entries())
        codes.push(await codeOf(() => updateUser(t.app, 'roster', id, inputs[i], versionOf(i, 1))));
      const given = many.map((id, i) => ({ id, input: updates[i] as Wanted, ...versionOf(i, 1) }));
      const results = await updateUsers(t.app, 'roster', given, { onError: 'continue' });
      expect(results.map((result) => ('error' in result ? result.error.code : null))).toEqual(codes);
      const shapes = async (ids: string[]) => (await Promise.all(ids.map((id) => rowsOf(t.app, id)))).map(shapeOf);
      expect(await shapes(many)).toEqual(await shapes(singles));
    }),
    { numRuns: 20 },
  );
});
