/** After batches that were refused in a row, so many go the ordinary way before the next one is tried. */
const maxBatches = 64;

/** For how long batches go the ordinary way after one was refused: twice as many after each that follows. */
export interface Detour {
  /** Whether this batch goes the ordinary way; it counts as one of them. */
  takes(): boolean;
  noteRefused(): void;
  noteInserted(): void;
}

export function createDetour(): Detour {
  let [left, refusals] = [0, 0];
  return {
    takes() {
      if (left === 0) return false;
      left -= 1;
      return true;
    },
    noteRefused() {
      left = Math.min(maxBatches, 2 ** refusals);
      refusals += 1;
    },
    noteInserted() {
      refusals = 0;
    },
  };
}
