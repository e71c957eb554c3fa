import type { Browser, Page, Request } from 'playwright-core';
import { afterAll, test as anyTest, beforeAll, expect, onTestFinished } from 'vitest';
import { type GuardedPage, isWithoutBrowser, launchBrowser, openGuardedPage } from '../support/browser.ts';
import { CreateUser } from '../support/documents.ts';
import { newTestDatabase, production } from '../support/processes.ts';
import { post, postUser, type Served, serveHere } from '../support/server.ts';

const withoutBrowser = isWithoutBrowser('GraphiQL');
const test = anyTest.skipIf(withoutBrowser);

let browser: Browser;
beforeAll(async () => {
  if (!withoutBrowser) browser = await launchBrowser();
});
afterAll(() => browser?.close());

async function start(settings: Record<string, string> = {}): Promise<Served> {
  const server = await serveHere(settings);
  onTestFinished(server.dispose);
  return server;
}

async function open({ url }: { url: string }): Promise<GuardedPage> {
  const guarded = await openGuardedPage(browser);
  onTestFinished(() => guarded.page.context().close());
  await Promise.all([schemaLoaded(guarded.page), guarded.page.goto(`${url}/graphql`)]);
  return guarded;
}

const schemaLoaded = (page: Page) =>
  page.waitForResponse(async (answer) =>
    answer.ok() && answer.request().method() === 'POST' ? (await answer.text()).includes('"__schema"') : false,
  );

/** Monaco shows spaces as U+00A0 and puts each line into an element of its own. */
async function read(page: Page, pane: string): Promise<string> {
  const lines = await page.locator(`${pane} .view-line`).allInnerTexts();
  return lines.join('\n').replaceAll('\u00a0', ' ');
}

const eventually = { timeout: 15_000, interval: 100 };

const result = (page: Page) => read(page, '.graphiql-response');
const tabNames = [
  'CreateUser',
  'SignIn',
  'LinkIdentity',
  'UpdateUser',
  'ClearFields',
  'ExpectedVersion',
  'FollowEvents',
  'Users',
];
const namesWithUsers = [
  'Users',
  'UpdateUser',
  'ClearFields',
  'ExpectedVersion',
  'FollowEvents',
  'CreateUser',
  'SignIn',
  'LinkIdentity',
];
/** GraphiQL keeps the open tab a moment later; a reload before that would find another one open. */
const keptTabs = (page: Page) => page.evaluate(() => sessionStorage.getItem('graphiql:tabState') ?? '');
const shownTabs = (page: Page) => page.locator('.graphiql-tab-button').allTextContents();
const openTab = (page: Page, name: string) => page.locator('.graphiql-tab-button', { hasText: name }).click();
const openTool = (page: Page, name: string) => page.locator('.graphiql-editor-tools button', { hasText: name }).click();
const visibleTool = '.graphiql-editor-tool .graphiql-editor:not(.hidden)';

/** What the visible tool holds, without the ends of the lines that its narrow editor makes. */
const readJoined = async (page: Page) => (await read(page, visibleTool)).replaceAll(/\s/g, '');

const soon = { timeout: 2000 };
const maxPresses = 10;

/**
 * Runs the open tab by the keyboard, from inside its editor, once it shows this operation. For a moment after a change of tabs
 * GraphiQL looks for the operation of the tab before, says that there is none, and sends nothing.
 */
async function run(page: Page, operation: string): Promise<void> {
  await expect.poll(() => read(page, '.graphiql-query-editor'), eventually).toContain(` ${operation}`);
  for (let presses = 0; presses < maxPresses; presses += 1) {
    const asks = (request: Request) =>
      request.url().includes(`operationName=${operation}`) || // a subscription
      request.postData()?.includes(`"operationName":"${operation}"`) === true;
    const isSent = page.waitForRequest(asks, soon).then(
      () => true,
      () => false,
    );
    await page.locator('.graphiql-query-editor .view-lines').click();
    await page.keyboard.press('Control+Enter');
    if (await isSent) return;
  }
  throw new Error(`${operation} was not sent.`);
}

