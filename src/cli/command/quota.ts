import type { Command } from 'commander';
import type { Account, Usage } from '../../app/admin-answers.ts';
import { accountPath, percent, roomText, usageOf } from '../account-facts.ts';
import { Desk, part, readable, withJson, withList, withOrg, type ListOptions } from '../desk.ts';
import { usageError } from '../failure.ts';
import { readSize, sizeText } from '../quantity.ts';

interface QuotaListOptions extends ListOptions {
  readonly org?: string;
  readonly over?: string;
}

export function addQuota(program: Command): void {
  const group = program.command('quota').description('room for mail, and how much is used');
  withOrg(withList(group.command('list').description('all accounts of an organisation')))
    .option('--over <percent>', 'only those that use more than this of their room')
    .action(async ({ over, org, ...options }: QuotaListOptions, command: Command) => {
      const desk = new Desk(command);
      const { id } = await desk.org(org);
      const { items, more } = await desk.list<Usage>(`/orgs/${part(id)}/quotas`, options);
      const least = readPercent(over);
      const shown = items.filter((usage) => least === undefined || percent(usage) > least);
      desk.printList({ items: shown, more }, [
        { title: 'account', of: ({ name }) => readable(name) },
        { title: 'messages', of: ({ emails }) => emails, right: true },
        { title: 'used', of: ({ usedBytes }) => sizeText(usedBytes), right: true },
        {
          title: 'of',
          of: ({ limitBytes }) => (limitBytes === 0 ? 'no limit' : sizeText(limitBytes)),
          right: true,
        },
        { title: '%', of: (usage) => (usage.limitBytes === 0 ? '' : percent(usage)), right: true },
      ]);
    });
  withJson(group.command('show <address>').description('that of an account')).action(
    async (address: string, _: object, command: Command) => {
      const desk = new Desk(command);
      await show(desk, await desk.account(address));
    },
  );
  withJson(group.command('set <address> <size>').description('its room, as 5G; none for no limit')).action(
    async (address: string, size: string, _: object, command: Command) => {
      const desk = new Desk(command);
      const quotaBytes = readSize(size);
      const path = accountPath(await desk.account(address));
      await show(desk, await desk.send<Account>('PATCH', path, { quotaBytes }, { quotaBytes: '<size>' }));
    },
  );
}

async function show(desk: Desk, account: Account): Promise<void> {
  const usage = await usageOf(desk, account);
  desk.print(usage, [`${usage.name}: ${roomText(usage)}, ${usage.emails} messages`]);
}

function readPercent(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text.replace(/ ?%$/, ''));
  if (Number.isNaN(value)) throw usageError(`--over: "${text}" is not a number`);
  return value;
}
