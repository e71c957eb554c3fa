/** The fields that users edit as text; a field without a value is null. */
export type Values = Readonly<Record<string, string | null>>;

/**
 * What to send of a form. Roster tells three cases apart, and so must the page: a field that is left out stays as it is,
 * null clears it, and text sets it. So an untouched field is left out, and an emptied one is null, not "": a name that is
 * an empty string is a name, too. Sending every field each time would undo what somebody else changed meanwhile.
 */
export function changesOf(before: Values, typed: Readonly<Record<string, string>>): Record<string, string | null> {
  const changed = Object.entries(typed).filter(([field, text]) => text !== (before[field] ?? ''));
  return Object.fromEntries(changed.map(([field, text]) => [field, text === '' ? null : text]));
}
