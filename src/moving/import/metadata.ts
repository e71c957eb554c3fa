import { ValidationError } from '../../input/validation-errors.ts';
import { metadataLimits, parseMetadataPatch } from '../../users/metadata.ts';
import type { Note, Values } from '../source/import-format.ts';
import { leftOut } from './notes.ts';

/**
 * Metadata of a source as Roster's: text as it is, numbers and booleans as the text of their JSON; what is nested, as compact JSON if
 * that was asked for. What does not fit is left out, entry by entry, and noted.
 */
export function metadataOf(source: Values, nestedAsJson: boolean, notes: Note[]): Record<string, string> {
  const metadata: Record<string, string> = {};
  let pairs = 0;
  for (const [key, value] of Object.entries(source)) {
    if (value === null || value === undefined) continue;
    const text = textOf(value, nestedAsJson);
    const problem = text === null ? 'Its value is nested: see --metadata json.' : problemOf(key, text);
    if (problem === null && pairs === metadataLimits.maxPairs) {
      notes.push(
        leftOut(
          'metadata',
          `The key ${short(key)}, and what follows it: there are at most ${metadataLimits.maxPairs}.`,
        ),
      );
      break;
    }
    if (problem === null) {
      metadata[key] = text as string;
      pairs += 1;
    } else notes.push(leftOut('metadata', `The key ${short(key)}: ${problem}`));
  }
  return metadata;
}

function textOf(value: unknown, nestedAsJson: boolean): string | null {
  if (typeof value === 'string') return value;
  return typeof value !== 'object' || nestedAsJson ? JSON.stringify(value) : null;
}

function problemOf(key: string, text: string): string | null {
  try {
    parseMetadataPatch({ [key]: text });
    return null;
  } catch (error) {
    if (error instanceof ValidationError) return error.message;
    throw error;
  }
}

function short(key: string): string {
  return JSON.stringify(key.slice(0, 40));
}
