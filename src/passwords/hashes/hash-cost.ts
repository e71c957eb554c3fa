/** What it takes to compute a hash. */
export interface HashCost {
  readonly memoryKiB: number;
  /** Milliseconds of one core, as measured once: only good to be compared with another one. */
  readonly timeMs: number;
}

/** Whether a hash takes more of anything than another one. */
export function isCostlier(cost: HashCost, than: HashCost): boolean {
  return cost.memoryKiB > than.memoryKiB || cost.timeMs > than.timeMs;
}
