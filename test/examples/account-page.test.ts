import type { Browser, Page } from 'playwright-core';
import { afterAll, test as anyTest, beforeAll, expect, onTestFinished } from 'vitest';
import { type AccountPage, isWithoutAccountPage, startAccountPage } from '../support/account-page.ts';
import { isWithoutBrowser, launchBrowser, openGuardedPage } from '../support/browser.ts';
import { post, postUser, type Served, serveHere } from '../support/server.ts';

const leftOut = isWithoutBrowser('the account page') || isWithoutAccountPage();
const test = anyTest.skipIf(leftOut);

let server: Served;
let accountPage: AccountPage;
let browser: Browser;
beforeAll(async () => {
  if (leftOut) return;
  server = await serveHere();
  [accountPage, browser] = await Promise.all([startAccountPage(server.url), launchBrowser()]);
});
afterAll(async () => {
  await Promise.all([browser?.close(), accountPage?.stop(), server?.dispose()]);
});

const password = 'wkqzvxmrhtbj';
const newPassword = 'walnut trumpet glacier mitten';
const eventually = { timeout: 15_000 };

interface Ada {
  readonly id: string;
  readonly email: string;
}

let users = 0;

async function makeAda(): Promise<Ada> {
  users += 1;
  const email = `ada.${users}@example.com`;
  const names = { firstName: 'Ada', lastName: 'Byron', name: 'Ada Byron', locale: 'en-GB' };
  const input = { email, emailVerified: true, password, ...names, metadata: { plan: 'pro' } };
  return { id: await postUser(server.url, server.key, input), email };
}

async function read({ id }: Ada): Promise<unknown> {
  const query = 'query ($id: ID!) { user(id: $id) { firstName lastName name locale metadata version } }';
  return (await post(server.url, server.key, query, { id })).data?.user;
}

/** The page in a browser of its own; afterwards nothing has left the machine, and no exception was thrown in it. */
async function open(): Promise<Page> {
  const { page, escapes, problems } = await openGuardedPage(browser);
  onTestFinished(async () => {
    await page.context().close();
    expect(escapes).toEqual([]);
    // The browser itself notes each 401 on the console.
    expect(problems.filter((problem) => !problem.includes('401'))).toEqual([]);
  });
  await page.goto(accountPage.url);
  return page;
}

async function signIn(page: Page, { email }: Ada, typed = password): Promise<void> {
  await field(page, 'Email').fill(email);
  await field(page, 'Password').fill(typed);
  await press(page, 'Sign in');
}

async function openSignedIn(ada: Ada): Promise<Page> {
  const page = await open();
  await signIn(page, ada);
  await expect.poll(() => page.getByRole('heading', { name: 'Ada Byron' }).isVisible(), eventually).toBe(true);
  return page;
}

const field = (page: Page, label: string) => page.getByLabel(label, { exact: true });
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).first().click();
const says = (page: Page, text: string) => expect.poll(() => page.getByText(text).count(), eventually).toBe(1);
const isAtSignIn = (page: Page) =>
  expect.poll(() => page.getByRole('heading', { name: 'Sign in' }).isVisible(), eventually).toBe(true);

const showsFirstName = (page: Page, name: string) =>
  expect.poll(() => field(page, 'First name').inputValue(), eventually).toBe(name);

/** What a screen reader reads out with a field that is wrong; null where nothing is. */
async function problemAt(page: Page, label: string): Promise<string | null> {
  const input = field(page, label);
  if ((await input.getAttribute('aria-invalid')) !== 'true') return null;
  const ids = (await input.getAttribute('aria-describedby')) ?? '';
  const texts = await Promise.all(ids.split(' ').map((id) => page.locator(`[id="${id}"]`).textContent()));
  return texts.join(' ');
}

const hasFocus = (page: Page, label: string) =>
  field(page, label).evaluate((input) => input === input.ownerDocument.activeElement);

