import type { Note } from '../source/import-format.ts';

export function leftOut(field: string, message: string): Note {
  return { code: 'left_out', field, message };
}
