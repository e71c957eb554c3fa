/** A group is closed when it has this many turns or is this old, whichever comes first. */
const maxTurnsPerGroup = 64;
const maxGroupAgeMs = 10;

/** The turns that one commit makes stand. */
export class Group {
  readonly startedAt = performance.now();
  turns = 0;
  /** Why it was undone, as soon as it is. */
  failure: unknown = null;
  resolve!: () => void;
  reject!: (reason: unknown) => void;
  readonly committed = new Promise<void>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });

  constructor() {
    this.committed.catch(() => {}); // in a group of rolled-back turns nobody waits for the commit
  }

  isFull(): boolean {
    return this.turns >= maxTurnsPerGroup || performance.now() - this.startedAt > maxGroupAgeMs;
  }
}
