import type { Row } from './measure.ts';
import { fixed } from './statistics.ts';
import type { Workload } from './workloads.ts';

/** Of the name of a raw server that inserts an event for each user whose names it updates, in the same transaction. */
export const eventsSuffix = ', events';

/** Of the name of a Roster that records nothing. */
export const noEventsSuffix = ', no events';

/** What recording costs shows beside a server that records nothing. */
export const noEventsSettings = { EVENTS_RETENTION_DAYS: '0' };

/** Of the requests a second of the raw server of the same durability that inserts an event for each user. */
const minRatios: Partial<Record<Workload, number>> = { update: 0.8, bulk: 0.4 };

/** How fast an update that is recorded is beside the raw one that is; null where there is none to compare it with. */
export function compareRecording({ database, server, workload, connections, perSecond }: Row, rows: Row[]) {
  const name = server.replace('Roster', 'raw') + eventsSuffix;
  const raw = rows.find(
    (row) =>
      row.database === database && row.server === name && row.workload === workload && row.connections === connections,
  );
  if (!raw) return null;
  const ratio = perSecond / raw.perSecond;
  const minRatio = minRatios[workload] as number;
  return { wanted: `≥ ${fixed(minRatio, 2)} of ${name}`, is: fixed(ratio, 2), reached: ratio >= minRatio };
}
