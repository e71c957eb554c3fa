import { pino } from 'pino';
import { readConfig } from '../../src/config/config.ts';
import { openDatabase } from '../../src/db/database.ts';
import { createMailer } from '../../src/mail/mailer.ts';
import { createMailSending } from '../../src/mail/sending.ts';
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
const mailer = createMailer(config);
const timing = { leaseMs: Number(process.argv[2]), pollMs: 50 };
createMailSending({ config, db, log, secrets, now, mailer, templates, metrics }, [100], timing).start();
setInterval(() => {}, 3_600_000);
process.stdout.write('ready\n');
