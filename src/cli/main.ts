/** The command line: one file for each subcommand in command/. */
import { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { addDemo } from './command/demo.ts';
import { addApi } from './command/api.ts';
import { addJourney } from './command/journey.ts';
import { addLog } from './command/log.ts';
import { addQueue } from './command/queue.ts';
import { addServe } from './command/serve.ts';
import { addSettings } from './command/settings.ts';
import { addStorage } from './command/storage.ts';
import { ControlError } from './control.ts';
import { SettingsError } from './settings-file.ts';

export async function main(argv: readonly string[]): Promise<void> {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const program = new Command('hikyaku')
    .description('The whole way of a mail: submission, queue, transfer, mailbox, IMAP and POP3.')
    .version(version)
    .option(
      '-c, --config <file>',
      'settings file (default: $HIKYAKU_CONFIG, ./hikyaku.toml, /etc/hikyaku/hikyaku.toml)',
    )
    .option(
      '-d, --data <folder>',
      'talk to the server that runs on this data folder, without a settings file',
    )
    .showHelpAfterError();
  for (const add of [addServe, addDemo, addQueue, addJourney, addLog, addApi, addStorage, addSettings])
    add(program);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    console.error(error instanceof SettingsError || error instanceof ControlError ? error.message : error);
    process.exitCode = 1;
  }
}
