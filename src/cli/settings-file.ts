/** Finds and reads the settings file of a command. */
import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { dataFolder } from '../app/data-folder.ts';
import { readSettingsFile, type Problem } from '../config/read.ts';
import type { Settings } from '../config/schema.ts';
import { Control } from './control.ts';

export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly problems: readonly Problem[];
  constructor(path: string, problems: readonly Problem[]) {
    super(
      [
        `${path} has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:`,
        ...problems.map((p) => `  ${p.path === '' ? '' : `${p.path} `}${p.text}`),
      ].join('\n'),
    );
    this.problems = problems;
  }
}

/** Where a file is looked for when none is named. The second is the demo's. */
const places = ['./hikyaku.toml', './data/hikyaku.toml', '/etc/hikyaku/hikyaku.toml'];

export function settingsPath(command: Command): string {
  const named = command.optsWithGlobals<{ config?: string }>().config ?? process.env['HIKYAKU_CONFIG'];
  if (named !== undefined) return named;
  const found = places.find((path) => existsSync(path));
  if (found === undefined) {
    throw new SettingsError('The command line', [
      {
        path: '',
        text: `names no settings file, and there is none at ${places.join(', ')}; "hikyaku setup" makes one`,
      },
    ]);
  }
  return found;
}

/** Throws SettingsError with all problems. */
export function loadSettings(command: Command): Settings {
  const path = settingsPath(command);
  const read = readSettingsFile(path, process.env);
  if (read.is === 'problems') throw new SettingsError(path, read.problems);
  return read.settings;
}

/** The line to the server that runs on these settings, or on the data folder named by `--data`. */
export function openControl(command: Command): Control {
  const { data } = command.optsWithGlobals<{ data?: string }>();
  return new Control(dataFolder(data ?? loadSettings(command).data).controlSocket);
}
