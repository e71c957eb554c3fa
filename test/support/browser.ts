import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

const advice = `There is no Chromium at ${executablePath}. Install it (as root on Debian: apt-get update && apt-get install -y chromium), or set CHROMIUM_PATH to one.`;

/** Whether the tests of `what` have to be left out. They say so aloud, and in CI they fail instead. */
export function isWithoutBrowser(what: string): boolean {
  if (existsSync(executablePath) || process.env.CI) return false;
  process.stderr.write(`\nLEFT OUT: the tests of ${what} in a browser. ${advice}\n\n`);
  return true;
}

/** What is not on this machine goes through it. Nothing listens there, so nothing can be reached. */
const nowhere = 'http://127.0.0.1:9';

/** A headless Chromium that reaches no other host than this machine. Fails, and says what to do, where there is none. */
export async function launchBrowser(): Promise<Browser> {
  if (!existsSync(executablePath)) throw new Error(advice);
  const off = ['gpu', 'quic', 'background-networking', 'component-update', 'sync'].map((name) => `--disable-${name}`);
  const args = ['--no-sandbox', '--no-first-run', ...off];
  return chromium.launch({ executablePath, args, proxy: { server: nowhere, bypass: 'localhost,127.0.0.1' } });
}

export interface GuardedPage {
  readonly page: Page;
  /** Addresses on other hosts that the page asked for; each was refused. */
  readonly escapes: string[];
  /** What went wrong in the page: exceptions, and errors on its console. */
  readonly problems: string[];
}

/** A page that tells what it asks for. Playwright's routes would do, too, but they take the browser its cache. */
export async function openGuardedPage(browser: Browser): Promise<GuardedPage> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  const [escapes, problems]: [string[], string[]] = [[], []];
  context.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (['blob:', 'data:'].includes(protocol) || ['localhost', '127.0.0.1'].includes(hostname)) return;
    escapes.push(request.url());
  });
  const page = await context.newPage();
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  return { page, escapes, problems };
}
