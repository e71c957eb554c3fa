/** Stops this whole process for longer than an attempt may take, and until something has happened in another one. */
export function standStill(hasHappened: () => boolean): void {
  const still = new Int32Array(new SharedArrayBuffer(4));
  for (let tenths = 0; tenths < 10 || (!hasHappened() && tenths < 300); tenths += 1) Atomics.wait(still, 0, 0, 100);
  Atomics.wait(still, 0, 0, 200); // what has come is answered a moment later
}
