/** `hikyaku account forward` and `send-as`: where its mail goes on to, and whose addresses it may use. */
import type { Command } from 'commander';
import { accountPath } from '../account-facts.ts';
import { Desk, withJson } from '../desk.ts';
import { usageError } from '../failure.ts';

interface ForwardOptions {
  readonly to?: readonly string[];
  readonly copy: boolean;
  readonly stop?: boolean;
}

interface SendAsOptions {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

export function addAccountMail(account: Command): void {
  withJson(
    account
      .command('forward <address>')
      .description('tell, set or stop where its mail goes on to')
      .option('--to <address...>', 'send all its mail on to these')
      .option('--no-copy', 'keep no copy here')
      .option('--stop', 'no longer'),
  ).action(async (address: string, { to, copy, stop }: ForwardOptions, command: Command) => {
    if (to !== undefined && stop === true) throw usageError('say either --to or --stop');
    const desk = new Desk(command);
    const path = `${accountPath(await desk.account(address))}/forward`;
    const wanted = stop === true ? { targets: [], keepCopy: true } : to && { targets: to, keepCopy: copy };
    const now = await desk.send<{ targets: string[]; keepCopy: boolean }>(
      wanted === undefined ? 'GET' : 'PUT',
      path,
      wanted,
      { targets: '--to' },
    );
    const where = `${address} is forwarded to ${now.targets.join(', ')}; ${now.keepCopy ? 'a copy stays' : 'no copy is kept'}`;
    desk.print(now, [now.targets.length === 0 ? `${address} is not forwarded` : where]);
  });

  withJson(
    account
      .command('send-as <address>')
      .description('tell or change which further addresses it may send as')
      .option('--add <address...>', 'these too; @domain is all of a domain')
      .option('--remove <address...>', 'these no longer'),
  ).action(async (address: string, { add = [], remove = [] }: SendAsOptions, command: Command) => {
    const desk = new Desk(command);
    const path = `${accountPath(await desk.account(address))}/send-as`;
    let now = await desk.send<{ addresses: string[] }>('GET', path);
    if (add.length + remove.length > 0) {
      const gone = new Set(remove.map((one) => one.toLowerCase()));
      const addresses = [...now.addresses, ...add].filter((one) => !gone.has(one.toLowerCase()));
      now = await desk.send('PUT', path, { addresses }, { addresses: '--add' });
    }
    desk.print(now, now.addresses.length === 0 ? ['(none besides its own)'] : now.addresses);
  });
}
