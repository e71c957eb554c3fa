import { load, memoryMiB, type Server } from './server-process.ts';

/** The server, and how long it took from the start of its process to its first answer. */
export async function measureStart(start: () => Promise<Server>): Promise<{ server: Server; startMs: number }> {
  const startedAt = performance.now();
  const server = await start();
  const answer = await fetch(`http://127.0.0.1:${server.port}/ready`);
  if (!answer.ok) throw new Error(`${server.name} is not ready: ${answer.status}`);
  return { server, startMs: performance.now() - startedAt };
}

/** The memory of a server under updates by 32 connections, every ten seconds. */
export async function measureMemory(server: Server, minutes: number, users: number): Promise<number[]> {
  const samples: number[] = [];
  const sampling = setInterval(() => samples.push(memoryMiB(server)), 10_000);
  const { failures } = await load(server, [minutes * 60, 32, 'update', users, 1]);
  clearInterval(sampling);
  if (failures > 0) throw new Error(`${server.name} failed ${failures} times`);
  return samples;
}