test('a newcomer makes a user and updates it, with the key filled in, and nothing leaves the machine', async () => {
  const server = await start();
  const { page, escapes, problems } = await open(server);
  expect(await page.title()).toBe('Roster');
  await openTool(page, 'Headers');
  await expect.poll(() => readJoined(page), eventually).toContain(`"Authorization":"Bearer${server.key}"`);
  await openTool(page, 'Variables');

  await run(page, 'CreateUser');
  await expect.poll(() => result(page), eventually).toContain('"email": "marcelina@example.com"');
  const id = /"id": "(user_\w{26})"/.exec(await result(page))?.[1] ?? '';
  expect(id).not.toBe('');

  await openTab(page, 'SignIn');
  await run(page, 'SignIn');
  await expect.poll(() => result(page), eventually).toContain('"refreshToken": ');

  await openTab(page, 'LinkIdentity');
  await expect.poll(() => read(page, visibleTool), eventually).toContain(`"userId": "${id}"`);
  await run(page, 'LinkIdentity');
  await expect.poll(() => result(page), eventually).toContain('"provider": "GOOGLE_OAUTH"');
  await expect.poll(() => keptTabs(page), eventually).toContain('"activeTabIndex":2');
  await Promise.all([schemaLoaded(page), page.reload()]);
  expect(await shownTabs(page)).toEqual(tabNames);

  await openTab(page, 'UpdateUser');
  await expect.poll(() => read(page, visibleTool), eventually).toContain(`"id": "${id}"`);
  await run(page, 'UpdateUser');
  await expect.poll(() => result(page), eventually).toContain('"email": "marcelina.davis@example.com"');
  const updated = await result(page);
  for (const part of [`"id": "${id}"`, '"emailVerified": false', '"version": 3', '"identities": []']) {
    expect(updated).toContain(part);
  }

  await openTab(page, 'ClearFields');
  await run(page, 'ClearFields');
  await expect.poll(() => result(page), eventually).toContain('"version": 4');
  for (const part of ['"firstName": "Marcelina"', '"lastName": null', '"locale": null', '"metadata": {}']) {
    expect(await result(page)).toContain(part);
  }
  await openTab(page, 'ExpectedVersion');
  await run(page, 'ExpectedVersion');
  await expect.poll(() => result(page), eventually).toContain('"currentVersion": 4');
  expect(escapes).toEqual([]);
  expect(problems).toEqual([]);
});

test('a tab shows what happens while it happens', async () => {
  const server = await start();
  await post(server.url, server.key, String(CreateUser), { input: { email: 'first@example.com' } });
  const { page, problems } = await open(server);
  await openTab(page, 'FollowEvents');
  const following = page.waitForResponse((answer) => answer.headers()['content-type'] === 'text/event-stream');
  await run(page, 'FollowEvents');
  await following;
  await post(server.url, server.key, String(CreateUser), { input: { email: 'second@example.com' } });
  await expect.poll(() => result(page), eventually).toContain('"type": "USER_CREATED"');
  expect(await result(page)).toContain('"email": "second@example.com"');
  expect(problems).toEqual([]);
});

test('where there are users, the first tab only reads, and the next one changes the user that it names', async () => {
  const server = await start();
  const { text } = await post(server.url, server.key, String(CreateUser), { input: { email: 'first@example.com' } });
  const id = /user_\w{26}/.exec(text)?.[0] ?? '';
  expect(id).not.toBe('');
  const { page, problems } = await open(server);
  expect(await shownTabs(page)).toEqual(namesWithUsers);
  await run(page, 'Users');
  await expect.poll(() => result(page), eventually).toContain('"email": "first@example.com"');
  await openTab(page, 'UpdateUser');
  await expect.poll(() => read(page, visibleTool), eventually).toContain(`"id": "${id}"`);
  await run(page, 'UpdateUser');
  await expect.poll(() => result(page), eventually).toContain('"email": "marcelina.davis@example.com"');
  expect(problems).toEqual([]);
});

