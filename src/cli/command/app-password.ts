import type { Command } from 'commander';
import { systemClock } from '../../base/clock.ts';
import type { AppPassword } from '../../app/admin-answers.ts';
import { accountPath } from '../account-facts.ts';
import { confirmed, Desk, part, withJson, withList, withYes, type ListOptions } from '../desk.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import { readExpiry, timeText } from '../quantity.ts';
import { facts } from '../table.ts';

interface AddOptions {
  readonly service?: readonly string[];
  readonly expires?: string;
}

const names = { name: '<name>', services: '--service', expiresAtMs: '--expires' };

export function addAppPassword(program: Command): void {
  const group = program.command('app-password').description('passwords for one device or program each');
  withList(group.command('list <address>').description('those of an account')).action(
    async (address: string, options: ListOptions, command: Command) => {
      const desk = new Desk(command);
      const path = `${accountPath(await desk.account(address))}/app-passwords`;
      desk.printList(await desk.list<AppPassword>(path, options), [
        { title: 'name', of: ({ name }) => name },
        { title: 'opens', of: ({ services }) => services.join(', ') || 'everything' },
        { title: 'ends', of: ({ expiresAtMs }) => timeText(expiresAtMs) || 'never' },
        { title: 'last used', of: lastUse },
        { title: 'id', of: ({ id }) => id },
      ]);
    },
  );
  withJson(
    group
      .command('add <address> <name>')
      .description('make one and print it, once')
      .option('--service <service...>', 'only for these: smtp, imap, pop3, http, managesieve')
      .option('--expires <when>', 'ends then: 90d, 1y, 2027-03-31'),
  ).action(async (address: string, name: string, { service, expires }: AddOptions, command: Command) => {
    const desk = new Desk(command);
    const path = `${accountPath(await desk.account(address))}/app-passwords`;
    const body = {
      name,
      ...(service === undefined ? {} : { services: service }),
      ...(expires === undefined ? {} : { expiresAtMs: readExpiry(expires, systemClock.nowMs()) }),
    };
    const made = await desk.send<AppPassword & { password: string }>('POST', path, body, names);
    desk.print(
      made,
      facts([
        ['login', address],
        ['password', made.password],
        ['opens', made.services.join(', ') || 'everything'],
        ['ends', timeText(made.expiresAtMs)],
      ]),
    );
  });
  withYes(
    group.command('remove <address> <name-or-id>').description('remove one: it opens nothing any more'),
  ).action(async (address: string, which: string, options: { yes?: boolean }, command: Command) => {
    const desk = new Desk(command);
    const path = `${accountPath(await desk.account(address))}/app-passwords`;
    const { items } = await desk.list<AppPassword>(path, { limit: '0' });
    const found = items.filter(({ id, name }) => id === which || name === which);
    if (found.length !== 1)
      throw new CommandFailure(
        found.length === 0
          ? `${address} has no app password ${which}`
          : `several are called ${which}: name it by its id`,
        exitCodes.notFound,
      );
    await confirmed(options, {
      en: `Remove the app password "${found[0]!.name}" of ${address}?`,
      ja: `${address} のアプリパスワード「${found[0]!.name}」を削除しますか？`,
    });
    await desk.send('DELETE', `${path}/${part(found[0]!.id)}`);
  });
}

function lastUse({ lastUsedAtMs, lastUsedIp, lastUsedService }: AppPassword): string {
  return lastUsedAtMs === 0 ? 'never' : `${timeText(lastUsedAtMs)} ${lastUsedService} from ${lastUsedIp}`;
}
