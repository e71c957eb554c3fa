import { pino } from 'pino';
import { readConfig } from '../../src/config/config.ts';
import { openDatabase } from '../../src/db/database.ts';
import { createJobs } from '../../src/jobs/jobs.ts';
import { mailJobKinds } from '../../src/mail/job-kinds.ts';
import { createMailer } from '../../src/mail/mailer.ts';
import { readTemplates } from '../../src/mail/template-folder.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';
import { createSecrets } from '../../src/secrets/secrets.ts';
import { signingKeySecret } from '../../src/secrets/signing-key-secret.ts';

/** A process that sends mail until it is killed: node --import tsx mail-worker.ts LEASE_MS, with the settings of a server. */
const config = readConfig(process.env);
const db = await openDatabase({ url: config.DATABASE_URL, synchronous: 'normal', busyTimeoutMs: 10_000 });
const [log, now] = [pino({ level: 'error' }), () => new Date()];
const secrets = createSecrets(signingKeySecret(config));
const metrics = await createMetrics(config, db, now);
const templates = readTemplates(undefined);
const kinds = mailJobKinds({ config, db, log, secrets, now, mailer: createMailer(config), templates, metrics }, [100]);
createJobs(
  { db, log, now, kinds: { 'mail.send': kinds['mail.send'] } },
  { leaseMs: Number(process.argv[2]), pollMs: 50 },
).start();
setInterval(() => {}, 3_600_000);
process.stdout.write('ready\n');
