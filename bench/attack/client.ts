import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a part of the attack sent and what came back. */
export interface Tally {
  sent: number;
  /** How often each answer came: its status, and its code where it has one; or why there was none. */
  readonly answers: Record<string, number>;
  bytesReceived: number;
}

export function createTally(): Tally {
  return { sent: 0, answers: {}, bytesReceived: 0 };
}

export function count({ answers }: Tally, answer: string): void {
  answers[answer] = (answers[answer] ?? 0) + 1;
}

export interface Ask {
  readonly method?: 'GET' | 'POST';
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** The address that it comes from: every 127.x.y.z is one of this machine, and a network of its own to Roster. */
  readonly from: string;
}

const answerTimeoutMs = 60_000;

/** A client that keeps its connections, counts in a tally, and answers the text of what came. */
export function createClient(port: number, tally: Tally) {
  const agent = new Agent({ keepAlive: true });
  return ({ method = 'GET', path = '/graphql', headers = {}, body, from }: Ask): Promise<string> => {
    tally.sent += 1;
    return new Promise((resolve) => {
      const options = { port, method, path, agent, localAddress: from, timeout: answerTimeoutMs };
      const outgoing = request({ host: '127.0.0.1', ...options, headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => {
          tally.bytesReceived += chunk.length;
          if (chunks.length < 16) chunks.push(chunk); // enough for every code
        });
        answer.once('close', () => {
          const text = Buffer.concat(chunks).toString();
          const code = /"code":"(\w+)"/.exec(text)?.[1];
          count(tally, [answer.complete ? answer.statusCode : 'cut', code].filter(Boolean).join(' '));
          resolve(text);
        });
      });
      outgoing.once('timeout', () => outgoing.destroy(new Error('no answer in a minute')));
      outgoing.once('error', (error: NodeJS.ErrnoException) => {
        count(tally, error.code ?? error.message);
        resolve('');
      });
      outgoing.end(body);
    });
  };
}

export type Client = ReturnType<typeof createClient>;

export const postGraphQL = (from: string, body: object, authorization?: string): Ask => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...(authorization && { authorization: `Bearer ${authorization}` }) },
  body: JSON.stringify(body),
  from,
});

/** Does so many a second, whether the last ones are answered or not, and resolves when all are. */
export async function repeat(perSecond: number, seconds: number, work: (i: number) => Promise<unknown>): Promise<void> {
  const startedAt = performance.now();
  const running: Promise<unknown>[] = [];
  for (let i = 0; i < perSecond * seconds; i += 1) {
    const due = startedAt + (i * 1000) / perSecond;
    if (due > performance.now()) await sleep(due - performance.now());
    running.push(work(i));
  }
  await Promise.all(running);
}
