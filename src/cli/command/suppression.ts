import type { Command } from 'commander';
import { readFile, writeFile } from 'node:fs/promises';
import type { ImportedList, SuppressionItem, SuppressionPolicyAnswer } from '../../app/admin-answers.ts';
import {
  admin,
  confirmed,
  Desk,
  type ListOptions,
  part,
  withJson,
  withList,
  withOrg,
  withYes,
} from '../desk.ts';
import { usageError } from '../failure.ts';
import { timeText } from '../quantity.ts';

interface Where {
  readonly org?: string;
  readonly server?: boolean;
}

interface Kind {
  readonly cause?: string;
  readonly reason?: string;
  readonly ofDomain?: string;
}

const counts = {
  hardErrors: '--hard-errors <count>',
  carrierHardErrors: '--carrier-hard-errors <count>',
  hardDays: '--hard-days <days>',
  complaintDays: '--complaint-days <days>',
} as const;
type CountName = keyof typeof counts;
type PolicyOptions = Partial<Record<CountName, string>> & { readonly complaintScope?: string };

const within = (command: Command): Command =>
  withJson(withOrg(command)).option('--server', 'the list of the server, which is for all organisations');

export function addSuppression(program: Command): void {
  const group = program
    .command('suppression')
    .summary('addresses that get no mail of programs')
    .description(
      'addresses that get no mail of sending credentials: because it came back, because they complained, or because somebody said so',
    );
  addLists(group);
  addChanges(group);
  addFiles(group);
  addPolicy(group);
}

function addLists(group: Command): void {
  withList(withOrg(group.command('list').description('who is on the list')))
    .option('--server', 'the list of the server, which is for all organisations')
    .option('--cause <cause>', 'hard, complaint, unsubscribe, manual, import')
    .action(async (options: ListOptions & Where & Kind, command: Command) => {
      const desk = new Desk(command);
      const query = options.cause === undefined ? '' : `?cause=${part(options.cause)}`;
      const path = await placeOf(desk, options);
      if (query !== '')
        return desk.printList(
          await desk.control.list<SuppressionItem>(
            admin + path,
            { cause: options.cause! },
            Number(options.limit) || Number.MAX_SAFE_INTEGER,
          ),
          columns,
        );
      desk.printList(await desk.list<SuppressionItem>(path, options), columns);
    });
  within(group.command('show <address>').description('why an address is on the list')).action(
    async (address: string, where: Where, command: Command) => {
      const desk = new Desk(command);
      const path = await placeOf(desk, where);
      const { items } = await desk.send<{ items: SuppressionItem[] }>('GET', `${path}?q=${part(address)}`);
      const found = items.filter((item) => item.address === address.toLowerCase());
      desk.print(found, found.length === 0 ? [`${address} is not on the list`] : found.flatMap(lines));
    },
  );
}

function addChanges(group: Command): void {
  within(group.command('add <address...>').description('put addresses on the list'))
    .option('--scope <scope>', 'org, stream:transactional, stream:bulk or topic:NAME', 'org')
    .option('--reason <text>', 'for whoever looks')
    .option('--cause <cause>', 'manual, complaint, unsubscribe, hard', 'manual')
    .action(async (addresses: string[], options: Where & Kind & { scope: string }, command: Command) => {
      const desk = new Desk(command);
      const { scope, reason, cause } = options;
      const entries = addresses.map((address) => ({
        address,
        scope,
        cause,
        ...(reason !== undefined && { reason }),
      }));
      const done = await desk.send<{ count: number }>('POST', await placeOf(desk, options), { entries });
      desk.print(done, [`${done.count} on the list`]);
    });
  within(group.command('release <address...>').description('take addresses off the list'))
    .option('--scope <scope>', 'only of this scope')
    .action(async (addresses: string[], options: Where & { scope?: string }, command: Command) => {
      const desk = new Desk(command);
      const body = { addresses, ...(options.scope !== undefined && { scope: options.scope }) };
      const done = await desk.send<{ count: number }>(
        'POST',
        `${await placeOf(desk, options)}/release`,
        body,
      );
      desk.print(done, [done.count === 0 ? 'none was on the list' : `${done.count} taken off the list`]);
    });
  withYes(within(group.command('release-all').description('take all of a kind off the list')))
    .option('--cause <cause>', 'hard, complaint, unsubscribe, manual, import')
    .option('--reason <reason>', 'as in show: noSuchUser, noSuchDomain, …')
    .option('--of-domain <domain>', 'addresses of this domain')
    .action(async (options: Where & Kind & { yes?: boolean }, command: Command) => {
      const { cause, reason, ofDomain: domain } = options;
      const body = {
        ...(cause !== undefined && { cause }),
        ...(reason !== undefined && { reason }),
        ...(domain !== undefined && { domain }),
      };
      if (Object.keys(body).length === 0)
        throw usageError('say of what kind: --cause, --reason or --of-domain');
      await confirmed(options, {
        en: 'Take all of these off the list?',
        ja: '該当するアドレスをすべて送信停止リストから外しますか？',
      });
      const desk = new Desk(command);
      const done = await desk.send<{ count: number }>(
        'POST',
        `${await placeOf(desk, options)}/release-all`,
        body,
      );
      desk.print(done, [`${done.count} taken off the list`]);
    });
}

