import { findShown } from '../../src/codes/find.ts';
import type { CodePurpose } from '../../src/codes/purposes.ts';
import type { TestApp } from './app.ts';

/** Somebody who asks for a code, and of whom nothing is known. */
export const anybody = { requester: 'stranger', id: null } as const;

/** Six digits that are not these. */
export function otherThan(code: string): string {
  return String((Number(code) + 1) % 1_000_000).padStart(6, '0');
}

/** Lets the codes of an address have expired so long ago, by whichever clock decides. */
export async function expireCodes(
  { app }: TestApp,
  { emailCanonical }: { emailCanonical: string },
  agoMs = 1000,
): Promise<void> {
  const data = { expiresAt: new Date(Date.now() - agoMs) };
  await app.db.transaction((tx) => tx.prisma.oneTimeCode.updateMany({ where: { emailCanonical }, data }));
}

interface Mailed {
  readonly template: string;
  readonly code: string;
  readonly token: string;
}

/** What was mailed to an address, the newest last: as the mails that wait to be sent have it. */
export async function mailedTo({ app }: Pick<TestApp, 'app'>, address: string): Promise<Mailed[]> {
  const mails = await app.db.reader.mailMessage.findMany({ where: { address }, orderBy: { id: 'asc' } });
  return mails.map(({ id, template, sealedParameters }) => {
    const parameters = app.secrets.openSecret('mail parameters', id, sealedParameters ?? '').toString();
    const { code, token } = JSON.parse(parameters);
    return { template, code, token };
  });
}

/** The newest code that was mailed to an address. */
export async function codeMailedTo(t: Pick<TestApp, 'app'>, address: string): Promise<string> {
  const { code } = (await mailedTo(t, address)).findLast((mail) => mail.code !== undefined) ?? {};
  if (code === undefined) throw new Error(`no code was mailed to ${address}`);
  return code;
}

/** The newest code of an address that can still be used, as a backend sees it that sends the mail itself. */
export async function shownCode(
  { app }: Pick<TestApp, 'app'>,
  emailCanonical: string,
  purpose: CodePurpose = 'magic_auth',
): Promise<string> {
  const where = { emailCanonical, purpose };
  const { id } = await app.db.reader.oneTimeCode.findFirstOrThrow({ where, orderBy: { id: 'desc' } });
  const shown = await findShown(app, purpose, id);
  if (!shown) throw new Error(`no code of ${emailCanonical} can be used`);
  return shown.secret;
}
