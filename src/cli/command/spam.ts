import type { Command } from 'commander';
import type { Account, Learned } from '../../app/admin-answers.ts';
import { accountPath } from '../account-facts.ts';
import { confirmed, Desk, part, withJson, withOrg, withYes } from '../desk.ts';
import { usageError } from '../failure.ts';
import { facts } from '../table.ts';

interface LearnOptions {
  readonly mailbox?: string;
  readonly limit?: string;
}

const kinds = { spam: 'junk', ham: 'wanted', nothing: 'nothing' } as const;
const own = { spam: 'Junk', ham: 'INBOX', nothing: 'Junk' } as const;

export function addSpam(program: Command): void {
  const group = program
    .command('spam')
    .summary('what the classifier has learned')
    .description('the classifier of mail: what it has learned, teach it, have it forget');
  withJson(
    group
      .command('learn <spam|ham|nothing> <address>')
      .description(
        'learn that the newest mails of a mailbox are spam, or ham (wanted); nothing takes it back',
      )
      .option('--mailbox <name>', 'which mailbox; Junk for spam, INBOX for ham if not said')
      .option('-n, --limit <count>', 'the newest so many', '1000'),
  ).action(async (kind: string, address: string, options: LearnOptions, command: Command) =>
    learn(new Desk(command), { kind, address }, options),
  );
  withJson(
    withOrg(
      group.command('stat [address]').description('how much was learned from an account, or an organisation'),
    ),
  ).action(async (address: string | undefined, { org }: { org?: string }, command: Command) => {
    const desk = new Desk(command);
    const path =
      address === undefined
        ? `/orgs/${part((await desk.org(org)).id)}`
        : accountPath(await desk.account(address));
    const learned = await desk.send<Learned>('GET', `${path}/classifier`);
    desk.print(learned, lines(learned));
  });
  withYes(
    withJson(
      group
        .command('forget <address>')
        .description('forget all that was learned from an account, also in its organisation'),
    ),
  ).action(async (address: string, options: { yes?: boolean }, command: Command) => {
    const desk = new Desk(command);
    const path = accountPath(await desk.account(address));
    await confirmed(options, {
      en: `Forget all that was learned from ${address}?`,
      ja: `${address} から学習した内容をすべて消去しますか？`,
    });
    const done = await desk.send<{ count: number }>('DELETE', `${path}/classifier`);
    desk.print(done, [`${done.count} mails forgotten`]);
  });
}

async function learn(
  desk: Desk,
  { kind, address }: { readonly kind: string; readonly address: string },
  { mailbox, limit = '' }: LearnOptions,
): Promise<void> {
  if (kind !== 'spam' && kind !== 'ham' && kind !== 'nothing')
    throw usageError(`"${kind}" is none of spam, ham, nothing`);
  const max = Number(limit);
  if (!Number.isInteger(max) || max < 1) throw usageError(`--limit: "${limit}" is not a number`);
  const account: Account = await desk.account(address);
  const body = { mailbox: mailbox ?? own[kind], says: kinds[kind], limit: max };
  const done = await desk.send<{ count: number }>('POST', `${accountPath(account)}/classifier`, body, {
    mailbox: '--mailbox',
    limit: '--limit',
  });
  desk.print(done, [`${done.count} mails of ${body.mailbox}: learned in the background`]);
}

function lines({ spam, ham, speaks, speaksFrom }: Learned): string[] {
  return facts([
    ['spam', String(spam)],
    ['ham', String(ham)],
    ['judges mail', speaks ? 'yes' : `not yet: from ${speaksFrom} of each on`],
  ]);
}
