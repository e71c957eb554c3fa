import type { TestApp } from './app.ts';

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
