import type { Command } from 'commander';
import { backup, check, restore } from '../../app/storage-care.ts';
import { loadSettings } from '../settings-file.ts';

export function addStorage(program: Command): void {
  program
    .command('check')
    .summary('look for damage and recount')
    .description('recount quotas, counters and references, and look for damage; the server may be running')
    .option('--repair', 'put counters right')
    .action(async ({ repair }: { repair?: boolean }, command: Command) => {
      const report = await check(loadSettings(command), { repair: repair === true });
      console.log(report.lines.join('\n'));
      if (!report.sound) process.exitCode = 1;
    });
  program
    .command('backup <folder>')
    .summary('copy everything while the server runs')
    .description('copy everything into a new folder while the server runs')
    .action(async (folder: string, _: object, command: Command) =>
      console.log(await backup(loadSettings(command), folder)),
    );
  program
    .command('restore <folder>')
    .summary('make the data folder from a backup')
    .description('make the data folder from a backup; it must be empty')
    .action(async (folder: string, _: object, command: Command) =>
      console.log(await restore(loadSettings(command), folder)),
    );
}