/** The inputs of `updateUser` that the page sends from now on. */
function recordInputs(page: Page): unknown[] {
  const inputs: unknown[] = [];
  page.on('request', (request) => {
    const { variables } = JSON.parse(request.postData() ?? '{}');
    if (variables?.input) inputs.push(variables.input);
  });
  return inputs;
}

test('a changed field is sent, an emptied one as null, and one that stays is not sent at all', async () => {
  const ada = await makeAda();
  const page = await openSignedIn(ada);
  const inputs = recordInputs(page);

  await field(page, 'First name').fill('Augusta Ada');
  await field(page, 'Language').fill('en-us');
  await press(page, 'Save');
  await says(page, 'Saved.');
  const changed = { firstName: 'Augusta Ada', lastName: 'Byron', name: 'Ada Byron', locale: 'en-US' };
  expect(await read(ada)).toEqual({ ...changed, metadata: { plan: 'pro' }, version: 2 });
  expect(await field(page, 'Language').inputValue()).toBe('en-US');

  // Meanwhile a backend writes another field, of which the page does not know.
  const elsewhere = 'mutation ($id: ID!) { updateUser(id: $id, input: { name: "Countess" }) { version } }';
  await post(server.url, server.key, elsewhere, { id: ada.id });
  await field(page, 'Last name').fill('');
  await press(page, 'Save');
  await expect.poll(() => read(ada), eventually).toMatchObject({ ...changed, lastName: null, name: 'Countess' });
  expect(inputs).toEqual([{ firstName: 'Augusta Ada', locale: 'en-us' }, { lastName: null }]);

  await expect.poll(() => field(page, 'Full name').inputValue(), eventually).toBe('Countess');
  await press(page, 'Save');
  await says(page, 'Nothing has changed.');
  expect(inputs).toHaveLength(2);
});

test('a field that was saved here and changed elsewhere since is not sent back', async () => {
  const ada = await makeAda();
  const page = await openSignedIn(ada);
  await field(page, 'First name').fill('Augusta');
  await press(page, 'Save');
  await says(page, 'Saved.');
  const elsewhere = 'mutation ($id: ID!) { updateUser(id: $id, input: { firstName: "Ada A." }) { version } }';
  await post(server.url, server.key, elsewhere, { id: ada.id });

  const news = page.waitForResponse((answer) => answer.request().postData()?.includes('query Viewer') ?? false);
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await news; // the page has the news
  await field(page, 'Last name').fill('Lovelace');
  await press(page, 'Save');
  await expect.poll(() => read(ada), eventually).toMatchObject({ firstName: 'Ada A.', lastName: 'Lovelace' });
});

test('each refusal stands at its field, and the first wrong field gets the focus', async () => {
  const ada = await makeAda();
  const page = await openSignedIn(ada);

  await field(page, 'First name').fill('x'.repeat(256));
  await field(page, 'Language').fill('en_US');
  await press(page, 'Save');
  await expect.poll(() => problemAt(page, 'First name'), eventually).toContain('255');
  expect(await problemAt(page, 'Language')).not.toBeNull();
  expect(await problemAt(page, 'Last name')).toBeNull();
  expect(await hasFocus(page, 'First name')).toBe(true);

  await field(page, 'New password').fill('password');
  await press(page, 'Change password');
  await expect.poll(() => problemAt(page, 'New password'), eventually).toContain('at least 10 characters');
  expect(await problemAt(page, 'New password')).toContain('too easy to guess');
  expect(await problemAt(page, 'Current password')).toContain('needs the current one');

  await field(page, 'Current password').fill('not it at all');
  await field(page, 'New password').fill(newPassword);
  await press(page, 'Change password');
  await expect.poll(() => problemAt(page, 'Current password'), eventually).toBe('The current password is not right.');
  expect(await problemAt(page, 'New password')).toBeNull();
  expect(await hasFocus(page, 'Current password')).toBe(true);
  expect(await read(ada)).toMatchObject({ firstName: 'Ada', version: 1 });
});

