const idAt = 'roster tab';
const waitMs = 1_000;

let claim: Promise<boolean> | null = null;

/**
 * Whether the `sessionStorage` of this tab is its own. "Duplicate tab" copies it, with the refresh token; two tabs would
 * then send the same one, and the session would end in both. Each tab holds a lock named after an id in its storage for
 * as long as it lives, so a copy does not get the lock: it takes a new id, and its user signs in there.
 *
 * Where there are no locks (they take HTTPS or this machine), it says yes.
 */
export function claimStorage(): Promise<boolean> {
  claim ??= navigator.locks ? claimByLock() : Promise.resolve(true);
  return claim;
}

async function claimByLock(): Promise<boolean> {
  const id = sessionStorage.getItem(idAt);
  const isOwn = id === null || (await hold(id)); // waits, because after a reload the page before may not be gone yet
  if (id !== null && isOwn) return true;
  const newId = crypto.randomUUID();
  sessionStorage.setItem(idAt, newId);
  await hold(newId);
  return isOwn;
}

/** Takes the lock and never gives it back; answers false when another tab keeps it. */
function hold(id: string): Promise<boolean> {
  return new Promise((resolve) => {
    const untilTheTabCloses = () => {
      resolve(true);
      return new Promise<never>(() => {});
    };
    navigator.locks
      .request(`${idAt} ${id}`, { signal: AbortSignal.timeout(waitMs) }, untilTheTabCloses)
      .catch(() => resolve(false));
  });
}
