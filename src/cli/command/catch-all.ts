import type { Command } from 'commander';
import type { Domain } from '../../app/admin-answers.ts';
import { Desk, part, readable, withJson, withList, type ListOptions } from '../desk.ts';

export function addCatchAll(program: Command): void {
  const group = program.command('catch-all').description('who gets mail for unknown addresses');
  withList(group.command('list').description('domains that have one')).action(
    async (options: ListOptions, command: Command) => {
      const desk = new Desk(command);
      const { items, more } = await desk.list<Domain>('/domains', options);
      desk.printList({ items: items.filter(({ catchAll }) => catchAll !== ''), more }, [
        { title: 'domain', of: ({ unicodeName }) => unicodeName },
        { title: 'goes to', of: ({ catchAll }) => readable(catchAll) },
      ]);
    },
  );
  withJson(group.command('show <domain>').description('that of one domain')).action(
    async (name: string, _: object, command: Command) => {
      const desk = new Desk(command);
      show(desk, await desk.domain(name));
    },
  );
  withJson(group.command('set <domain> <address>').description('such mail goes to this address')).action(
    async (name: string, address: string, _: object, command: Command) => {
      const desk = new Desk(command);
      show(desk, await change(desk, name, address));
    },
  );
  group
    .command('remove <domain>')
    .description('such mail is refused again')
    .action(async (name: string, _: object, command: Command) => {
      await change(new Desk(command), name, '');
    });
}

async function change(desk: Desk, name: string, catchAll: string): Promise<Domain> {
  const { org } = await desk.domain(name);
  const path = `/orgs/${part(org)}/domains/${part(name)}`;
  return desk.send<Domain>('PATCH', path, { catchAll }, { catchAll: '<address>' });
}

function show(desk: Desk, { name, unicodeName, catchAll }: Domain): void {
  const text = catchAll === '' ? 'refused: there is no catch-all' : readable(catchAll);
  desk.print({ domain: name, catchAll }, [`unknown addresses at ${unicodeName}: ${text}`]);
}
