import type { Command } from 'commander';
import { systemClock } from '../../base/clock.ts';
import type { ApiKey } from '../../app/admin-answers.ts';
import { confirmed, Desk, part, withJson, withList, withOrg, withYes, type ListOptions } from '../desk.ts';
import { readExpiry, timeText } from '../quantity.ts';
import { facts } from '../table.ts';

interface KeyOptions {
  readonly org?: string;
  readonly server?: boolean;
}

interface AddOptions extends KeyOptions {
  readonly scope: readonly string[];
  readonly account?: string;
  readonly expires?: string;
}

const names = { name: '<name>', scopes: '--scope', account: '--account', expiresAtMs: '--expires' };

const withPlace = (command: Command): Command =>
  withOrg(command).option('--server', 'of the server itself, for every organisation');

const baseOf = async (desk: Desk, { org, server }: KeyOptions): Promise<string> =>
  server === true ? '/api-keys' : `/orgs/${part((await desk.org(org)).id)}/api-keys`;

export function addApiKey(program: Command): void {
  const group = program.command('api-key').description('keys for programs that call the HTTP API');
  withPlace(withList(group.command('list').description('all of them'))).action(
    async ({ org, server, ...options }: ListOptions & KeyOptions, command: Command) => {
      const desk = new Desk(command);
      const path = await baseOf(desk, { ...(org === undefined ? {} : { org }), server: server === true });
      desk.printList(await desk.list<ApiKey>(path, options), [
        { title: 'name', of: ({ name }) => name },
        { title: 'may', of: ({ scopes }) => scopes.join(' ') },
        { title: 'ends', of: ({ expiresAtMs }) => timeText(expiresAtMs) || 'never' },
        { title: 'last used', of: ({ lastUsedAtMs }) => timeText(lastUsedAtMs) || 'never' },
        { title: 'id', of: ({ id }) => id },
      ]);
    },
  );
  withPlace(
    withJson(
      group
        .command('add <name>')
        .description('make one and print it, once')
        .requiredOption(
          '--scope <scope...>',
          'all, permissions (hikyaku role list) or mail:smtp, mail:imap …',
        )
        .option('--account <address>', 'whose mail it opens, for mail: scopes')
        .option('--expires <when>', 'ends then: 90d, 1y, 2027-03-31'),
    ),
  ).action(async (name: string, options: AddOptions, command: Command) => {
    const desk = new Desk(command);
    const { scope, account, expires } = options;
    const body = {
      name,
      scopes: scope,
      ...(account === undefined ? {} : { account: (await desk.account(account)).id }),
      ...(expires === undefined ? {} : { expiresAtMs: readExpiry(expires, systemClock.nowMs()) }),
    };
    const made = await desk.send<ApiKey & { key: string }>('POST', await baseOf(desk, options), body, names);
    desk.print(
      made,
      facts([
        ['key', made.key],
        ['may', made.scopes.join(' ')],
        ['ends', timeText(made.expiresAtMs)],
      ]),
    );
  });
  withPlace(withYes(group.command('remove <id>').description('remove one'))).action(
    async (id: string, options: KeyOptions & { yes?: boolean }, command: Command) => {
      const desk = new Desk(command);
      const base = await baseOf(desk, options);
      await confirmed(options, {
        en: `Remove the API key ${id}?`,
        ja: `API キー ${id} を削除しますか？`,
      });
      await desk.send('DELETE', `${base}/${part(id)}`);
    },
  );
}