test('a reload opens the tab that was open, and no other, also where no other was looked at', async () => {
  const { page } = await open(await start());
  await run(page, 'CreateUser');
  await expect.poll(() => result(page), eventually).toContain('"version": 1');
  for (let reload = 1; reload <= 2; reload += 1) {
    await expect.poll(() => keptTabs(page), eventually).toContain('"activeTabIndex":0');
    await Promise.all([schemaLoaded(page), page.reload()]);
    expect(await shownTabs(page)).toEqual(tabNames);
    expect(await page.locator('.graphiql-tab-active').textContent()).toContain('CreateUser');
  }
});

test('a reload that fills the id in opens the same tab, too', async () => {
  const server = await start();
  const { page } = await open(server);
  await openTab(page, 'UpdateUser');
  await expect.poll(() => page.url(), eventually).toContain('UpdateUser');
  await expect.poll(() => read(page, visibleTool), eventually).toContain('"id": "user_…"');
  await expect.poll(() => keptTabs(page), eventually).toMatch(/"activeTabIndex":[1-9]/); // GraphiQL keeps them half a second later
  await post(server.url, server.key, String(CreateUser), { input: { email: 'first@example.com' } });
  await Promise.all([schemaLoaded(page), page.reload()]);
  await expect.poll(() => read(page, visibleTool), eventually).toMatch(/"id": "user_\w{26}"/);
  expect(await shownTabs(page)).toEqual(tabNames);
  expect(await page.locator('.graphiql-tab-active').textContent()).toContain('UpdateUser');
});

test('no comment of a tab is cut in a window of 1,400 pixels', async () => {
  const { page } = await open(await start());
  await page.locator('button[aria-label*="Documentation"]').click(); // which takes a third of it
  await page.locator('.graphiql-doc-explorer').waitFor();
  const buttons = await page.locator('.graphiql-toolbar').boundingBox();
  for (const name of tabNames) {
    await openTab(page, name);
    await expect.poll(() => read(page, '.graphiql-query-editor'), eventually).toContain(` ${name}`);
    const lines = await page
      .locator('.graphiql-query-editor .view-line > span')
      .evaluateAll((spans) =>
        spans.map((span) => ({ text: span.textContent ?? '', right: span.getBoundingClientRect().right })),
      );
    expect(lines.length).toBeGreaterThan(1);
    for (const { text, right } of lines) expect(right, text).toBeLessThanOrEqual(buttons?.x ?? 0);
  }
});

/** A server that was started before, in a browser that was never there. */
async function startAgain(settings: Record<string, string> = {}): Promise<Served & { firstKey: string }> {
  const { url } = newTestDatabase();
  const { SIGNING_KEY_SECRET } = production;
  const first = await start({ DATABASE_URL: url, SIGNING_KEY_SECRET });
  await postUser(first.url, first.key, { email: 'first@example.com' });
  await first.stop();
  return { ...(await start({ DATABASE_URL: url, SIGNING_KEY_SECRET, ...settings })), firstKey: first.key };
}

async function openWithoutKey({ url }: { url: string }): Promise<GuardedPage> {
  const guarded = await openGuardedPage(browser);
  onTestFinished(() => guarded.page.context().close());
  await guarded.page.goto(`${url}/graphql`);
  await guarded.page.getByLabel('API key').waitFor();
  return guarded;
}

async function enter(page: Page, key: string): Promise<void> {
  await page.getByLabel('API key').fill(key);
  await page.keyboard.press('Enter');
}

