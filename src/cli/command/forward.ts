import type { Command } from 'commander';
import { addRouteCommands } from '../route-commands.ts';

export function addForward(program: Command): void {
  addRouteCommands(program, {
    kind: 'forward',
    plural: 'forwards',
    description: 'addresses whose mail goes elsewhere (of an account: account forward)',
    to: 'goes on to',
  });
}
