import type { Browser, Page } from 'playwright-core';
import { afterAll, test as anyTest, beforeAll, expect, onTestFinished } from 'vitest';
import { type AccountPage, isWithoutAccountPage, startAccountPage } from '../support/account-page.ts';
import { isWithoutBrowser, launchBrowser, openGuardedPage } from '../support/browser.ts';
import { post, postUser, type Served, serveHere } from '../support/server.ts';
import { openSmtp, type ReceivedMail, type TestSmtp } from '../support/smtp.ts';
import { waitFor } from '../support/wait.ts';

const leftOut = isWithoutBrowser('the account page') || isWithoutAccountPage();
const test = anyTest.skipIf(leftOut);

let smtp: TestSmtp;
let server: Served;
let accountPage: AccountPage;
let browser: Browser;
beforeAll(async () => {
  if (leftOut) return;
  smtp = await openSmtp();
  server = await serveHere({
    SMTP_URL: smtp.url,
    MAIL_FROM: 'roster@example.com',
    PASSWORD_RESET_URL: 'http://127.0.0.1:5173/reset-password',
    EMAIL_CHANGE_ENDS_SESSIONS: 'false', // so that somebody whose address a backend has changed is still there to verify it
  });
  [accountPage, browser] = await Promise.all([startAccountPage(server.url), launchBrowser()]);
});
afterAll(async () => {
  await Promise.all([browser?.close(), accountPage?.stop(), server?.dispose()]);
  await smtp?.stop();
});

const password = 'wkqzvxmrhtbj';
const newPassword = 'walnut trumpet glacier mitten';
const eventually = { timeout: 15_000 };
let users = 0;

interface Ada {
  readonly id: string;
  readonly email: string;
}

async function makeAda(more: object = { emailVerified: true }): Promise<Ada> {
  users += 1;
  const email = `ada.${users}@example.com`;
  return { id: await postUser(server.url, server.key, { email, name: 'Ada Byron', password, ...more }), email };
}

async function read({ id }: Ada): Promise<unknown> {
  const query = 'query ($id: ID!) { user(id: $id) { email emailVerified sessions { id } } }';
  return (await post(server.url, server.key, query, { id })).data?.user;
}

/** The page in a browser of its own; afterwards nothing has left the machine, and no exception was thrown in it. */
async function open(path = '/', from = accountPage.url): Promise<Page> {
  const { page, escapes, problems } = await openGuardedPage(browser);
  onTestFinished(async () => {
    await page.context().close();
    expect(escapes).toEqual([]);
    expect(problems).toEqual([]);
  });
  await page.goto(`${from}${path}`);
  return page;
}

const field = (page: Page, label: string) => page.getByLabel(label, { exact: true });
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).first().click();
const says = (page: Page, text: string) => expect.poll(() => page.getByText(text).count(), eventually).toBe(1);
const isSignedIn = (page: Page) =>
  expect.poll(() => page.getByRole('heading', { name: 'Ada Byron' }).isVisible(), eventually).toBe(true);

async function signIn(page: Page, email: string, typed = password): Promise<void> {
  await field(page, 'Email').fill(email);
  await field(page, 'Password').fill(typed);
  await press(page, 'Sign in');
}

/** The first mail to an address whose text has this in it. */
const mailTo = (address: string, pattern: RegExp): Promise<ReceivedMail> =>
  waitFor(`a mail to ${address}`, () =>
    smtp.mails.find(({ envelope, text = '' }) => envelope.to.includes(address) && pattern.test(text)),
  );
const codeOf = ({ text = '' }: ReceivedMail) => /^(\d{6})$/m.exec(text)?.[1] ?? '';
const codeTo = async (address: string) => codeOf(await mailTo(address, /^\d{6}$/m));

test('whoever forgot the password opens the link of a mail, chooses another one, and is signed out everywhere', async () => {
  const ada = await makeAda();
  const elsewhere = await open();
  await signIn(elsewhere, ada.email);
  await isSignedIn(elsewhere);

  const page = await open();
  await press(page, 'Forgot your password?');
  await field(page, 'Email').fill(ada.email);
  await press(page, 'Mail me a link');
  await says(
    page,
    `If ${ada.email} has an account, a link to a new password is on its way there. It counts for an hour.`,
  );
  const { text = '' } = await mailTo(ada.email, /reset-password\?token=/);
  const token = /token=([\w-]+)/.exec(text)?.[1] ?? '';

  const link = `/reset-password?token=${token}`;
  await open(link); // as a program does that looks into mails: it takes nothing away
  const reset = await open(link);
  await field(reset, 'New password').fill('password');
  await press(reset, 'Change password');
  await expect.poll(() => reset.getByText('too easy to guess').count(), eventually).toBeGreaterThan(0);
  await field(reset, 'New password').fill(newPassword);
  await press(reset, 'Change password');
  await says(reset, 'Your password is changed, and you are signed out everywhere. Sign in with the new one.');
  expect(reset.url()).not.toContain(token);
  expect(await read(ada)).toMatchObject({ sessions: [] });
  await signIn(reset, ada.email, newPassword);
  await isSignedIn(reset);
});

