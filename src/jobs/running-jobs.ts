import type { Job } from '../db/database.ts';
import { Stopping } from './attempt.ts';

interface Running {
  readonly job: Job;
  readonly controller: AbortController;
  readonly ended: Promise<void>;
}

/** The jobs that this process runs now. `run` ends soon after its controller aborts, and never rejects. */
export function createRunningJobs(
  run: (job: Job, controller: AbortController, stopping: AbortSignal) => Promise<void>,
  onEnd: () => void,
) {
  const running = new Map<string, Running>();
  const stopping = new AbortController();

  return {
    begin(job: Job): void {
      const controller = new AbortController();
      const ended = run(job, controller, stopping.signal).finally(() => {
        running.delete(job.id);
        onEnd();
      });
      running.set(job.id, { job, controller, ended });
      if (stopping.signal.aborted) controller.abort(new Stopping());
    },
    count: (kind: string) => [...running.values()].filter(({ job }) => job.kind === kind).length,
    list: () => [...running.values()].map(({ job: { id, kind } }) => ({ id, kind })),
    /** Asks a job to end that is somebody else's by now. */
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
