import { expect, onTestFinished, test } from 'vitest';
import { jsonHeaders, send, startServerProcess } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';

test('without a mail server, a server in development prints mail where it runs, and not as a line of its log', async () => {
  const server = await startServerProcess({ NODE_ENV: 'development' });
  onTestFinished(server.dispose);
  expect(server.output()).toContain('Mail       not sent, but printed here');
  const ask = (path: string, body: object) =>
    send(`${server.url}/user_management${path}`, {
      method: 'POST',
      headers: jsonHeaders(server.key),
      body: JSON.stringify(body),
    });
  expect(await ask('/users', { email: 'ada@example.com', locale: 'en' })).toMatchObject({ status: 201 });
  const made = await ask('/magic_auth', { email: 'ada@example.com' });
  const { code } = JSON.parse(made.text);
  const mail = await waitFor('the mail', () => /\n {2}│ To: .*?\n\n/s.exec(server.output())?.[0]);
  expect(mail).toMatch(/^\n {2}│ To: ada@example\.com\n {2}│ Subject: Your code to sign in to Roster\n {2}│\n/);
  expect(mail).toContain(`\n  │ ${code}\n`);
  const lines = server.output().replace(mail, '');
  expect(lines).not.toContain(code);
  expect(lines).not.toContain('ada@example.com');
});
