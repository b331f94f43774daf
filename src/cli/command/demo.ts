import type { Command } from 'commander';
import {
  demoAccounts,
  demoSettings,
  makeDemoOrganisation,
  withDemoKeys,
  writeStartFile,
} from '../../app/demo.ts';
import { followJourney, showDemoMail } from '../../app/demo-journey.ts';
import { openLog } from '../../app/logger.ts';
import { Supervisor } from '../../app/supervisor.ts';
import { languageOption } from '../language.ts';
import { runUntilStopped } from './serve.ts';

interface DemoOptions {
  readonly ports: string;
  readonly quiet?: boolean;
  readonly language: string;
}

export function addDemo(program: Command): void {
  program
    .command('demo')
    .summary('run a demo organisation, to look around')
    .description('run a demo organisation on unprivileged ports of loopback')
    .option('--ports <which>', 'fixed, or auto for free ones', 'fixed')
    .option('--quiet', 'no demo mail')
    .addOption(languageOption())
    .action(async ({ ports, quiet, language }: DemoOptions, command: Command) => {
      const { data = './data' } = command.optsWithGlobals<{ data?: string }>();
      const settings = await withDemoKeys(demoSettings(data, ports === 'auto'));
      const supervisor = await Supervisor.start(settings, openLog(settings.log.level, {}));
      writeStartFile(settings, supervisor, await makeDemoOrganisation(supervisor));
      runUntilStopped(supervisor, async () => {});
      for (const { kind, host, port } of supervisor.listeners)
        console.log(`  ${kind.padEnd(12)} ${host}:${port}`);
      for (const { address, password } of demoAccounts) console.log(`  login        ${address}  ${password}`);
      const smtps = supervisor.listeners.find((one) => one.kind === 'submissions')!;
      console.log(
        `\nSend a mail:\n  swaks --server ${smtps.host}:${smtps.port} --tls-on-connect --auth-user ${demoAccounts[1]!.address} --auth-password ${demoAccounts[1]!.password} --from ${demoAccounts[1]!.address} --to ${demoAccounts[2]!.address}\n`,
      );
      console.log(`Hikyaku is ready (data in ${settings.data})`);
      if (quiet !== true) await showDemoMail(smtps);
      await followJourney(supervisor, language === 'ja' ? 'ja' : 'en');
    });
}
