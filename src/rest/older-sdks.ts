/**
 * SDKs that send every parameter that was left out as `null`, by their `User-Agent`. They cannot ask to clear a field, and
 * what their callers leave out must stay as it is.
 */
const sendNullForOmitted: Readonly<Record<string, RegExp>> = {
  'PHP before 5': /^WorkOS PHP\/[0-4]\./,
  // Its versions are numbered apart from those of PHP: 6.0 is the first that uses PHP 5.
  'PHP for Laravel before 6': /^WorkOS PHP Laravel\/[0-5]\./,
  'Ruby before 5.22': /^WorkOS; [^;]+; [^;]+; v(?:[0-4]|5\.(?:1?\d|2[01]))\./,
};

/** Whether `null` from this client can only mean "left out". */
export function sendsNullForOmitted(userAgent: string | null): boolean {
  return userAgent !== null && Object.values(sendNullForOmitted).some((pattern) => pattern.test(userAgent));
}
