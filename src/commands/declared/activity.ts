import type { Command } from 'commander';
import type { Terminal } from '../terminal.ts';

export function addJobs(program: Command, terminal: Terminal): void {
  const job = program.command('job').description('What is done beside the requests.');
  job
    .command('list')
    .description('List what waits, runs or has failed: id, kind, state, and why the latest attempt failed.')
    .option('--failed', 'only what has failed')
    .action(async (options) => (await import('../job.ts')).listJobs(terminal, options));
  job
    .command('retry')
    .argument('<id>', 'the id that "list" shows, such as job_01E4…')
    .description('Have a job that has failed, or waits, done now. Running servers begin it within seconds.')
    .action(async (id) => (await import('../job.ts')).retryJob(terminal, id));
}

export function addEvents(program: Command, terminal: Terminal): void {
  const events = program
    .command('events')
    .description('What happened to users, sessions and identities, as JSON lines.');
  events
    .command('list')
    .description('Print what happened, oldest first.')
    .option('--types <type...>', 'only these, such as user.updated (default: all)')
    .option('--after <id>', 'only what came after this event')
    .action(async (options) => (await import('../events.ts')).printEvents(terminal, options));
  events
    .command('tail')
    .description('Print what happens from now on, until it is stopped.')
    .option('--types <type...>', 'only these, such as user.updated (default: all)')
    .option('--after <id>', 'begin with what came after this event')
    .action(async (options) => (await import('../events.ts')).followEvents(terminal, options));
}

export function addMail(program: Command, terminal: Terminal): void {
  const mail = program.command('mail').description('What Roster sends.');
  mail
    .command('preview')
    .description('Write every mail in every language, as text and as HTML, with made-up values.')
    .option('--output <folder>', 'where to', 'mail-preview')
    .action(async (options) => (await import('../mail.ts')).previewMails(terminal, options));
  mail
    .command('test')
    .argument('<address>', 'where to, such as your own address')
    .description('Send one mail with the settings, and say what is wrong with them if it is not taken.')
    .action(async (address) => (await import('../mail.ts')).testMail(terminal, address));
  mail
    .command('list')
    .description('List mail that waits or is being sent: id, template, state, and why the latest attempt failed.')
    .option('--failed', 'what could not be sent in the last 30 days')
    .action(async (options) => (await import('../mails.ts')).listMails(terminal, options));
  mail
    .command('retry')
    .argument('<id>', 'the id that "list" shows, such as mail_01E4…')
    .description('Have a mail that waits sent now. Running servers begin it within seconds.')
    .action(async (id) => (await import('../mails.ts')).retryMail(terminal, id));
}
