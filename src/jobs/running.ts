import { Stopping } from './attempt.ts';

interface Running<Work> {
  readonly work: Work;
  readonly controller: AbortController;
  readonly ended: Promise<void>;
}

/** What this process works on now. `run` ends soon after its controller aborts, and never rejects. */
export function createRunning<Work extends { readonly id: string }>(
  run: (work: Work, controller: AbortController, stopping: AbortSignal) => Promise<void>,
  onEnd: () => void,
) {
  const running = new Map<string, Running<Work>>();
  const stopping = new AbortController();

  return {
    begin(work: Work): void {
      const controller = new AbortController();
      const ended = run(work, controller, stopping.signal).finally(() => {
        running.delete(work.id);
        onEnd();
      });
      running.set(work.id, { work, controller, ended });
      if (stopping.signal.aborted) controller.abort(new Stopping());
    },
    list: () => [...running.values()].map(({ work }) => work),
    /** Asks what is somebody else's by now to end. */
    lose(id: string): void {
      running.get(id)?.controller.abort(new Error('Another process has taken it over.'));
    },
    abort(): void {
      stopping.abort();
      for (const { controller } of running.values()) controller.abort(new Stopping());
    },
    isStopping: () => stopping.signal.aborted,
    async settled(): Promise<void> {
      await Promise.all([...running.values()].map(({ ended }) => ended));
    },
  };
}