function addFiles(group: Command): void {
  within(group.command('import <file>').description('take in a CSV file (UTF-8 or Shift_JIS)'))
    .option('--scope <scope>', 'of what has none in the file', 'org')
    .action(async (file: string, options: Where & { scope: string }, command: Command) => {
      const desk = new Desk(command);
      const path = `${admin}${await placeOf(desk, options)}/import?scope=${part(options.scope)}`;
      const done = await desk.control.octets<ImportedList>('POST', path, [await readFile(file)]);
      desk.print(done, [
        `${done.added} on the list`,
        ...done.wrong.map(({ line, why }) => `line ${line} was passed over: ${why}`),
      ]);
    });
  within(group.command('export <file>').description('write the list as CSV')).action(
    async (file: string, where: Where, command: Command) => {
      const desk = new Desk(command);
      await writeFile(file, await desk.control.text(`${admin}${await placeOf(desk, where)}/export`), {
        mode: 0o600,
      });
      desk.print({ file }, [`written to ${file}`]);
    },
  );
}

function addPolicy(group: Command): void {
  const policy = within(
    group
      .command('policy')
      .description(
        'when addresses come onto the list; with options, what an organisation has otherwise than the server',
      ),
  ).option(
    '--complaint-scope <scope>',
    'what a complaint keeps back: org or stream:bulk; "server" for what the server has',
  );
  for (const flags of Object.values(counts))
    policy.option(flags, 'a number; "server" for what the server has');
  policy.action(async (options: Where & PolicyOptions, command: Command) => {
    const desk = new Desk(command);
    const path = `${await placeOf(desk, options)}/policy`;
    const asked = changesOf(options);
    if (asked.size > 0) {
      const { own } = await desk.send<SuppressionPolicyAnswer>('GET', path);
      const kept = Object.entries(own).filter(([name]) => !asked.has(name));
      const set = [...asked].filter(([, value]) => value !== undefined);
      await desk.send('PUT', path, Object.fromEntries([...kept, ...set]));
    }
    const answer = await desk.send<SuppressionPolicyAnswer>('GET', path);
    const told = Object.entries(answer.policy).map(
      ([name, value]) => `${name}: ${value}${name in answer.own ? '' : ' (of the server)'}`,
    );
    desk.print(answer, [...told, `on the list: ${answer.count}`]);
  });
}

function changesOf(options: PolicyOptions): Map<string, number | string | undefined> {
  const changes = new Map<string, number | string | undefined>();
  for (const name of Object.keys(counts) as CountName[]) {
    const value = options[name];
    if (value === undefined) continue;
    if (value !== 'server' && !/^\d{1,5}$/.test(value)) throw usageError(`"${value}" is no number`);
    changes.set(name, value === 'server' ? undefined : Number(value));
  }
  const { complaintScope } = options;
  if (complaintScope !== undefined)
    changes.set('complaintScope', complaintScope === 'server' ? undefined : complaintScope);
  return changes;
}

async function placeOf(desk: Desk, { org, server }: Where): Promise<string> {
  if (server === true) return '/suppressions';
  return `/orgs/${part((await desk.org(org)).id)}/suppressions`;
}

const columns = [
  { title: 'ADDRESS', of: (item: SuppressionItem) => item.address },
  { title: 'SCOPE', of: (item: SuppressionItem) => item.scope },
  { title: 'CAUSE', of: (item: SuppressionItem) => item.cause },
  { title: 'REASON', of: (item: SuppressionItem) => item.reason },
  { title: 'SINCE', of: (item: SuppressionItem) => timeText(item.atMs) },
  { title: 'UNTIL', of: (item: SuppressionItem) => (item.untilMs === 0 ? '' : timeText(item.untilMs)) },
];

const lines = (item: SuppressionItem): string[] => [
  `${item.address}: ${item.scope}, ${item.cause}${item.reason === '' ? '' : ` (${item.reason})`}, since ${timeText(item.atMs)}`,
  ...(item.reply === '' ? [] : [`  reply${item.phase === '' ? '' : ` at ${item.phase}`}: ${item.reply}`]),
  ...(item.message === '' ? [] : [`  message: ${item.message}`]),
  ...(item.by === '' ? [] : [`  by ${item.by}`]),
  item.untilMs === 0 ? '  until somebody takes it off' : `  until ${timeText(item.untilMs)}`,
];
