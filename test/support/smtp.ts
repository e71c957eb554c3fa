import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { onTestFinished } from 'vitest';
import { gate } from './job-runs.ts';

type Step = 'connect' | 'from' | 'to' | 'data';

/** What the server does at a step: nothing special, a refusal, or silence for ever. */
type Behaviour = { readonly code: number; readonly text?: string } | 'hang' | null;

export interface ReceivedMail extends ParsedMail {
  readonly envelope: { readonly from: string; readonly to: string[] };
  readonly raw: string;
}

export interface TestSmtp {
  readonly url: string;
  readonly port: number;
  /** Every mail that was taken, the oldest first. */
  readonly mails: ReceivedMail[];
  /** How often each step was reached. */
  readonly reached: Record<Step, number>;
  /** What it does from now on. */
  behave(behaviour: (step: Step, count: number) => Behaviour): void;
  /** Nobody listens any more. */
  stop(): Promise<void>;
  /** Listens again, where it did before. */
  start(): Promise<void>;
}

function errorOf({ code, text = 'no' }: { code: number; text?: string }): Error {
  return Object.assign(new Error(text), { responseCode: code });
}

/** A real mail server on this machine, which keeps what it takes. It is for one test. */
export async function startSmtp(options: object = {}): Promise<TestSmtp> {
  const smtp = await openSmtp(options);
  onTestFinished(smtp.stop);
  return smtp;
}

/** The same, until it is stopped. */
export async function openSmtp(options: object = {}): Promise<TestSmtp> {
  const mails: ReceivedMail[] = [];
  const reached = { connect: 0, from: 0, to: 0, data: 0 };
  let behaviourOf: (step: Step, count: number) => Behaviour = () => null;
  let server: SMTPServer | null = null;
  let port = 0;

  function act(step: Step, callback: (error?: Error) => void): void {
    reached[step] += 1;
    const behaviour = behaviourOf(step, reached[step]);
    if (behaviour === 'hang') return;
    callback(behaviour ? errorOf(behaviour) : undefined);
  }

  function createServer(): SMTPServer {
    return new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      logger: false,
      closeTimeout: 10,
      onConnect: (_session, callback) => act('connect', callback),
      onMailFrom: (_address, _session, callback) => act('from', callback),
      onRcptTo: (_address, _session, callback) => act('to', callback),
      onData(stream, session, callback) {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          act('data', (error) => {
            if (error) return callback(error);
            const raw = Buffer.concat(chunks);
            const { mailFrom, rcptTo } = session.envelope;
            const envelope = { from: mailFrom ? mailFrom.address : '', to: rcptTo.map(({ address }) => address) };
            void simpleParser(raw).then((mail) => {
              mails.push(Object.assign(mail, { envelope, raw: raw.toString('utf8') }));
              callback();
            });
          });
        });
      },
      ...options,
    });
  }

  const smtp = {
    mails,
    reached,
    get port() {
      return port;
    },
    get url() {
      return `smtp://127.0.0.1:${port}`;
    },
    behave(behaviour: (step: Step, count: number) => Behaviour) {
      behaviourOf = behaviour;
    },
    async start() {
      const next = createServer();
      next.on('error', () => {});
      await new Promise<void>((resolve) => next.listen(port, '127.0.0.1', () => resolve()));
      port = (next.server.address() as AddressInfo).port;
      server = next;
    },
    async stop() {
      const last = server;
      server = null;
      if (last) await new Promise<void>((resolve) => last.close(() => resolve()));
    },
  };
  await smtp.start();
  return smtp;
}

/** A mail server that takes mail and does not answer before it is told to. It keeps none. */
export async function startSilentSmtp() {
  const answered = gate();
  let received = 0;
  const smtp = await startSmtp({
    onData(stream: Readable, _session: unknown, answer: () => void) {
      stream.resume().on('end', () => {
        received += 1;
        void answered.opened.then(() => answer());
      });
    },
  });
  return { smtp, answer: answered.open, received: () => received };
}
