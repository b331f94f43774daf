/** What the commands that move mail share: the account, which mailboxes, progress, and the report at the end. */
import type { Command } from 'commander';
import type { Account } from '../../app/admin-answers.ts';
import type { ApiLine, Comparison, Difference, MoveReport, SourceMailbox } from '../../app/moving.ts';
import { accountPath } from '../account-facts.ts';
import { ControlError } from '../control.ts';
import type { Desk } from '../desk.ts';
import { sizeText } from '../quantity.ts';
import { table } from '../table.ts';

export interface MailboxChoice {
  readonly only?: readonly string[];
  readonly except?: readonly string[];
}

export function withMailboxes(command: Command): Command {
  return command
    .option('--only <mailbox...>', 'only these mailboxes, with all below them')
    .option('--except <mailbox...>', 'not these, nor what is below them');
}

/** Undefined: all. */
export function choiceOf({
  only,
  except = [],
}: MailboxChoice): ((mailbox: { readonly name: string }) => boolean) | undefined {
  if (only === undefined && except.length === 0) return undefined;
  const isIn = (name: string, list: readonly string[]): boolean =>
    list.some((each) => name === each || name.startsWith(`${each}/`));
  return ({ name }) => (only === undefined || isIn(name, only)) && !isIn(name, except);
}

export function lineOf({ control }: Desk): ApiLine {
  return {
    call: (method, path, options) => control.call(method, path, options),
    octets: (method, path, pieces) => control.octets(method, path, pieces),
    stream: (path) => control.stream(path),
    statusOf: (error) => (error instanceof ControlError ? error.status : undefined),
  };
}

/** Says in the audit log what begins. */
export async function begin(
  desk: Desk,
  account: Account,
  what: { readonly is: 'import' | 'check' | 'export'; readonly source?: string },
): Promise<void> {
  await desk.send('POST', `${accountPath(account)}/moving`, what);
}

const failuresShown = 50;

export function showReport(desk: Desk, report: MoveReport & { readonly remarks: readonly string[] }): void {
  const { mailboxes, failures, remarks } = report;
  const lines = table(mailboxes, [
    { title: 'MAILBOX', of: ({ mailbox }) => mailbox.name },
    { title: 'THERE', of: ({ messages }) => String(messages), right: true },
    { title: 'NEW', of: ({ taken }) => String(taken), right: true },
    { title: 'SIZE', of: ({ bytes }) => sizeText(bytes), right: true },
    { title: 'BEFORE', of: ({ known, adopted }) => String(known + adopted), right: true },
    { title: 'FLAGS', of: ({ flagsChanged }) => String(flagsChanged), right: true },
  ]);
  const told = failures.slice(0, failuresShown).map(({ label, why }) => `not taken: ${label}: ${why}`);
  if (failures.length > failuresShown) told.push(`${failures.length - failuresShown} more were not taken`);
  desk.print(report, [...lines, ...told, ...remarks]);
}

const words: Readonly<Record<Difference['is'], string>> = {
  missing: 'not here',
  goneHere: 'came, and is gone here',
  goneThere: 'came, and is gone there',
  content: 'differs in content',
  size: 'differs in size',
  flags: 'differs in flags',
  date: 'differs in date',
  unreadable: 'cannot be read there',
};

export function showComparison(desk: Desk, comparison: Comparison): void {
  const { messages, same, contentsCompared, differences, more } = comparison;
  const lines = differences.map(({ is, label, detail }) => `${words[is]}: ${label} (${detail})`);
  if (more > 0) lines.push(`${more} more differences`);
  lines.push(`${same} of ${messages} messages agree; contents of ${contentsCompared} compared`);
  desk.print(comparison, lines);
}

/** One line that is written over, on a terminal only. */
export function progressLine(): (report: MoveReport) => void {
  if (!process.stderr.isTTY) return () => {};
  return ({ mailboxes }) => {
    const last = mailboxes.at(-1);
    if (last === undefined) return;
    const done = last.taken + last.known + last.adopted;
    process.stderr.write(`\r\x1b[K${last.mailbox.name}: ${done}`);
  };
}

export const endProgress = (): void => {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
};

export function showMailboxes(desk: Desk, mailboxes: readonly SourceMailbox[]): void {
  desk.print(
    mailboxes,
    table(mailboxes, [
      { title: 'THERE', of: ({ label }) => label },
      { title: 'HERE', of: ({ name }) => name },
      { title: 'ROLE', of: ({ role }) => role ?? '' },
      { title: 'SUBSCRIBED', of: ({ subscribed }) => (subscribed ? 'yes' : 'no') },
    ]),
  );
}
