const maxCharacters = 40;

/** Stands in the place of a name that is not shown. */
export const hiddenName = '(a name that is not shown)';

/**
 * A name out of a request, as a message may repeat it: its first 40 characters. What does not look like a name is not shown at
 * all. It may be a value in the wrong place: a password, or a whole body.
 */
export function safeName(name: string): string {
  if (!/^[\p{L}\p{M}\p{N}_.$[\]-]+$/u.test(name)) return hiddenName;
  const start = Array.from(name.slice(0, 2 * maxCharacters))
    .slice(0, maxCharacters)
    .join('');
  return start.length < name.length ? `${start}…` : name;
}
