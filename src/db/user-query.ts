import type { Prisma } from '../generated/sqlite/client.ts';

/** What the caller wants to have of a user, in Prisma's words. */
export type UserQuery = Pick<Prisma.UserDefaultArgs, 'select' | 'include'>;
