import type { Socket } from 'node:net';

/**
 * Bounds the memory of requests that have not arrived wholly and of answers that are not taken. Clients send and take
 * theirs within milliseconds, so much waits only where many send slowly or do not read: then the oldest are given up,
 * with their connections. A message longer than all may be together is given up alone: nobody else has to make room for it.
 */
export interface MemoryBudget {
  /** Holds so many bytes for a message, besides what it holds already. */
  hold(message: object, socket: Socket, bytes: number): void;
  release(message: object): void;
}

/** `onGivenUp` is told how many messages were given up. */
export function createMemoryBudget(maxBytes: number, onGivenUp: (count: number) => void): MemoryBudget {
  const held = new Map<object, { readonly socket: Socket; bytes: number }>();
  let total = 0;

  function release(message: object): void {
    total -= held.get(message)?.bytes ?? 0;
    held.delete(message);
  }

  function giveUp(message: object, socket: Socket): void {
    release(message);
    socket.resetAndDestroy(); // so that the kernel does not keep what was not taken either
  }

  function giveUpOldest(): void {
    let count = 0;
    for (const [message, { socket }] of held) {
      if (total <= maxBytes) break;
      giveUp(message, socket);
      count += 1;
    }
    onGivenUp(count);
  }

  return {
    release,
    hold(message, socket, bytes) {
      const known = held.get(message) ?? { socket, bytes: 0 };
      known.bytes += bytes;
      held.set(message, known); // its place among the others is that of its first bytes
      total += bytes;
      if (known.bytes > maxBytes) {
        giveUp(message, socket);
        onGivenUp(1);
      } else if (total > maxBytes) giveUpOldest();
    },
  };
}
