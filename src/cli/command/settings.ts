import type { Command } from 'commander';
import { settingsReference } from '../../config/reference.ts';

export function addSettings(program: Command): void {
  program
    .command('settings')
    .description('print the reference of all settings')
    .action(() => void process.stdout.write(settingsReference()));
}