test('a changed password ends the session of another browser, and only the new one signs in there', async () => {
  const ada = await makeAda();
  const [page, other] = [await openSignedIn(ada), await openSignedIn(ada)];

  await field(page, 'Current password').fill(password);
  await field(page, 'New password').fill(newPassword);
  await press(page, 'Change password');
  await says(page, 'Password changed. Your other sessions have ended.');
  expect(await field(page, 'New password').inputValue()).toBe('');

  await field(other, 'First name').fill('Too late');
  await press(other, 'Save');
  await isAtSignIn(other);
  await says(other, 'Your session has ended. Please sign in again.');
  await signIn(other, ada);
  await expect.poll(() => other.getByRole('alert').last().textContent(), eventually).toContain('Invalid credentials');
  await signIn(other, ada, newPassword);
  await showsFirstName(other, 'Ada');
});

test('GraphiQL, through the proxy of the page, holds no key', async () => {
  const answer = await fetch(`${accountPage.url}/graphql`, { headers: { accept: 'text/html' } });
  expect(answer.status).toBe(200);
  expect(await answer.text()).not.toContain(server.key);
});

test('a reload stays signed in, and a duplicated tab does not send the refresh token a second time', async () => {
  const page = await openSignedIn(await makeAda());
  for (let i = 0; i < 2; i += 1) {
    await page.reload();
    await expect.poll(() => page.getByRole('heading', { name: 'Ada Byron' }).isVisible(), eventually).toBe(true);
  }

  const [copy] = await Promise.all([
    page.waitForEvent('popup'),
    page.evaluate(() => globalThis.open(location.href)), // the browser copies sessionStorage, as "Duplicate tab" does
  ]);
  expect(await copy.evaluate(() => sessionStorage.length)).toBeGreaterThan(0);
  await isAtSignIn(copy);
  await page.reload();
  await expect.poll(() => page.getByRole('heading', { name: 'Ada Byron' }).isVisible(), eventually).toBe(true);
});

test('requests whose access token is refused are sent again after a refresh, and no refresh token is sent twice', async () => {
  const page = await openSignedIn(await makeAda());
  const refused = new Set<string>();
  const used: string[] = [];
  let toRefuse: string | undefined;
  await page.route('**/graphql', async (route) => {
    const { query, variables } = route.request().postDataJSON();
    const { authorization } = route.request().headers();
    if (variables.refreshToken) used.push(variables.refreshToken);
    toRefuse ??= authorization;
    if (authorization === undefined || authorization !== toRefuse) return route.fallback();
    refused.add(query);
    await expect.poll(() => refused.size, eventually).toBe(2); // both are under way before either is refused
    const errors = [{ message: 'Unauthorized.', extensions: { code: 'UNAUTHORIZED' } }];
    return route.fulfill({ status: 401, contentType: 'application/json', body: JSON.stringify({ errors }) });
  });
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await field(page, 'First name').fill('Augusta');
  await press(page, 'Save');
  await says(page, 'Saved.');
  await page.reload();
  await showsFirstName(page, 'Augusta');
  expect(used.length).toBeGreaterThanOrEqual(2); // at least one for the refusals, and one for the reload
  expect(new Set(used).size).toBe(used.length);
});

test('users see where they are signed in, and sign out there or here', async () => {
  const ada = await makeAda();
  const [page, other] = [await openSignedIn(ada), await openSignedIn(ada)];
  await page.reload();
  const sessions = page.getByRole('listitem');
  await expect.poll(() => sessions.count(), eventually).toBe(2);
  expect(await sessions.filter({ hasText: 'This one' }).count()).toBe(1);

  await sessions.filter({ hasNotText: 'This one' }).getByRole('button').click();
  await says(page, 'Signed out: Chrome on Linux.');
  await expect.poll(() => sessions.count(), eventually).toBe(1);
  await other.reload();
  await isAtSignIn(other);

  await press(page, 'Sign out');
  await isAtSignIn(page);
  const query = 'query ($id: ID!) { user(id: $id) { sessions { id } } }';
  expect((await post(server.url, server.key, query, { id: ada.id })).data).toEqual({ user: { sessions: [] } });
  await page.reload();
  await isAtSignIn(page);
});
