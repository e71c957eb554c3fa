import type { WholeUser } from '../../db/database.ts';

/** How users are written to a file. */
export interface ExportFormat {
  /** The start of the file. */
  head(exportedAt: Date): string;
  /** One user; `isFirst` in the file. */
  user(user: WholeUser, isFirst: boolean): string;
  /** The end of the file; the SHA-256 is that of what `user` has answered, all of it. */
  tail(counts: ExportCounts, sha256: string): string;
  /** Whether the format has a place for this hash. */
  carries(password: Record<string, unknown>): boolean;
}

export interface ExportCounts {
  users: number;
  identities: number;
  passwords: number;
  /** Hashes that the format has no place for. */
  leftPasswords: number;
}
