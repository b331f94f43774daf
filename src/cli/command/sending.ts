import type { Command } from 'commander';
import type { AccountSending, OrgSending, SendingUse } from '../../app/admin-answers.ts';
import { accountPath } from '../account-facts.ts';
import { Desk, part, withJson, withOrg } from '../desk.ts';
import { usageError } from '../failure.ts';
import { timeText } from '../quantity.ts';

interface LimitOptions {
  readonly org?: string;
  readonly each?: string;
  readonly credential?: string;
}

interface PauseOptions {
  readonly credential?: string;
  readonly why?: string;
}

export function addSending(program: Command): void {
  const group = program
    .command('sending')
    .summary('what accounts may send')
    .description('what accounts may send: limits, how far they are used, logins that are paused');
  withJson(
    withOrg(
      group
        .command('show [address]')
        .description('limits of an account, or of an organisation, and what is paused'),
    ),
  ).action(async (address: string | undefined, { org }: LimitOptions, command: Command) => {
    const desk = new Desk(command);
    if (address === undefined)
      return showOrg(desk, await desk.send<OrgSending>('GET', await orgPath(desk, org)));
    const path = accountPath(await desk.account(address));
    showAccount(desk, await desk.send<AccountSending>('GET', `${path}/sending`));
  });
  withJson(
    withOrg(
      group
        .command('limit <recipients> [address]')
        .description(
          'recipients elsewhere in a day, of an account or an organisation; none for no limit, server for what the server has',
        ),
    ),
  )
    .option(
      '--each <account|credential>',
      'of each account of the organisation, or of each app password and API key',
    )
    .option('--credential <id>', 'of one app password (app:ID) or API key (key:ID) of the account')
    .action(
      async (recipients: string, address: string | undefined, options: LimitOptions, command: Command) =>
        limit(new Desk(command), { recipients, address }, options),
    );
  withJson(
    group.command('pause <address>').description('pause sending with all logins of an account, or with one'),
  )
    .option('--credential <id>', 'password, app:ID or key:ID')
    .option('--why <text>', 'a reason, for whoever looks')
    .action(async (address: string, options: PauseOptions, command: Command) => {
      const desk = new Desk(command);
      const { credential, why } = options;
      const body = { ...(credential !== undefined && { credential }), ...(why !== undefined && { why }) };
      const path = accountPath(await desk.account(address));
      const done = await desk.send<{ count: number }>('POST', `${path}/sending/pause`, body);
      desk.print(done, [done.count === 0 ? 'it was paused already' : `sending is paused for ${address}`]);
    });
  withJson(group.command('resume <address>').description('let all logins of an account send again')).action(
    async (address: string, _: object, command: Command) => {
      const desk = new Desk(command);
      const path = accountPath(await desk.account(address));
      const done = await desk.send<{ count: number }>('POST', `${path}/sending/resume`, {});
      desk.print(done, [done.count === 0 ? 'nothing was paused' : `${address} can send again`]);
    },
  );
}

const orgPath = async (desk: Desk, org: string | undefined): Promise<string> =>
  `/orgs/${part((await desk.org(org)).id)}/sending`;

async function limit(
  desk: Desk,
  { recipients, address }: { readonly recipients: string; readonly address: string | undefined },
  { org, each, credential }: LimitOptions,
): Promise<void> {
  const perDay = recipients === 'server' ? null : recipients === 'none' ? 0 : Number(recipients);
  if (perDay !== null && !Number.isInteger(perDay))
    throw usageError(`"${recipients}" is no number of recipients`);
  const names = { perDay: '<recipients>' };
  if (address !== undefined) {
    const path = accountPath(await desk.account(address));
    const body = { perDay, ...(credential !== undefined && { credential }) };
    return showAccount(desk, await desk.send<AccountSending>('PUT', `${path}/sending`, body, names));
  }
  if (each !== undefined && each !== 'account' && each !== 'credential')
    throw usageError('--each is account or credential');
  const body = { limit: each ?? 'org', perDay };
  showOrg(desk, await desk.send<OrgSending>('PUT', await orgPath(desk, org), body, names));
}

const kinds = { account: 'account', credential: 'credential', org: 'organisation' };

function useText({ limit: kind, credential, perDay, used, nextAtMs }: SendingUse): string {
  const waits = used > perDay ? `; what is sent now goes at ${timeText(nextAtMs)}` : '';
  return `${kinds[kind]}${credential === '' ? '' : ` ${credential}`}: ${used} of ${perDay} recipients in a day${waits}`;
}

const usesText = (limits: readonly SendingUse[]): string[] =>
  limits.length === 0 ? ['no limit'] : limits.map(useText);

function showOrg(desk: Desk, sending: OrgSending): void {
  const own = Object.entries(sending.own).map(([of, perDay]) => `  ${of}: ${perDay === 0 ? 'none' : perDay}`);
  desk.print(sending, [
    ...usesText(sending.limits),
    ...(own.length === 0 ? [] : ['set otherwise than the server has it:', ...own]),
  ]);
}

function showAccount(desk: Desk, sending: AccountSending): void {
  desk.print(sending, [
    ...usesText(sending.limits),
    ...sending.pauses.map(
      ({ credential, atMs, why, by }) =>
        `paused${credential === '' ? '' : ` (${credential})`} since ${timeText(atMs)}, by ${by || 'the server'}${why === '' ? '' : `: ${why}`}`,
    ),
  ]);
}
