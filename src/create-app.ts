import type { Logger } from 'pino';
import type { App, StopPhase } from './app.ts';
import { createApiKeys } from './auth/api-keys.ts';
import { createExternalIssuer } from './auth/external-issuer.ts';
import { createLastUse } from './auth/last-use.ts';
import type { Config } from './config/settings.ts';
import { type Database, openDatabase } from './db/database.ts';
import { databaseOptions } from './db/database-options.ts';
import type { Counters } from './db/postgresql/counters.ts';
import { OperatorError } from './errors.ts';
import { createEvents } from './events/events.ts';
import { createLiveEvents } from './events/live/live-events.ts';
import { createSequencer } from './events/sequencer.ts';
import { readPersistedDocuments } from './graphql/execution/persisted-documents.ts';
import type { DevelopmentKey } from './graphql/graphiql/page-handler.ts';
import { listen } from './http/http-server.ts';
import { createIdempotency } from './idempotency/idempotency.ts';
import { jobKinds } from './job-kinds.ts';
import { createJobs } from './jobs/jobs.ts';
import { defaultTiming } from './jobs/runner.ts';
import { createLimiters, type Limiters } from './limits/limiters.ts';
import { createNewPasswordLimits } from './limits/new-password-limits.ts';
import { createOwnUpdateLimits } from './limits/own-update-limits.ts';
import { createRateLimits } from './limits/rate-limits.ts';
import { createRefusalLimits } from './limits/refusal-limits.ts';
import { createSendLimits } from './limits/send-limits.ts';
import { createSignInLimits } from './limits/sign-in-limits.ts';
import { createMailer } from './mail/mailer.ts';
import { createMailSending } from './mail/sending.ts';
import { readTemplates } from './mail/template-folder.ts';
import { createMetrics } from './metrics/metrics.ts';
import { createOutbox } from './outbox/outbox.ts';
import { createPasswords } from './passwords/passwords.ts';
import { present } from './rest/wire-events.ts';
import { createSecrets } from './secrets/secrets.ts';
import { signingKeySecret } from './secrets/signing-key-secret.ts';
import { createSigningKeys } from './signing-keys/signing-keys.ts';
import { mayBePrivate } from './webhooks/allowed-hosts.ts';
import { createDeliveries } from './webhooks/deliveries.ts';
import { createSender } from './webhooks/sender.ts';

const pauseBetweenWarningsMs = 10_000;

export interface RunningServer {
  /** Where it listens: `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Takes no new connections, lets the requests in flight finish, stops the app; tells what it is about to wait for. */
  stop(enter?: (phase: StopPhase | 'requests') => void): Promise<void>;
}

/** Puts the service together over a database whose schema is up to date. */
export async function createApp(config: Config, log: Logger, options = databaseOptions(config)): Promise<App> {
  const now = () => app.now();
  const secrets = createSecrets(signingKeySecret(config));
  const persistedDocuments = readPersistedDocuments(config.PERSISTED_DOCUMENTS);
  const db = await openDatabase({
    ...options,
    onUnavailable: warnNowAndThen(log),
    onDeliveries: () => deliveries.wake(),
  });
  const metrics = await createMetrics(config, db, now);
  const limiters = createLimiters(await sharedCounters(config, db));
  const lastUse = createLastUse(db, log, now);
  const mailer = createMailer(config);
  const templates = readTemplates(config.MAIL_TEMPLATES);
  const sender = createSender({ mayBePrivate: (hostname) => mayBePrivate(config, hostname) });
  const served = { requests: 0 };
  const sequencer = createSequencer(db, log);
  const events = createEvents({ config, present, now, wake: sequencer.wake, wakeJobs: () => jobs.wake() });
  const kinds = jobKinds({ config, db, events, log, now, secrets }, () => app);
  const mails = createMailSending({ config, db, log, now, secrets, mailer, templates, metrics });
  const jobs = createJobs({ db, log, now, kinds }, defaultTiming, [mails]);
  const outbox = createOutbox({ config, secrets, now, wake: mails.wake });
  const countRequests = () => served.requests;
  const deliveries = createDeliveries({ config, db, log, now, secrets, sender, outbox, metrics, countRequests });
  const app: App = {
    config,
    log,
    db,
    jobs,
    deliveries,
    served,
    metrics,
    events,
    liveEvents: createLiveEvents({ db, log, now }),
    outbox,
    passwords: createPasswords(config, log),
    apiKeys: createApiKeys(db, now, lastUse.note),
    secrets,
    idempotency: createIdempotency({ secrets, metrics, now }),
    signingKeys: createSigningKeys(db, secrets, log, config.TOKEN_ALGORITHM),
    externalIssuer: createExternalIssuer(config, log),
    ...createLimits(config, limiters),
    persistedDocuments,
    now: () => new Date(),
    start() {
      lastUse.start();
      sequencer.start();
      if (!config.RUN_JOBS) return;
      jobs.start();
      deliveries.start();
    },
    async stop(enter = () => {}) {
      app.liveEvents.stop();
      enter('jobs');
      await Promise.all([jobs.stop(config.SHUTDOWN_TIMEOUT_MS), deliveries.stop(config.SHUTDOWN_TIMEOUT_MS)]);
      sender.close();
      mailer.close();
      await lastUse.stop();
      await metrics.close();
      enter('database');
      await sequencer.stop(); // its statement may be what the database does not answer
      await db.close();
    },
  };
  return app;
}

function createLimits(config: Config, limiters: Limiters) {
  return {
    signInLimits: createSignInLimits(config, limiters),
    newPasswordLimits: createNewPasswordLimits(limiters),
    ownUpdateLimits: createOwnUpdateLimits(limiters),
    refusalLimits: createRefusalLimits(limiters),
    rateLimits: createRateLimits(config, limiters),
    sendLimits: createSendLimits(limiters),
  };
}

/** For each database one line in ten seconds: while it is away, every request fails. */
function warnNowAndThen(log: Logger) {
  const nextAt = new Map<string, number>();
  return (database: string, reason: string) => {
    if (performance.now() < (nextAt.get(database) ?? 0)) return;
    nextAt.set(database, performance.now() + pauseBetweenWarningsMs);
    log.warn({ database, reason }, 'the database is busy or away');
  };
}

/** Where all processes count together; null where each counts for itself. */
async function sharedCounters({ RATE_LIMIT_STORE }: Config, db: Database): Promise<Counters | null> {
  if (RATE_LIMIT_STORE === 'memory') return null;
  try {
    return await db.openCounters();
  } catch (error) {
    await db.close();
    throw new OperatorError(
      `The table of rate limits cannot be made: ${(error as Error).message}. Give the database user the right to make tables, or make it once by hand.`,
    );
  }
}

/** Listens on the configured address and port, and starts what runs beside the requests. Stops the app when it cannot listen. */
export async function startServer(app: App, developmentKey?: DevelopmentKey): Promise<RunningServer> {
  try {
    const { url, close } = await listen(app, developmentKey);
    await app.metrics.listen();
    app.start();
    return {
      url,
      async stop(enter = () => {}) {
        enter('requests');
        const { SHUTDOWN_TIMEOUT_MS } = app.config; // jobs, webhooks and requests end side by side
        void app.jobs.stop(SHUTDOWN_TIMEOUT_MS);
        void app.deliveries.stop(SHUTDOWN_TIMEOUT_MS);
        app.liveEvents.stop(); // their connections would not end by themselves
        await close();
        await app.stop(enter);
      },
    };
  } catch (error) {
    await app.stop();
    throw error;
  }
}
