import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { ownLocales } from '../../src/mail/locales.ts';
import { toMessage } from '../../src/mail/message.ts';
import { sampleMails } from '../../src/mail/samples.ts';
import { isWithoutBrowser, launchBrowser, openGuardedPage } from '../support/browser.ts';

const now = new Date('2026-01-15T10:30:00.000Z');
const address = `${'a-long-name-'.repeat(4)}x@${'a-long-company-name-'.repeat(2)}example.com`;

describe.skipIf(isWithoutBrowser('mails'))('every mail', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  test.each(Object.keys(ownLocales))(
    'in %s fits a phone and a desk, loads nothing, and says which language it is in',
    async (locale) => {
      const { page, escapes, problems } = await openGuardedPage(browser);
      const config = readConfig({
        MAIL_FROM_NAME: 'A Product With A Rather Long Name',
        MAIL_SUPPORT_URL: `https://example.com/${'help-'.repeat(20)}`,
      });
      for (const [name, content] of Object.entries(sampleMails(now))) {
        const addressed = { id: 'mail_1', address, locale, createdAt: now };
        const { html } = toMessage(config, { locales: ownLocales, frame: null }, addressed, content, now);
        for (const width of [360, 800]) {
          await page.setViewportSize({ width, height: 900 });
          await page.setContent(html);
          const { scrollWidth, lang } = await page.evaluate(() => ({
            scrollWidth: document.documentElement.scrollWidth,
            lang: document.documentElement.lang,
          }));
          expect(scrollWidth, `${name} at ${width}`).toBeLessThanOrEqual(width);
          expect(lang).toBe(locale);
        }
      }
      expect(await page.locator('img, script, link, iframe').count()).toBe(0);
      expect([escapes, problems]).toEqual([[], []]);
      await page.context().close();
    },
  );
});
