/** `hikyaku export`: mail and scripts of an account as files, beside the running server. */
import type { Command } from 'commander';
import { mkdirSync } from 'node:fs';
import { type ExportedMailbox, exportMail, type ExportOrder } from '../../app/moving.ts';
import { Desk, withJson } from '../desk.ts';
import { begin, choiceOf, lineOf, type MailboxChoice, withMailboxes } from '../moving/moving-desk.ts';
import { saveScripts } from '../moving/scripts.ts';
import { sizeText } from '../quantity.ts';
import { table } from '../table.ts';

interface ExportOptions extends MailboxChoice {
  readonly crlf?: boolean;
}

export function addExport(program: Command): void {
  const group = program
    .command('export')
    .summary('write mail of an account to files')
    .description(
      'Writes mail of an account to files, beside the running server. One that was stopped goes on when it is run again into the same folder.',
    );
  withExport(
    group
      .command('maildir <address> <folder>')
      .description('as a Maildir, which Dovecot takes with its uids, flags, keywords and subscriptions')
      .option('--crlf', 'lines end in CRLF, not in LF'),
    'maildir',
  );
  withExport(
    group
      .command('mbox <address> <folder>')
      .description('as a file in mbox format (mboxrd) for each mailbox'),
    'mbox',
  );
  withExport(
    group
      .command('eml <address> <folder>')
      .description('as a file for each message, octet for octet, in a folder for each mailbox'),
    'eml',
  );
  withJson(
    group.command('sieve <address> <folder>').description('the scripts that filter its mail, as files'),
  ).action(async (address: string, folder: string, _: object, command: Command) => {
    const desk = new Desk(command);
    const account = await desk.account(address);
    const saved = await saveScripts(desk, account, folder);
    desk.print(
      saved,
      saved.map(({ file, active }) => `${file}${active ? ' (the one that filters)' : ''}`),
    );
  });
}

function withExport(command: Command, format: ExportOrder['format']): void {
  withJson(withMailboxes(command)).action(
    async (address: string, folder: string, options: ExportOptions, own: Command) => {
      const desk = new Desk(own);
      const account = await desk.account(address);
      await begin(desk, account, { is: 'export', source: format });
      mkdirSync(folder, { recursive: true });
      const report = await exportMail(
        {
          line: lineOf(desk),
          account: account.id,
          folder,
          format,
          crlf: options.crlf === true,
          wanted: choiceOf(options),
        },
        progress,
      );
      if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
      show(desk, report);
    },
  );
}

function progress({ name, messages, before }: ExportedMailbox): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${name}: ${messages + before}`);
}

function show(desk: Desk, report: readonly ExportedMailbox[]): void {
  desk.print(
    report,
    table(report, [
      { title: 'MAILBOX', of: ({ name }) => name },
      { title: 'WRITTEN', of: ({ messages }) => messages, right: true },
      { title: 'SIZE', of: ({ bytes }) => sizeText(bytes), right: true },
      { title: 'BEFORE', of: ({ before }) => before, right: true },
    ]),
  );
}
