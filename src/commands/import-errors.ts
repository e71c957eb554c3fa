import { open } from 'node:fs/promises';
import type { Problem } from '../moving/import/import-items.ts';
import type { Terminal } from './terminal.ts';

/** So many are told where no file was given for them. */
const maxTold = 20;

export interface ErrorsFile {
  /** Resolves when they are written down. */
  write(problems: readonly Problem[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * Where problems go: to a file, as JSON lines, which only its owner reads, or the first ones to the error output. An import that goes
 * on adds to the file; what was told in the transaction that it was stopped in is told again.
 */
export function openErrorsFile(terminal: Terminal, name: string | undefined, goesOn: boolean): ErrorsFile {
  if (name === undefined) return tellSome(terminal);
  const opening = open(name, goesOn ? 'a' : 'w', 0o600);
  opening.catch(() => {}); // told by the first write, or at the end
  return {
    async write(problems) {
      await (await opening).appendFile(problems.map((problem) => `${JSON.stringify(problem)}\n`).join(''));
    },
    close: async () => (await opening).close(),
  };
}

function tellSome({ stderr }: Terminal): ErrorsFile {
  let told = 0;
  return {
    async write(problems) {
      for (const { outcome, file, line, field, message } of problems) {
        const what = field === undefined ? message : `${field}: ${message}`;
        if (told < maxTold) stderr.write(`${file}, line ${line}: ${outcome}: ${what}\n`);
        else if (told === maxTold) stderr.write('There are more. Give --errors FILE to have them all.\n');
        told += 1;
      }
    },
    close: async () => {},
  };
}
