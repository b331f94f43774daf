import type { Command } from 'commander';
import type { Org } from '../../app/admin-answers.ts';
import { confirmed, Desk, part, withJson, withList, withYes, type ListOptions } from '../desk.ts';
import { facts } from '../table.ts';
import { timeText } from '../quantity.ts';

interface OrgOptions {
  readonly name?: string;
  readonly language?: string;
  readonly operator?: boolean;
}

const names = { name: '<name>', language: '--language', operator: '--operator' };

export function addOrg(program: Command): void {
  const org = program.command('org').description('organisations: whose mail this server has');
  withList(org.command('list').description('all of them')).action(
    async (options: ListOptions, command: Command) => {
      const desk = new Desk(command);
      desk.printList(await desk.list<Org>('/orgs', options), [
        { title: 'name', of: ({ name }) => name },
        { title: 'language', of: ({ language }) => language },
        { title: 'runs the server', of: ({ operator }) => (operator ? 'yes' : '') },
        { title: 'id', of: ({ id }) => id },
      ]);
    },
  );
  withJson(org.command('show <org>').description('one of them, by name or id')).action(
    async (name: string, _: object, command: Command) => {
      const desk = new Desk(command);
      show(desk, await desk.org(name));
    },
  );
  withJson(withEdits(org.command('add <name>').description('make one'))).action(
    async (name: string, options: OrgOptions, command: Command) => {
      const desk = new Desk(command);
      show(desk, await desk.send<Org>('POST', '/orgs', { name, ...edits(options) }, names));
    },
  );
  withJson(
    withEdits(org.command('change <org>').description('change its name, language or rights'))
      .option('--name <name>', 'another name')
      .option('--no-operator', 'it no longer runs the server'),
  ).action(async (which: string, options: OrgOptions, command: Command) => {
    const desk = new Desk(command);
    const { id } = await desk.org(which);
    const edit = { ...edits(options), ...(options.name === undefined ? {} : { name: options.name }) };
    show(desk, await desk.send<Org>('PATCH', `/orgs/${part(id)}`, edit, { ...names, name: '--name' }));
  });
  withYes(org.command('remove <org>').description('remove one that has neither domains nor accounts')).action(
    async (which: string, options: { yes?: boolean }, command: Command) => {
      const desk = new Desk(command);
      const { id, name } = await desk.org(which);
      await confirmed(options, {
        en: `Remove the organisation ${name}?`,
        ja: `組織 ${name} を削除しますか？`,
      });
      await desk.send('DELETE', `/orgs/${part(id)}`);
    },
  );
}

const withEdits = (command: Command): Command =>
  command
    .option('--language <language>', 'en or ja: of notices to its people')
    .option('--operator', 'its owners and admins run the whole server');

const edits = ({ language, operator }: OrgOptions) => ({
  ...(language === undefined ? {} : { language }),
  ...(operator === undefined ? {} : { operator }),
});

function show(desk: Desk, org: Org): void {
  const { id, name, language, operator, createdAtMs } = org;
  desk.print(
    org,
    facts([
      ['name', name],
      ['id', id],
      ['language', language],
      ['runs the server', operator ? 'yes' : 'no'],
      ['made', timeText(createdAtMs)],
    ]),
  );
}
