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

/** A headless Chromium. Fails, and says what to do, where there is none. */
export async function launchBrowser(): Promise<Browser> {
  if (!existsSync(executablePath)) throw new Error(advice);
  const off = ['gpu', 'quic', 'background-networking', 'component-update', 'sync'].map((name) => `--disable-${name}`);
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--no-first-run', ...off] });
}

export interface GuardedPage {
  readonly page: Page;
  /** Addresses on other hosts that the page asked for; each was refused. */
  readonly escapes: string[];
  /** What went wrong in the page: exceptions, and errors on its console. */
  readonly problems: string[];
}

/** A page from which no request can reach another host than this machine. */
export async function openGuardedPage(browser: Browser): Promise<GuardedPage> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  const [escapes, problems]: [string[], string[]] = [[], []];
  await context.route('**/*', (route) => {
    const { protocol, hostname } = new URL(route.request().url());
    if (['blob:', 'data:'].includes(protocol) || ['localhost', '127.0.0.1'].includes(hostname)) return route.continue();
    escapes.push(route.request().url());
    return route.abort();
  });
  const page = await context.newPage();
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  return { page, escapes, problems };
}
