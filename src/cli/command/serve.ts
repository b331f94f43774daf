import type { Command } from 'commander';
import { openLog } from '../../app/logger.ts';
import { partProblems } from '../../app/settings-problems.ts';
import { Supervisor } from '../../app/supervisor.ts';
import { readSettingsFile } from '../../config/read.ts';
import { tellServiceManager } from '../service-manager.ts';
import { loadSettings, settingsPath, SettingsError } from '../settings-file.ts';

export function addServe(program: Command): void {
  program
    .command('serve')
    .summary('run the server')
    .description('run the server: SIGTERM stops it in order, SIGHUP reads settings and certificates again')
    .option('--check', 'only check the settings and name every problem')
    .action(async ({ check }: { check?: boolean }, command: Command) => {
      const settings = loadSettings(command);
      const path = settingsPath(command);
      const problems = partProblems(settings);
      if (problems.length > 0) throw new SettingsError(path, problems);
      if (check === true) return console.log(`${path}: no problems`);
      const log = openLog(settings.log.level, {});
      const supervisor = await Supervisor.start(settings, log);
      log.info({ listeners: supervisor.listeners }, 'Hikyaku is ready');
      runUntilStopped(supervisor, () => reload(supervisor, path));
      await tellServiceManager('READY=1');
    });
}

/** Wrong settings change nothing: they are told, and the server goes on with what it has. */
async function reload(supervisor: Supervisor, path: string): Promise<void> {
  const read = readSettingsFile(path, process.env);
  const problems = read.is === 'problems' ? read.problems : partProblems(read.settings);
  if (read.is === 'settings' && problems.length === 0) return supervisor.reload(read.settings);
  for (const problem of problems) console.error(`${path}: ${problem.path} ${problem.text}`);
}

/** A second signal does not wait for what is in hand. */
export function runUntilStopped(supervisor: Supervisor, onHangUp: () => Promise<void>): void {
  let asked = false;
  const stop = (): void => {
    if (asked) process.exit(1);
    asked = true;
    void tellServiceManager('STOPPING=1');
    void supervisor[Symbol.asyncDispose]().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('SIGHUP', () => void onHangUp().catch((error: unknown) => console.error(error)));
}
