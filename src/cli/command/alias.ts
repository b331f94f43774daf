import type { Command } from 'commander';
import { addRouteCommands } from '../route-commands.ts';

export function addAlias(program: Command): void {
  addRouteCommands(program, {
    kind: 'alias',
    plural: 'aliases',
    description: 'further addresses that stand for an address',
    to: 'stands for',
  });
}
