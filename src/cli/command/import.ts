/** `hikyaku import`: mail moves in from files and other servers, beside the running server. */
import type { Command } from 'commander';
import {
  compareMail,
  forgetImport,
  importMail,
  type ImportOrder,
  isMboxFormat,
  isInterruption,
  isUidlFormat,
  listSource,
  mboxFormats,
  type SourceSpec,
} from '../../app/moving.ts';
import { Desk, withJson } from '../desk.ts';
import { CommandFailure, exitCodes, usageError } from '../failure.ts';
import {
  begin,
  choiceOf,
  endProgress,
  lineOf,
  type MailboxChoice,
  progressLine,
  showComparison,
  showMailboxes,
  showReport,
  withMailboxes,
} from '../moving/moving-desk.ts';
import { loginOf, placeOf, type ServerOptions, withServer } from '../moving/server-options.ts';
import { activate, activeName, putScript, scriptFiles } from '../moving/scripts.ts';

interface ImportOptions extends MailboxChoice {
  readonly check?: boolean;
  readonly contents?: boolean;
  readonly list?: boolean;
  readonly forget?: boolean;
}

const uidlHelp =
  'unique ids that POP3 shows, as the old server makes them: dovecot, cyrus, courier, uw, or a pattern of %u, %v, %f';

export function addImport(program: Command): void {
  const group = program
    .command('import')
    .summary('take mail over from files or another server')
    .description(
      'Takes mail over into an account, beside the running server. It may be stopped and run again at any time: nothing comes twice, and what changed meanwhile follows.',
    );
  maildir(group);
  mbox(group);
  eml(group);
  imap(group);
  pop3(group);
  sieve(group);
}

function withImport(command: Command): Command {
  return withJson(withMailboxes(command))
    .option('--list', 'only tell which mailboxes there are and what they would be called here')
    .option('--check', 'take nothing: compare what is there with what came, both ways')
    .option('--contents', 'with --check: read every message again (files: unless --no-contents)')
    .option('--no-contents', 'with --check: do not')
    .option('--forget', 'take nothing: forget what came from there, so that it would come again');
}

function maildir(group: Command): void {
  withImport(
    group
      .command('maildir <address> <folder>')
      .description(
        'from a Maildir, as Dovecot, Courier and others keep it; with uids in their order, flags, keywords and subscriptions',
      )
      .option('--uidl <format>', uidlHelp),
  ).action((address: string, folder: string, options: ImportOptions & { uidl?: string }, command: Command) =>
    run(command, address, options, { is: 'maildir', folder, ...uidlFormat(options.uidl) }),
  );
}

function mbox(group: Command): void {
  withImport(
    group
      .command('mbox <address> <path...>')
      .description('from files in mbox format, or folders of them, each into a mailbox that is named like it')
      .option('--to <mailbox>', 'all into this one')
      .option('--format <format>', 'auto, mboxo, mboxrd, mboxcl or mboxcl2', 'auto'),
  ).action(
    (
      address: string,
      files: string[],
      options: ImportOptions & { to?: string; format: string },
      command: Command,
    ) => {
      const { to, format } = options;
      if (!isMboxFormat(format))
        throw usageError(`--format: "${format}" is none of ${mboxFormats.join(', ')}`);
      return run(command, address, options, {
        is: 'mbox',
        paths: files,
        format,
        ...(to !== undefined && { mailbox: to }),
      });
    },
  );
}

function eml(group: Command): void {
  withImport(
    group
      .command('eml <address> <path...>')
      .description('from files with one message each, or folders of them')
      .option('--to <mailbox>', 'all into this one'),
  ).action((address: string, paths: string[], options: ImportOptions & { to?: string }, command: Command) => {
    const { to } = options;
    return run(command, address, options, { is: 'eml', paths, ...(to !== undefined && { mailbox: to }) });
  });
}

