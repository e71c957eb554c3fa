import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

const folder = 'examples/account-page';

const advice = `The packages of the example are missing. Install them: npm ci --prefix ${folder}`;

/** Whether the tests of the example have to be left out. They say so aloud, and in CI they fail instead. */
export function isWithoutAccountPage(): boolean {
  if (existsSync(`${folder}/node_modules`) || process.env.CI) return false;
  process.stderr.write(`\nLEFT OUT: the tests of ${folder}. ${advice}\n\n`);
  return true;
}

export interface AccountPage {
  readonly url: string;
  stop(): Promise<void>;
}

/** The page, by the command that its README names, on a free port. Resolves when it can be opened. */
export async function startAccountPage(rosterUrl: string): Promise<AccountPage> {
  if (!existsSync(`${folder}/node_modules`)) throw new Error(advice);
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn('npm', ['start', '--prefix', folder, '--', '--port', '0'], {
    env: { PATH, HOME, ROSTER_URL: rosterUrl, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    const read = (text: string) => {
      output += text;
      const found = /Local: +(http:\S+:\d+)\//.exec(output)?.[1];
      if (found) resolve(found);
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
    child.once('error', reject);
    child.once('close', () => reject(new Error(`The page did not start:\n${output}`)));
  });
  return {
    url,
    async stop() {
      child.kill('SIGTERM'); // npm passes it on
      await ended; // Vite, too, which has npm's outputs
    },
  };
}
