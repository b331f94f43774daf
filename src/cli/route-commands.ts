/** The commands of addresses that lead to others. Aliases, groups and forwards differ in words alone. */
import type { Command } from 'commander';
import type { Route } from '../app/admin-answers.ts';
import {
  confirmed,
  Desk,
  part,
  readable,
  withJson,
  withList,
  withOrg,
  withYes,
  type ListOptions,
} from './desk.ts';
import { usageError } from './failure.ts';
import { timeText } from './quantity.ts';
import { facts } from './table.ts';

export interface RouteWords {
  readonly kind: 'alias' | 'group' | 'forward';
  readonly plural: 'aliases' | 'groups' | 'forwards';
  readonly description: string;
  /** What the addresses it leads to are called. */
  readonly to: string;
}

interface ChangeOptions {
  readonly to?: readonly string[];
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
  readonly name?: string;
}

const names = { address: '<address>', targets: '--to', displayName: '--name' };
/** Targets told in a line of a list. */
const shownMax = 4;

export function addRouteCommands(program: Command, words: RouteWords): void {
  const group = program.command(words.kind).description(words.description);
  reading(group, words);
  changing(group, words);
}

const pathOf = async (desk: Desk, { plural }: RouteWords, address: string): Promise<string> =>
  `/orgs/${part(await desk.orgOf(address))}/${plural}/${part(address)}`;

function reading(group: Command, words: RouteWords): void {
  withOrg(withList(group.command('list').description('all of them'))).action(
    async (options: ListOptions & { org?: string }, command: Command) => {
      const desk = new Desk(command);
      const { id } = await desk.org(options.org);
      desk.printList(await desk.list<Route>(`/orgs/${part(id)}/${words.plural}`, options), [
        { title: 'address', of: ({ address }) => readable(address) },
        { title: words.to, of: ({ targets }) => targetsText(targets) },
        { title: 'name', of: ({ displayName }) => displayName },
      ]);
    },
  );
  withJson(group.command('show <address>').description('one of them, whole')).action(
    async (address: string, _: object, command: Command) => {
      const desk = new Desk(command);
      show(desk, words, await desk.send<Route>('GET', await pathOf(desk, words, address)));
    },
  );
}

function changing(group: Command, words: RouteWords): void {
  withJson(
    group
      .command('add <address>')
      .description('make one')
      .requiredOption('--to <address...>', `${words.to}, here or elsewhere`)
      .option('--name <name>', 'name for people'),
  ).action(async (address: string, { to = [], name }: ChangeOptions, command: Command) => {
    const desk = new Desk(command);
    const org = await desk.orgOf(address);
    const body = { address, targets: to, ...(name === undefined ? {} : { displayName: name }) };
    show(desk, words, await desk.send<Route>('POST', `/orgs/${part(org)}/${words.plural}`, body, names));
  });

  withJson(
    group
      .command('change <address>')
      .description('change where it leads or its name')
      .option('--to <address...>', 'lead to these only')
      .option('--add <address...>', 'these too')
      .option('--remove <address...>', 'these no longer')
      .option('--name <name>', 'name for people'),
  ).action(async (address: string, options: ChangeOptions, command: Command) => {
    const desk = new Desk(command);
    const path = await pathOf(desk, words, address);
    const now = await desk.send<Route>('GET', path);
    const body = { targets: targetsAfter(now, options), displayName: options.name ?? now.displayName };
    show(desk, words, await desk.send<Route>('PUT', path, body, { ...names, targets: '--to or --add' }));
  });

  withYes(group.command('remove <address>').description('remove it; who it led to stays')).action(
    async (address: string, options: { yes?: boolean }, command: Command) => {
      const desk = new Desk(command);
      const path = await pathOf(desk, words, address);
      const { targets } = await desk.send<Route>('GET', path);
      await confirmed(options, {
        en: `Remove ${address} (${words.to}: ${targetsText(targets)})?`,
        ja: `${address}（宛先: ${targetsText(targets)}）を削除しますか？`,
      });
      await desk.send('DELETE', path);
    },
  );
}

function targetsAfter({ targets }: Route, { to, add = [], remove = [] }: ChangeOptions): readonly string[] {
  const base = to ?? targets;
  const gone = new Set(remove.map((one) => one.toLowerCase()));
  const missing = remove.filter((one) => !base.some((target) => target.toLowerCase() === one.toLowerCase()));
  if (missing.length > 0) throw usageError(`--remove: ${missing.join(', ')} is not among them`);
  return [...base.filter((one) => !gone.has(one.toLowerCase())), ...add];
}

function targetsText(targets: readonly string[]): string {
  if (targets.length === 0) return '(nobody)';
  const shown = targets.slice(0, shownMax).map(readable).join(', ');
  return targets.length > shownMax ? `${shown} and ${targets.length - shownMax} more` : shown;
}

function show(desk: Desk, words: RouteWords, route: Route): void {
  const { address, displayName, targets, createdAtMs } = route;
  desk.print(
    route,
    facts([
      ['address', readable(address)],
      ['name', displayName],
      ...(targets.length === 0
        ? [[words.to, '(nobody)'] as const]
        : targets.map((target, i) => [i === 0 ? words.to : '', readable(target)] as const)),
      ['made', timeText(createdAtMs)],
    ]),
  );
}
