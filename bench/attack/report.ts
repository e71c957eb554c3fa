import { quantile } from '../statistics.ts';
import type { Outcome } from './parts.ts';

export interface Measured {
  readonly quiet: { readonly latencies: number[]; readonly answers: Record<string, number> };
  readonly latencies: number[];
  readonly answers: Record<string, number>;
  readonly outcomes: readonly Outcome[];
  /** Of the server, each second. */
  readonly memory: number[];
  readonly peakMiB: number;
  readonly isAlive: boolean;
}

export const updatesPerSecond = 50;

const goals = { p99Ms: 500, memoryMB: 600 };

export function describeAttack({ quiet, latencies, answers, outcomes, memory }: Measured): string[] {
  const times = (samples: number[]) => [0.5, 0.99, 1].map((share) => quantile(samples, share).toFixed(1)).join(' | ');
  return [
    '| Attack | Sent | Received MB | Answers |',
    '|---|---|---|---|',
    ...outcomes.map(
      ({ name, sent, bytesReceived, answers }) =>
        `| ${name} | ${sent} | ${(bytesReceived / 1e6).toFixed(1)} | ${describeAnswers(answers)} |`,
    ),
    '',
    `| \`updateUser\` by a backend, ${updatesPerSecond} a second | p50 ms | p99 ms | max ms | Answers |`,
    '|---|---|---|---|---|',
    `| before | ${times(quiet.latencies)} | ${describeAnswers(quiet.answers)} |`,
    `| meanwhile | ${times(latencies)} | ${describeAnswers(answers)} |`,
    '',
    `Slowest update of each second, ms: ${slowestOfEachSecond(latencies).join(' ')}`,
    '',
    `Memory of the server each second, MiB: ${memory.map((value) => value.toFixed(0)).join(' ')}`,
  ];
}

/** They are in the order in which they were due. */
function slowestOfEachSecond(latencies: number[]): string[] {
  const seconds = Math.ceil(latencies.length / updatesPerSecond);
  return Array.from({ length: seconds }, (_, i) =>
    Math.max(...latencies.slice(i * updatesPerSecond, (i + 1) * updatesPerSecond)).toFixed(0),
  );
}

function describeAnswers(answers: Record<string, number>): string {
  return Object.entries(answers)
    .sort(([, a], [, b]) => b - a)
    .map(([answer, times]) => `${answer}: ${times}`)
    .join(', ');
}

export function describeGoals({ latencies, answers, outcomes, peakMiB, isAlive }: Measured) {
  const p99 = quantile(latencies, 0.99);
  const peakMB = (peakMiB * 1024 * 1024) / 1e6;
  const idle = outcomes.filter(({ isReal }) => !isReal).map(({ name }) => name);
  const rows: [goal: string, measured: string, isReached: boolean][] = [
    [`p99 of updateUser under ${goals.p99Ms} ms`, `${p99.toFixed(1)} ms`, p99 < goals.p99Ms],
    [`memory under ${goals.memoryMB} MB, at any moment`, `${peakMB.toFixed(0)} MB`, peakMB < goals.memoryMB],
    ['every update is made', describeAnswers(answers), Object.keys(answers).join() === '200'],
    ['the server is still there', isAlive ? 'yes' : 'no', isAlive],
    ['every part was a real attack', idle.join('; ') || 'yes', idle.length === 0],
  ];
  return {
    areReached: rows.every(([, , isReached]) => isReached),
    lines: [
      '| Goal | Measured | |',
      '|---|---|---|',
      ...rows.map(([goal, measured, isReached]) => `| ${goal} | ${measured} | ${isReached ? 'reached' : 'MISSED'} |`),
    ],
  };
}
