import type { Command } from 'commander';
import type { Rewrite } from '../../app/admin-answers.ts';
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
} from '../desk.ts';
import { usageError } from '../failure.ts';

const names = { from: '<from>', to: '<to>', where: '--where', direction: '<direction>' };

export function addRewrite(program: Command): void {
  const group = program
    .command('rewrite')
    .summary('addresses that become others on the way')
    .description('addresses that become others: recipients of mail coming in, senders of mail going out');
  withOrg(withList(group.command('list').description('all rules'))).action(
    async (options: ListOptions & { org?: string }, command: Command) => {
      const desk = new Desk(command);
      const { id } = await desk.org(options.org);
      desk.printList(await desk.list<Rewrite>(`/orgs/${part(id)}/rewrites`, options), [
        { title: 'direction', of: ({ direction }) => direction },
        { title: 'from', of: ({ from }) => readable(from) },
        { title: 'becomes', of: ({ to }) => readable(to) },
        { title: 'in', of: ({ where }) => (where === 'both' ? 'envelope and header' : where) },
      ]);
    },
  );
  withJson(
    group
      .command('set <direction> <from> <to>')
      .description('make or replace a rule: direction is in or out; @domain is all of a domain')
      .option('--where <where>', 'envelope, header or both', 'both'),
  ).action(
    async (direction: string, from: string, to: string, { where }: { where: string }, command: Command) => {
      const desk = new Desk(command);
      const path = await rulePath(desk, direction, from);
      const rule = await desk.send<Rewrite>('PUT', path, { to, where }, names);
      desk.print(rule, [`${rule.direction}: ${readable(rule.from)} becomes ${readable(rule.to)}`]);
    },
  );
  withYes(group.command('remove <direction> <from>').description('remove a rule')).action(
    async (direction: string, from: string, options: { yes?: boolean }, command: Command) => {
      const desk = new Desk(command);
      const path = await rulePath(desk, direction, from);
      await confirmed(options, {
        en: `Remove the rule for ${from} (${direction})?`,
        ja: `${from} の書き換え規則（${direction}）を削除しますか？`,
      });
      await desk.send('DELETE', path, undefined, names);
    },
  );
}

async function rulePath(desk: Desk, direction: string, from: string): Promise<string> {
  if (direction !== 'in' && direction !== 'out')
    throw usageError(`<direction> is in (mail coming in) or out (mail going out), not "${direction}"`);
  const { org } = await desk.domain(from.slice(from.lastIndexOf('@') + 1));
  return `/orgs/${part(org)}/rewrites/${direction}/${part(from)}`;
}
