import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, Transaction } from '../db/database.ts';
import { createAlarm } from '../jobs/alarm.ts';
import { waitAtMost } from '../jobs/time-limit.ts';
import { nowAndThen } from '../log/now-and-then.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { maxTaken, maxTakenPerEndpoint, maxToSlow, maxToUnproven, type Room } from './choose.ts';
import {
  type DisabledEndpoint,
  type EndedDelivery,
  settleDeliveries,
  type TakenDelivery,
  takeDeliveries,
} from './delivery-rows.ts';
import { mailOperator, type OperatorApp } from './operator-mail.ts';
import { createStopwatch, pauseAfter } from './pace.ts';
import { createSending, type SendingGiven } from './sending.ts';

export interface DeliveriesTiming {
  /** How often a process looks for what is due: while something is, and while nothing is. */
  readonly pollMs: number;
  readonly idleMs: number;
  /** Between two looks there is so much time at least, so that one stores and takes what belongs to many deliveries. */
  readonly pauseMs: number;
  /** After this, what a process has taken that is gone is sent by another. Longer than any attempt. */
  readonly leaseMs: number;
}

/** A stop waits so long for what has ended to be stored. */
const lastTurnMs = 1000;

const defaultTiming: DeliveriesTiming = { pollMs: 250, idleMs: 1000, pauseMs: 20, leaseMs: 60_000 };

/** Sends what is due, beside the requests and in every process that runs jobs. */
export interface Deliveries {
  /** Something is due: has it looked at. */
  wake(): void;
  start(): void;
  /** Takes no more, waits for so long, and gives back what was not sent by then. */
  stop(timeoutMs: number): Promise<void>;
}

export interface DeliveriesGiven extends SendingGiven, OperatorApp {
  readonly db: Database;
  readonly metrics: Pick<Metrics, 'webhooks'>;
  /** How many requests this process has served. */
  readonly countRequests?: () => number;
}

export function createDeliveries(given: DeliveriesGiven, timing = defaultTiming): Deliveries {
  const { db, log, now, countRequests = () => 0 } = given;
  const sinceLastLook = createStopwatch(countRequests);
  const alarm = createAlarm();
  /** What has ended and is not stored yet. */
  let ended: EndedDelivery[] = [];
  const sending = createSending(given, (delivery) => {
    ended.push(delivery);
    alarm.ring();
  });
  const stopping = new AbortController();
  let looping: Promise<void> | null = null;
  let stopped: Promise<void> | null = null;
  let latest: unknown = null;
  const tell = nowAndThen((count) => log.warn({ count, err: latest }, 'webhooks wait: the database did not answer'));
  const warn = (error: unknown) => {
    latest = error;
    tell();
  };

  /** What has ended takes none: it is stored in the same transaction. Where that cannot be done, no more is taken. */
  function room(): Room {
    const { all, slow, unproven } = sending.count();
    return {
      total: stopping.signal.aborted || ended.length > maxTaken ? 0 : maxTaken - all,
      slow: maxToSlow - slow,
      unproven: maxToUnproven - unproven,
    };
  }

  /** One look brings so many that it pays. */
  function hasEnough(endpointId: string): boolean {
    return sending.standingOf(endpointId) === 'quick' && sending.countFor(endpointId) > maxTakenPerEndpoint / 2;
  }

  /** Stores what has ended and takes what is due, in one transaction; answers how many it took. */
  async function turn(): Promise<number> {
    if (ended.length === 0 && room().total <= 0) return 0;
    const settled = [...ended]; // more may end meanwhile
    const [at, taking] = [now(), room()];
    const isUnderWay = (id: string) =>
      sending.has(id) || ended.slice(settled.length).some(({ delivery }) => delivery.id === id);
    let taken: TakenDelivery[] = [];
    try {
      await db.transaction(async (tx) => {
        taken = [];
        if (settled.length > 0) await store(tx, settled, at);
        const { standingOf } = sending;
        const options = { standingOf, isUnderWay, hasEnough, leaseMs: timing.leaseMs };
        taken = await takeDeliveries(tx, { room: taking, ...options, now: at });
      });
    } catch (error) {
      giveBack(taken); // they are taken all the same where only the answer to the COMMIT was lost
      throw error;
    }
    ended = ended.filter((delivery) => !settled.includes(delivery));
    await begin(taken);
    return taken.length;
  }

  function giveBack(taken: readonly TakenDelivery[]): void {
    ended.push(...taken.map((delivery) => ({ delivery, ended: { kind: 'released' } as const })));
  }

  async function store(tx: Transaction, settled: readonly EndedDelivery[], at: Date): Promise<void> {
    const { outcomes, disabled } = await settleDeliveries(tx, settled, at);
    for (const each of disabled) await mailOperator(given, tx, each, at);
    tx.afterCommit(() => {
      for (const outcome of outcomes) if (outcome) given.metrics.webhooks.add(1, { outcome });
      disabled.forEach(tellDisabled);
    });
  }

  async function begin(taken: readonly TakenDelivery[]): Promise<void> {
    if (taken.length === 0) return;
    try {
      const texts = await db.eventReads.textsOf(taken.map(({ eventId }) => eventId));
      for (const delivery of taken) sending.begin(delivery, delivery.body ?? texts.get(delivery.eventId) ?? null);
    } catch (error) {
      warn(error);
      giveBack(taken);
    }
  }

  function tellDisabled({ endpoint: { id }, reason }: DisabledEndpoint): void {
    log.warn({ endpointId: id, reason }, 'a webhook endpoint is disabled: nothing more is sent to it');
  }

  function pause(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal: stopping.signal, ref: false }).catch(() => {});
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      alarm.reset();
      let waitMs = timing.idleMs;
      let taken = 0;
      try {
        taken = await turn();
        if (taken > 0 || sending.count().all > 0) waitMs = timing.pollMs;
      } catch (error) {
        warn(error);
      }
      await pause(pauseAfter(taken, sinceLastLook(), timing.pauseMs));
      await alarm.pause(waitMs);
    }
  }

  async function end(timeoutMs: number): Promise<void> {
    stopping.abort();
    alarm.ring();
    const endedByItself = Promise.resolve(looping).then(() => {
      sending.releaseWaiting();
      return sending.settled();
    });
    await waitAtMost(timeoutMs, endedByItself); // the database may not answer, either
    await sending.abort();
    if (ended.length > 0) await waitAtMost(lastTurnMs, turn().catch(warn)); // else their leases end by themselves
  }

  return {
    wake: alarm.ring,
    start() {
      if (!stopping.signal.aborted) looping ??= loop();
    },
    stop(timeoutMs) {
      stopped ??= end(timeoutMs);
      return stopped;
    },
  };
}
