import { createHash } from 'node:crypto';
import { isBroken } from '../read/records.ts';
import type { BrokenRecord, SourceRecord } from '../source/import-format.ts';

/** Whether a file of Roster's own is whole: its last line says how many users are before it, and their SHA-256. */
export interface TrailerCheck {
  add(record: SourceRecord | BrokenRecord): void;
  /** What is wrong with the files, in sentences. */
  end(): string[];
}

export function createTrailerCheck(format: string): TrailerCheck {
  if (format !== 'roster') return { add: () => {}, end: () => [] };
  const problems: string[] = [];
  let open: { hash: ReturnType<typeof createHash>; users: number } | null = null;
  const cutOff = () => {
    if (open) problems.push('The file has no last line with its checksum: it was cut off.');
    open = null;
  };
  return {
    add(record) {
      if (isBroken(record)) return;
      const { values, raw } = record;
      if (values.format !== undefined) {
        cutOff();
        open = { hash: createHash('sha256'), users: 0 };
      } else if (values.sha256 !== undefined) {
        if (open && (open.hash.digest('hex') !== values.sha256 || open.users !== values.users)) {
          problems.push(
            'The users of the file are not those that its last line has the checksum of: it was changed or damaged.',
          );
        }
        open = null;
      } else if (open && raw) {
        open.hash.update(raw).update('\n');
        open.users += 1;
      }
    },
    end() {
      cutOff();
      return problems;
    },
  };
}