test('on a later start a fresh browser is asked for a key, in words, and then all is as it was', async () => {
  const server = await startAgain();
  const { page, escapes } = await openWithoutKey(server);
  expect(await page.locator('body').innerText()).toContain('node dist/main.js api-key create NAME');
  expect(await page.locator('.graphiql-container').count()).toBe(0);
  const alert = page.getByRole('alert');
  for (const [key, answer] of [
    ['sk_…', 'This is not an API key.'],
    [`sk_${'x'.repeat(43)}`, 'Roster does not know this key'],
  ] as const) {
    await enter(page, key);
    await expect.poll(() => alert.textContent(), eventually).toContain(answer);
  }
  await Promise.all([schemaLoaded(page), enter(page, server.firstKey)]);
  expect(await shownTabs(page)).toEqual(namesWithUsers);
  await run(page, 'Users');
  await expect.poll(() => result(page), eventually).toContain('"email": "first@example.com"');
  await Promise.all([schemaLoaded(page), page.reload()]);
  expect(await page.getByLabel('API key').isVisible()).toBe(false);
  expect(escapes).toEqual([]);
});

test('the browser keeps neither key nor document beyond its tab, and forgets those that GraphiQL once kept', async () => {
  const server = await startAgain();
  const { page } = await openWithoutKey(server);
  await page.evaluate(() => localStorage.setItem('graphiql:headers', '{"Authorization": "Bearer sk_old"}'));
  await page.reload();
  await Promise.all([schemaLoaded(page), enter(page, server.firstKey)]);
  await run(page, 'Users');
  await expect.poll(() => result(page), eventually).toContain('"email": "first@example.com"');
  const kept = () => page.evaluate(() => [sessionStorage, localStorage].map((storage) => JSON.stringify(storage)));
  await expect.poll(async () => (await kept())[0], eventually).toContain('graphiql:tabState');
  expect((await kept())[1]).toBe('{}');
  expect(await page.context().cookies()).toEqual([]);
  const other = await page.context().newPage();
  await other.goto(`${server.url}/graphql`);
  await other.getByLabel('API key').waitFor();
});

test('in production the page says why there is no documentation, and operations run', async () => {
  const server = await startAgain({ ...production, GRAPHIQL: 'true' });
  const { page, problems } = await openWithoutKey(server);
  await enter(page, server.firstKey);
  await run(page, 'Users');
  await expect.poll(() => result(page), eventually).toContain('"email": "first@example.com"');
  expect(await page.locator('#no-schema').innerText()).toContain('INTROSPECTION=true');
  await page.locator('button[aria-label*="Documentation"]').click();
  const docs = page.locator('.graphiql-doc-explorer');
  await expect.poll(() => docs.textContent(), eventually).toContain('No GraphQL schema available');
  expect(problems).toEqual([]);
});

test('the documentation shows what was written for the person who types', async () => {
  const { page, escapes } = await open(await start());
  await page.locator('button[aria-label*="Documentation"]').click();
  await page.locator('.graphiql-doc-explorer a', { hasText: 'Mutation' }).first().click();
  await page.locator('.graphiql-doc-explorer a', { hasText: 'updateUser' }).first().click();
  await expect
    .poll(() => page.locator('.graphiql-doc-explorer').textContent(), eventually)
    .toContain('Omitted fields stay as they are, and everything happens together or not at all.');
  expect(escapes).toEqual([]);
});

test('tabs that the browser kept from an earlier database get the new key', async () => {
  const first = await start();
  const { page } = await open(first);
  await run(page, 'CreateUser');
  await expect.poll(() => result(page), eventually).toContain('"version": 1');
  await first.stop();

  const second = await start({ PORT: new URL(first.url).port });
  await Promise.all([schemaLoaded(page), page.reload()]);
  await openTool(page, 'Headers');
  await expect.poll(() => readJoined(page), eventually).toContain(second.key);
  await run(page, 'CreateUser');
  await expect.poll(() => result(page), eventually).toContain('"version": 1');
});
