import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Workload } from './workloads.ts';

/** The server has one core and the load the other, so that they do not take from each other. */
const serverCore = '0';
const loadCore = '1';

export interface Server {
  readonly name: string;
  readonly url: string;
  readonly port: number;
  readonly key: string;
  readonly child: ChildProcess;
  /** What it is asked to do; where it is left out, everything. */
  readonly workloads?: readonly Workload[];
}

/** Servers that ask for no key are given this one. */
export const rawKey = 'none';

/** Starts a raw server; it prints its address. */
export async function startRaw(name: string, script: string, url: string, args: string[]): Promise<Server> {
  const child = start(['--import', 'tsx', script, ...args], {});
  const { port } = JSON.parse(await firstMatch(child, /\{.*\}/)) as { port: number };
  return { name, url, port, key: rawKey, child };
}

const production = { NODE_ENV: 'production', SIGNING_KEY_SECRET: 'a secret of the benchmark and no other' };

/** Starts the built Roster as in production, but without a log line for each request, so it does not print where it listens. */
export async function startRoster(
  name: string,
  url: string,
  key: string,
  env: Record<string, string> = {},
): Promise<Server> {
  const port = await findFreePort();
  const settings = { ...production, PORT: String(port), DATABASE_URL: url, LOG_LEVEL: 'warn', ...env };
  const child = start(['dist/main.js', 'serve'], settings);
  child.stdout?.resume();
  await untilHealthy(child, `http://127.0.0.1:${port}/health`);
  return { name, url, port, key, child };
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function untilHealthy(child: ChildProcess, url: string): Promise<void> {
  while (!(await fetch(url).catch(() => null))?.ok) {
    if (child.exitCode !== null) throw new Error('a server ended before it listened');
    await sleep(50);
  }
}

const started = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of started) child.kill(); // those that an error left running
});

export function start(args: string[], env: Record<string, string>, cwd = process.cwd()): ChildProcess {
  const child = spawn('taskset', ['-c', serverCore, process.execPath, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.add(child);
  return child;
}

/** What a server prints, up to the first match. */
export async function firstMatch(child: ChildProcess, pattern: RegExp): Promise<string> {
  let text = '';
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    text += chunk;
    const match = pattern.exec(text);
    if (match) {
      child.stdout?.resume();
      return match[0];
    }
  }
  throw new Error(`a server ended before it listened: ${text}`);
}

export interface Load {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly failures: number;
  readonly cpuMicroseconds: number;
  readonly memoryMiB: number;
}

/** Loads a server for some seconds, from a process of its own on the other core. */
export async function load(server: Server, args: (string | number)[]): Promise<Load> {
  return loadWith('bench/load.ts', server, [server.port, server.key, ...args]);
}

/** The same with another script, whose line may tell more. */
export async function loadWith<More extends object>(
  script: string,
  server: Server,
  args: (string | number)[],
): Promise<Load & More> {
  const before = cpuSeconds(server);
  const result = await runOnLoadCore<Omit<Load, 'cpuMicroseconds' | 'memoryMiB'> & More>(script, args);
  const cpuMicroseconds = ((cpuSeconds(server) - before) * 1e6) / result.requests;
  return { ...result, cpuMicroseconds, memoryMiB: memoryMiB(server) };
}

/** Runs a script on the core of the load, and answers the JSON that it prints. */
export async function runOnLoadCore<T>(script: string, args: (string | number)[]): Promise<T> {
  const child = spawnOnLoadCore(script, args);
  let text = '';
  for await (const chunk of child.stdout) text += chunk;
  return JSON.parse(text) as T;
}

function spawnOnLoadCore(script: string, args: (string | number)[] = []) {
  const command = ['-c', loadCore, process.execPath, '--import', 'tsx', script, ...args];
  return spawn('taskset', command.map(String), { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Starts a server that the load needs, on its core; it prints its port. */
export async function startOnLoadCore(script: string): Promise<{ port: number; child: ChildProcess }> {
  const child = spawnOnLoadCore(script);
  started.add(child);
  const { port } = JSON.parse(await firstMatch(child, /\{.*\}/)) as { port: number };
  return { port, child };
}

/** utime and stime of proc(5), in clock ticks of a hundredth of a second. */
function cpuSeconds({ child }: Server): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

export function memoryMiB({ child }: Server): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024;
}

export async function stop({ child }: Server): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
  started.delete(child);
}

/** A request with the server's key, which must succeed. */
export async function ask<T>({ port, key }: Server, method: string, path: string, body: object): Promise<T> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}
