import type { Command } from 'commander';
import { addRouteCommands } from '../route-commands.ts';

export function addGroup(program: Command): void {
  addRouteCommands(program, {
    kind: 'group',
    plural: 'groups',
    description: 'addresses that reach all their members',
    to: 'members',
  });
}
