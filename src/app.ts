import type { HttpApp } from './http/http-app.ts';
import type { Jobs } from './jobs/jobs.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { Deliveries } from './webhooks/deliveries.ts';

export type StopPhase = 'jobs' | 'database';

/** What the running service is made of; `create-app.ts` puts it together. Each part names what it needs of it in a type of its own. */
export interface App extends HttpApp {
  readonly jobs: Jobs;
  readonly deliveries: Deliveries;
  readonly metrics: Metrics;
  /** Starts what runs beside the requests. Only what serves does that. */
  start(): void;
  /**
   * Ends the jobs, within `SHUTDOWN_TIMEOUT_MS`, writes what is only in memory, within two seconds, and closes the database;
   * tells what it is about to wait for.
   */
  stop(enter?: (phase: StopPhase) => void): Promise<void>;
}
