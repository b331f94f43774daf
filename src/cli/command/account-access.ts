/** `hikyaku account access`: what its mailers are offered, whether what they say is written down, and what POP3 shows. */
import type { Command } from 'commander';
import type { AccountAccess } from '../../app/admin-answers.ts';
import { systemClock } from '../../base/clock.ts';
import { accountPath } from '../account-facts.ts';
import { Desk, withJson } from '../desk.ts';
import { usageError } from '../failure.ts';
import { timeText } from '../quantity.ts';

interface AccessOptions {
  readonly imapWithout?: readonly string[];
  readonly imapWith?: readonly string[];
  readonly transcript?: string;
  readonly pop3Mailbox?: string;
  readonly pop3Days?: string;
  readonly pop3Expire?: string;
}

const names = {
  imapWithout: '--imap-without',
  imapWith: '--imap-with',
  pop3Mailbox: '--pop3-mailbox',
  pop3Days: '--pop3-days',
  pop3Expire: '--pop3-expire',
};
const hourMs = 3_600_000;

export function addAccountAccess(account: Command): void {
  withJson(
    account
      .command('access <address>')
      .description('tell or change how its mail is read; holds from the next login on')
      .option('--imap-without <capability...>', 'IMAP capabilities that it is not offered; "none" for all')
      .option(
        '--imap-with <capability...>',
        'IMAP capabilities that it alone is offered (UIDONLY); "none" for no more',
      )
      .option('--transcript <hours>', 'write down what its mailers say, without secrets and mail; 0 stops it')
      .option('--pop3-mailbox <name>', 'the mailbox that POP3 shows; "INBOX" as usual')
      .option('--pop3-days <days>', 'POP3 shows the mail of so many days; 0 for all')
      .option('--pop3-expire <days>', 'delete what POP3 retrieved after so many days; "never"'),
  ).action(async (address: string, options: AccessOptions, command: Command) => {
    const desk = new Desk(command);
    const path = `${accountPath(await desk.account(address))}/access`;
    let now = await desk.send<AccountAccess>('GET', path);
    const wanted = changes(options);
    if (Object.keys(wanted).length > 0)
      now = await desk.send<AccountAccess>('PUT', path, { ...now, ...wanted }, names);
    desk.print(now, described(now));
  });
}

function changes(options: AccessOptions): Partial<AccountAccess> {
  const { imapWithout, imapWith, transcript, pop3Mailbox, pop3Days, pop3Expire } = options;
  return {
    ...(imapWithout && { imapWithout: listed(imapWithout) }),
    ...(imapWith && { imapWith: listed(imapWith) as AccountAccess['imapWith'] }),
    ...(transcript !== undefined && { transcriptUntilMs: untilMs(transcript) }),
    ...(pop3Mailbox !== undefined && { pop3Mailbox: pop3Mailbox === 'INBOX' ? '' : pop3Mailbox }),
    ...(pop3Days !== undefined && { pop3Days: wholeNumber(pop3Days, '--pop3-days') }),
    ...(pop3Expire !== undefined && {
      pop3Expire: pop3Expire === 'never' ? null : wholeNumber(pop3Expire, '--pop3-expire'),
    }),
  };
}

const listed = (given: readonly string[]): string[] => (given.join() === 'none' ? [] : [...given]);

function untilMs(hours: string): number {
  const count = wholeNumber(hours, '--transcript');
  return count === 0 ? 0 : systemClock.nowMs() + count * hourMs;
}

function wholeNumber(text: string, option: string): number {
  if (!/^\d{1,6}$/.test(text)) throw usageError(`${option} needs a whole number`);
  return Number(text);
}

function described(access: AccountAccess): string[] {
  const { imapWithout, imapWith, transcriptUntilMs, pop3Mailbox, pop3Days, pop3Expire } = access;
  return [
    `IMAP without: ${imapWithout.join(' ') || '(offered as to everybody)'}`,
    ...(imapWith.length === 0 ? [] : [`IMAP with: ${imapWith.join(' ')}`]),
    `Transcripts: ${transcriptUntilMs > systemClock.nowMs() ? `until ${timeText(transcriptUntilMs)}` : 'no'}`,
    `POP3 shows: ${pop3Mailbox || 'INBOX'}${pop3Days === 0 ? '' : `, the last ${pop3Days} days`}`,
    `POP3 deletes: ${pop3Expire === null ? 'nothing by itself' : `what it retrieved, after ${pop3Expire} days`}`,
  ];
}