test('a code that is mailed signs in without a password', async () => {
  const ada = await makeAda({ password: undefined });
  const page = await open();
  await press(page, 'Sign in with a code');
  await field(page, 'Email').fill(ada.email);
  await press(page, 'Mail me a code');
  await says(page, `If ${ada.email} has an account, a code is on its way there. It counts for ten minutes.`);
  const code = await codeTo(ada.email);
  await field(page, 'Code').fill(code === '000000' ? '111111' : '000000');
  await press(page, 'Sign in');
  await expect.poll(() => field(page, 'Code').getAttribute('aria-invalid'), eventually).toBe('true');
  await field(page, 'Code').fill(`${code.slice(0, 3)} ${code.slice(3)}`);
  await press(page, 'Sign in');
  await isSignedIn(page);
  await says(page, 'Verified');
});

test('whoever is about to sign in by a code reads what that ends where the address was never verified', async () => {
  const page = await open();
  await press(page, 'Sign in with a code');
  await field(page, 'Email').fill('nobody@example.com');
  await press(page, 'Mail me a code');
  await says(page, 'Where the address was never verified, a password and sessions of before end with this.');
});

test('a sign-in at an address that is not verified goes on with the code that was mailed there', async () => {
  const ada = await makeAda({});
  const page = await open();
  await signIn(page, ada.email);
  await says(page, `Your address is not verified yet. A code is on its way to ${ada.email}.`);
  await field(page, 'Code').fill(await codeTo(ada.email));
  await press(page, 'Sign in');
  await isSignedIn(page);
  await says(page, 'Verified');
});

test('an address that a backend has changed is verified from within the account', async () => {
  const ada = await makeAda();
  const page = await open();
  await signIn(page, ada.email);
  await isSignedIn(page);
  const email = `backend.${ada.email}`;
  const change = 'mutation ($id: ID!, $email: EmailAddress!) { updateUser(id: $id, input: { email: $email }) { id } }';
  await post(server.url, server.key, change, { id: ada.id, email });
  await page.reload();
  await says(page, 'Not verified');
  await press(page, 'Mail me a code to verify it');
  await press(page, 'Another code');
  await says(page, 'Too many of these were sent.'); // half a minute has to pass, and the first one still counts
  await field(page, 'Code').fill(await codeTo(email));
  await press(page, 'Verify');
  await says(page, 'Your address is verified.');
  expect(await read(ada)).toMatchObject({ email, emailVerified: true });
});

test('users change their address by a code that is mailed to the new one, and the one before is told', async () => {
  const ada = await makeAda();
  const page = await open();
  await signIn(page, ada.email);
  await isSignedIn(page);
  const email = `new.${ada.email}`;
  await field(page, 'New address').fill(email);
  await field(page, 'Your password').fill(password);
  await press(page, 'Change the address');
  await says(page, `A code is on its way to ${email}. Your address so far is told, or gets a code of its own first.`);
  await field(page, 'Code').fill(await codeTo(email));
  await press(page, 'Confirm the new address');
  await expect
    .poll(() => page.getByText(`Your address is ${email} now.`, { exact: false }).count(), eventually)
    .toBe(1);
  expect(await read(ada)).toMatchObject({ email, emailVerified: true });
  await waitFor('both notices', () => smtp.mails.filter(({ envelope }) => envelope.to.includes(ada.email)).length >= 2);
});

test('where both addresses have to agree, the page goes from the code of the one so far to that of the new one', async () => {
  const both = await serveHere({
    SMTP_URL: smtp.url,
    MAIL_FROM: 'roster@example.com',
    PASSWORD_RESET_URL: 'http://127.0.0.1:5173/reset-password',
    EMAIL_CHANGE_CONFIRM: 'both',
  });
  const itsPage = await startAccountPage(both.url);
  onTestFinished(async () => void (await Promise.all([itsPage.stop(), both.dispose()])));
  const [email, next] = ['ada.both@example.com', 'new.ada.both@example.com'];
  await postUser(both.url, both.key, { email, name: 'Ada Byron', password, emailVerified: true });
  const page = await open('/', itsPage.url);
  await signIn(page, email);
  await isSignedIn(page);
  await field(page, 'New address').fill(next);
  await field(page, 'Your password').fill(password);
  await press(page, 'Change the address');
  await field(page, 'Code').fill(await codeTo(email));
  await press(page, 'Confirm the new address');
  await says(page, `The next code is on its way to ${next}.`);
  await field(page, 'Code').fill(await codeTo(next));
  await press(page, 'Confirm the new address');
  await says(page, `Your address is ${next} now.`);
});
