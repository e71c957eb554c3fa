import { createHash } from 'node:crypto';

/** How to reach a Have I Been Pwned range API (haveibeenpwned.com/API/v3#PwnedPasswords). */
export interface BreachCheck {
  /** The address before the prefix, such as `https://api.pwnedpasswords.com/range`. */
  url: string;
  timeoutMs: number;
  /** Told when nothing could be learned; the reason holds nothing of the password. */
  onFailure: (reason: string) => void;
  fetch?: typeof fetch | undefined;
}

const prefixLength = 5;
const rangeLine = /^[0-9A-F]{35}:[0-9]+$/;

/** Whether the password is in a known breach. Only five hex digits of its SHA-1 leave the process; false on failure. */
export async function isBreached(password: string, check: BreachCheck): Promise<boolean> {
  const sha1 = createHash('sha1').update(password, 'utf8').digest('hex').toUpperCase();
  try {
    const lines = await fetchRange(sha1.slice(0, prefixLength), check);
    const suffix = sha1.slice(prefixLength);
    // A count of zero marks the padding that Add-Padding asked for.
    return lines.some((line) => line.startsWith(`${suffix}:`) && Number(line.slice(suffix.length + 1)) > 0);
  } catch (error) {
    check.onFailure(describeFailure(error, check.timeoutMs));
    return false;
  }
}

class UnusableRange extends Error {}

async function fetchRange(prefix: string, check: BreachCheck): Promise<string[]> {
  const send = check.fetch ?? fetch;
  const response = await send(`${check.url.replace(/\/$/, '')}/${prefix}`, {
    // Padding hides from the length of the answer which prefix was asked for.
    headers: { 'Add-Padding': 'true', 'User-Agent': 'roster' },
    redirect: 'error',
    signal: AbortSignal.timeout(check.timeoutMs),
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new UnusableRange(`it answered ${response.status}`);
  }
  const lines = (await response.text()).trim().split(/\r?\n/);
  if (!lines.every((line) => rangeLine.test(line))) throw new UnusableRange('its answer is not a range');
  return lines;
}

function describeFailure(error: unknown, timeoutMs: number): string {
  if (error instanceof UnusableRange) return error.message;
  return error instanceof Error && error.name === 'TimeoutError'
    ? `it did not answer within ${timeoutMs} ms`
    : 'it could not be reached';
}
