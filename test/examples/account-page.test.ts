import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, test as anyTest, beforeAll, expect } from 'vitest';
import { isWithoutBrowser, launchBrowser, openGuardedPage } from '../support/browser.ts';
import { post, type ServerProcess, startServerProcess } from '../support/server.ts';

const folder = 'examples/account-page';
const vite = `${folder}/node_modules/vite/bin/vite.js`;

/** Its packages are its own, and `npm ci` at the top does not install them. */
function isWithoutPage(): boolean {
  if (existsSync(vite) || process.env.CI) return false;
  process.stderr.write(`\nLEFT OUT: the test of the account page. Install it: npm ci --prefix ${folder}\n\n`);
  return true;
}

const leftOut = isWithoutPage() || isWithoutBrowser();
const test = anyTest.skipIf(leftOut);
const password = 'engine-weaves-patterns';
const newPassword = 'another loom, another pattern';

let server: ServerProcess;
let preview: ChildProcess;
let url: string;
let browser: Browser;
let shots: string;

beforeAll(async () => {
  if (leftOut) return;
  server = await startServerProcess();
  execFileSync('npm', ['run', 'build'], { cwd: folder, stdio: 'pipe' });
  preview = spawn(
    process.execPath,
    ['node_modules/vite/bin/vite.js', 'preview', '--port', '0', '--host', '127.0.0.1'],
    {
      cwd: folder,
      env: { ...process.env, ROSTER_URL: server.url, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  url = await addressOf(preview);
  browser = await launchBrowser();
  shots = process.env.SCREENSHOTS ?? (await mkdtemp(join(tmpdir(), 'roster-page-')));
}, 120_000);

afterAll(async () => {
  await browser?.close();
  preview?.kill();
  await server?.dispose();
});

async function addressOf(child: ChildProcess): Promise<string> {
  let text = '';
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    text += chunk;
    const address = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
    if (address) return address;
  }
  throw new Error(`the page is not served: ${text}`);
}

const stored = async (id: string) => {
  const query = `{ user(id: "${id}") { firstName lastName name locale } }`;
  return (await post(server.url, server.key, query)).data?.user;
};

async function open(): Promise<{ page: Page; problems: string[] }> {
  const { page, problems, escapes } = await openGuardedPage(browser);
  await page.goto(url);
  expect(escapes).toEqual([]);
  return { page, problems };
}

async function signIn(page: Page, email: string, secret = password): Promise<void> {
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(secret);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** The problem that is shown at a field, as a screen reader finds it. */
async function problemAt(page: Page, label: string): Promise<string> {
  const field = page.getByLabel(label, { exact: true });
  await expect.poll(() => field.getAttribute('aria-invalid'), { timeout: 10_000 }).toBe('true');
  return page.locator(`[id="${await field.getAttribute('aria-describedby')}"]`).innerText();
}

test('a user signs in, changes a name, is told of problems at their fields, changes the password, and the other browser is out', {
  timeout: 90_000,
}, async () => {
  const input = `{ email: "ada@example.com", emailVerified: true, firstName: "Ada", name: "Ada L", locale: "en", password: "${password}" }`;
  const created = await post(server.url, server.key, `mutation { createUser(input: ${input}) { id } }`);
  const { id } = (created.data as { createUser: { id: string } }).createUser;

  const { page, problems } = await open();
  await signIn(page, 'ada@example.com', 'a wrong one');
  await expect.poll(() => page.getByRole('alert').innerText()).toContain('Invalid credentials');
  await signIn(page, 'ada@example.com');
  await page.getByText('Signed in as').waitFor();
  const { page: other } = await open();
  await signIn(other, 'ada@example.com');
  await other.getByText('Signed in as').waitFor();

  // A backend changes what the page has already read: only what the user touches may be sent.
  await post(server.url, server.key, `mutation { updateUser(id: "${id}", input: { firstName: "Augusta" }) { id } }`);
  await page.getByLabel('Last name').fill('Lovelace');
  await page.getByLabel('Full name').fill('');
  await page.getByLabel('Language', { exact: true }).fill('en-gb');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  expect(await stored(id)).toEqual({ firstName: 'Augusta', lastName: 'Lovelace', name: null, locale: 'en-GB' });
  await page.screenshot({ path: join(shots, 'saved.png'), fullPage: true });

  await page.getByLabel('Language', { exact: true }).fill('not a language');
  await page.getByRole('button', { name: 'Save' }).click();
  expect(await problemAt(page, 'Language')).toContain('BCP 47');

  const change = async (current: string, next: string) => {
    await page.getByLabel('Current password').fill(current);
    await page.getByLabel('New password').fill(next);
    await page.getByRole('button', { name: 'Change password' }).click();
  };
  await change(password, 'password12');
  expect(await problemAt(page, 'New password')).not.toBe('');
  await page.screenshot({ path: join(shots, 'weak.png'), fullPage: true });
  await change('a guess', newPassword);
  expect(await problemAt(page, 'Current password')).toBe('The current password is not right.');
  await change(password, newPassword);
  await page.getByText('Changed. You are signed out everywhere else.').waitFor();

  await other.getByLabel('First name').fill('Too late');
  await other.reload();
  await other.getByText('Your session has ended. Sign in again.').waitFor();
  await other.screenshot({ path: join(shots, 'ended.png'), fullPage: true });
  await page.reload();
  await page.getByText('Signed in as').waitFor(); // the session that asked goes on
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await signIn(page, 'ada@example.com', newPassword);
  await page.getByText('Signed in as').waitFor();
  expect(problems.filter((problem) => !problem.includes('401'))).toEqual([]);
});
