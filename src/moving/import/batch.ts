import type { Item } from './conversion.ts';

/** What is written together. */
export interface Batch {
  readonly items: readonly Item[];
  /** So many records are done with it. */
  readonly records: number;
  readonly isFinished: boolean;
  /** Nobody else writes, and there is more to come. */
  readonly isAlone: boolean;
}