function imap(group: Command): void {
  withImport(
    withServer(
      group
        .command('imap <address>')
        .description(
          'from an account on another IMAP server; with uids in their order, dates, flags, keywords, special use and subscriptions',
        ),
    )
      .option('--uidl <format>', uidlHelp)
      .option('--with-virtual', 'also mailboxes that show mail of others once more, as Gmail’s All Mail'),
  ).action(
    async (
      address: string,
      options: ImportOptions & ServerOptions & { uidl?: string; withVirtual?: boolean },
      command: Command,
    ) => {
      const place = placeOf(options, { implicit: 993, other: 143 });
      const login = await loginOf(options, address);
      const withVirtual = options.withVirtual === true;
      await run(command, address, options, {
        is: 'imap',
        place,
        login,
        withVirtual,
        ...uidlFormat(options.uidl),
      });
    },
  );
}

function pop3(group: Command): void {
  withImport(
    withServer(
      group
        .command('pop3 <address>')
        .description(
          'from a mailbox on another POP3 server, with the unique ids by which mailers know what they have; mail that is here already, from files or by IMAP, only gets its id',
        ),
    ),
  ).action(async (address: string, options: ImportOptions & ServerOptions, command: Command) => {
    const place = placeOf(options, { implicit: 995, other: 110 });
    await run(command, address, options, { is: 'pop3', place, login: await loginOf(options, address) });
  });
}

function sieve(group: Command): void {
  withJson(
    group
      .command('sieve <address> <path...>')
      .description('scripts that filter mail, from files or folders of *.sieve')
      .option(
        '--activate <name>',
        'this one filters; else the one that .dovecot.sieve leads to, or the only one',
      ),
  ).action(async (address: string, paths: string[], options: { activate?: string }, command: Command) => {
    const desk = new Desk(command);
    const account = await desk.account(address);
    const files = scriptFiles(paths);
    const active = options.activate ?? activeName(files);
    if (active !== undefined && !files.some(({ name }) => name === active))
      throw usageError(`--activate: there is no script ${active} among them`);
    for (const file of files) await putScript(desk, account, file);
    if (active !== undefined) await activate(desk, account, active);
    const names = files.map(({ name }) => ({ name, active: name === active }));
    desk.print(
      names,
      names.map(({ name, active: filters }) => `${name}${filters ? ' (the one that filters)' : ''}`),
    );
  });
}

/** What all of them do. */
async function run(
  command: Command,
  address: string,
  options: ImportOptions,
  source: SourceSpec,
): Promise<void> {
  const desk = new Desk(command);
  try {
    if (options.list === true) return showMailboxes(desk, await listSource({ source }));
    const account = await desk.account(address);
    const order: ImportOrder = { line: lineOf(desk), account: account.id, source, wanted: choiceOf(options) };
    if (options.forget === true) return await forgetImport(order);
    await begin(desk, account, { is: options.check === true ? 'check' : 'import', source: source.is });
    if (options.check === true) await check(desk, order, options.contents);
    else await take(desk, order);
  } catch (error) {
    endProgress();
    if (isInterruption(error))
      throw new CommandFailure(`${error.message}; run it again to go on`, exitCodes.failed);
    if (error instanceof Error && 'syscall' in error)
      throw new CommandFailure(error.message, exitCodes.failed);
    throw error;
  }
}

async function take(desk: Desk, order: ImportOrder): Promise<void> {
  const report = await importMail(order, progressLine());
  endProgress();
  showReport(desk, report);
  if (report.failures.length > 0) process.exitCode = exitCodes.failed;
}

async function check(desk: Desk, order: ImportOrder, contents: boolean | undefined): Promise<void> {
  const comparison = await compareMail(order, contents);
  showComparison(desk, comparison);
  if (comparison.differences.length > 0) process.exitCode = exitCodes.failed;
}

function uidlFormat(format: string | undefined): { uidlFormat?: string } {
  if (format === undefined) return {};
  if (!isUidlFormat(format))
    throw usageError(`--uidl: "${format}" is no format: write %u, %v or %f where they stand`);
  return { uidlFormat: format };
}
