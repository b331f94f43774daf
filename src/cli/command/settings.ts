import type { Command } from 'commander';
import { commandReference } from '../command-reference.ts';
import { settingsReference } from '../../config/reference.ts';

export function addSettings(program: Command): void {
  program
    .command('settings')
    .description('print the reference of all settings')
    .action(() => void process.stdout.write(settingsReference()));
  program
    .command('commands')
    .description('print the reference of all commands')
    .action(() => void process.stdout.write(commandReference(program)));
}
