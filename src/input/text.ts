import { ValidationError } from './validation-errors.ts';

/** Length in code points, as PostgreSQL counts and as people do; not in UTF-16 units. */
export function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** Whether both databases can store the text: PostgreSQL takes neither U+0000 nor half a surrogate pair. */
export function isStorableText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\u0000');
}

/** Refuses text that cannot be stored, on both databases; throws ValidationError. */
export function assertStorableText(text: string, subject: string): void {
  if (isStorableText(text)) return;
  throw new ValidationError(
    'invalid_request_parameters',
    `${subject} contains U+0000 or half a surrogate pair, which cannot be stored.`,
  );
}
