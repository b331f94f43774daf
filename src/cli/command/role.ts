import type { Command } from 'commander';
import type { Account } from '../../app/admin-answers.ts';
import { accountPath } from '../account-facts.ts';
import { Desk, withJson } from '../desk.ts';
import { usageError } from '../failure.ts';
import { table } from '../table.ts';

interface RoleRow {
  readonly role: string;
  readonly permissions: readonly string[];
}

export function addRole(program: Command): void {
  const group = program.command('role').description('what accounts may do');
  withJson(group.command('list').description('all roles and what each may do')).action(
    async (_: object, command: Command) => {
      const desk = new Desk(command);
      const { items } = await desk.send<{ items: readonly RoleRow[] }>('GET', '/roles');
      desk.print(
        items,
        table(items, [
          { title: 'role', of: ({ role }) => role },
          { title: 'may', of: ({ permissions }) => permissions.join(' ') || 'only use its own mail' },
        ]),
      );
    },
  );
  withJson(group.command('show <address>').description('those of an account')).action(
    async (address: string, _: object, command: Command) => {
      const desk = new Desk(command);
      show(desk, await desk.account(address));
    },
  );
  for (const [name, description] of [
    ['add', 'give an account further roles'],
    ['remove', 'take roles from an account'],
  ] as const) {
    withJson(group.command(`${name} <address> <role...>`).description(description)).action(
      async (address: string, roles: readonly string[], _: object, command: Command) => {
        const desk = new Desk(command);
        const account = await desk.account(address);
        const after = name === 'add' ? [...account.roles, ...roles] : without(account, roles);
        const body = { roles: [...new Set(after)] };
        show(desk, await desk.send<Account>('PATCH', accountPath(account), body, { roles: '<role>' }));
      },
    );
  }
}

function without({ name, roles }: Account, taken: readonly string[]): readonly string[] {
  const missing = taken.filter((role) => !(roles as readonly string[]).includes(role));
  if (missing.length > 0) throw usageError(`<role>: ${name} does not have ${missing.join(', ')}`);
  return roles.filter((role) => !taken.includes(role));
}

function show(desk: Desk, { name, roles }: Account): void {
  desk.print({ address: name, roles }, [`${name}: ${roles.join(', ') || '(none)'}`]);
}
