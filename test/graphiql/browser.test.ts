import type { Browser, Page } from 'playwright-core';
import { afterAll, test as anyTest, beforeAll, expect, onTestFinished } from 'vitest';
import { type GuardedPage, isWithoutBrowser, launchBrowser, openGuardedPage } from '../support/browser.ts';
import { CreateUser } from '../support/documents.ts';
import { post, type ServerProcess, startServerProcess } from '../support/server.ts';

const withoutBrowser = isWithoutBrowser('GraphiQL');
const test = anyTest.skipIf(withoutBrowser);

let browser: Browser;
beforeAll(async () => {
  if (!withoutBrowser) browser = await launchBrowser();
});
afterAll(() => browser?.close());

async function start(settings: Record<string, string> = {}): Promise<ServerProcess> {
  const server = await startServerProcess(settings);
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

const eventually = { timeout: 15_000 };

const result = (page: Page) => read(page, '.graphiql-response');
const tabNames = ['CreateUser', 'LinkIdentity', 'UpdateUser', 'Users'];
const openTab = (page: Page, name: string) => page.locator('.graphiql-tab-button', { hasText: name }).click();
const openTool = (page: Page, name: string) => page.locator('.graphiql-editor-tools button', { hasText: name }).click();
const visibleTool = '.graphiql-editor-tool .graphiql-editor:not(.hidden)';

/** Runs the open tab by the keyboard, from inside its editor, once it shows this operation. */
async function run(page: Page, operation: string): Promise<void> {
  await expect.poll(() => read(page, '.graphiql-query-editor'), eventually).toContain(` ${operation}`);
  await page.locator('.graphiql-query-editor .view-lines').click();
  await page.keyboard.press('Control+Enter');
}

test('a newcomer makes a user and updates it, with the key filled in, and nothing leaves the machine', async () => {
  const server = await start();
  const { page, escapes, problems } = await open(server);
  expect(await page.title()).toBe('Roster');
  await expect.poll(() => read(page, visibleTool), eventually).toContain(`"Authorization": "Bearer ${server.key}"`);

  await run(page, 'CreateUser');
  await expect.poll(() => result(page), eventually).toContain('"email": "marcelina@example.com"');
  const id = /"id": "(user_\w{26})"/.exec(await result(page))?.[1] ?? '';
  expect(id).not.toBe('');

  await openTab(page, 'LinkIdentity');
  await expect.poll(() => read(page, '.graphiql-query-editor'), eventually).toContain('mutation LinkIdentity');
  // GraphiQL keeps the open tab a moment later; a reload before that would find another one open.
  const keptTabs = () => page.evaluate(() => localStorage.getItem('graphiql:tabState') ?? '');
  await expect.poll(keptTabs, eventually).toContain('"activeTabIndex":1');
  await Promise.all([schemaLoaded(page), page.reload()]); // the first tab says that this fills the id in
  expect(await page.locator('.graphiql-tab-button').allTextContents()).toEqual(tabNames);
  await run(page, 'LinkIdentity');
  await expect.poll(() => result(page), eventually).toContain('"provider": "GOOGLE_OAUTH"');

  await openTab(page, 'UpdateUser');
  await openTool(page, 'Variables');
  await expect.poll(() => read(page, visibleTool), eventually).toContain(`"id": "${id}"`);
  await run(page, 'UpdateUser');
  await expect.poll(() => result(page), eventually).toContain('"email": "marcelina.davis@example.com"');
  const updated = await result(page);
  for (const part of [`"id": "${id}"`, '"emailVerified": false', '"version": 3', '"identities": []']) {
    expect(updated).toContain(part);
  }
  await page.screenshot({ path: '/tmp/graphiql.png' });
  expect(escapes).toEqual([]);
  expect(problems).toEqual([]);
});

test('where there are users, the first tab only reads, and the next one changes the user that it names', async () => {
  const server = await start();
  const { text } = await post(server.url, server.key, String(CreateUser), { input: { email: 'first@example.com' } });
  const id = /user_\w{26}/.exec(text)?.[0] ?? '';
  expect(id).not.toBe('');
  const { page, problems } = await open(server);
  await run(page, 'Users');
  await expect.poll(() => result(page), eventually).toContain('"email": "first@example.com"');
  await openTab(page, 'UpdateUser');
  await expect.poll(() => read(page, '.graphiql-query-editor'), eventually).toContain(`for real: ${id},`);
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
    await Promise.all([schemaLoaded(page), page.reload()]);
    expect(await page.locator('.graphiql-tab-button').allTextContents()).toEqual(tabNames);
    expect(await page.locator('.graphiql-tab-active').textContent()).toContain('CreateUser');
  }
});

test('a reload that fills the id in opens the same tab, too, where the id is in its text', async () => {
  const server = await start();
  const { page } = await open(server);
  await openTab(page, 'UpdateUser');
  await expect.poll(() => page.url(), eventually).toContain('UpdateUser');
  await post(server.url, server.key, String(CreateUser), { input: { email: 'first@example.com' } });
  await Promise.all([schemaLoaded(page), page.reload()]);
  await expect.poll(() => read(page, '.graphiql-query-editor'), eventually).toMatch(/for real: user_\w{26},/);
  expect(await page.locator('.graphiql-tab-button').allTextContents()).toEqual(tabNames);
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
  await expect.poll(() => read(page, visibleTool), eventually).toContain(second.key);
  await run(page, 'CreateUser');
  await expect.poll(() => result(page), eventually).toContain('"version": 1');
});
