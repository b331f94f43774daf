/** Finds and reads the settings file of a command. */
import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { dataFolder } from '../app/data-folder.ts';
import { readSettingsFile, type Problem } from '../config/read.ts';
import type { Settings } from '../config/schema.ts';
import { Control } from './control.ts';
import { CommandFailure, exitCodes } from './failure.ts';

export class SettingsError extends CommandFailure {
  override readonly name = 'SettingsError';
  readonly problems: readonly Problem[];
  constructor(path: string, problems: readonly Problem[]) {
    super(
      [
        `${path} has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:`,
        ...problems.map((p) => `  ${p.path === '' ? '' : `${p.path} `}${p.text}`),
      ].join('\n'),
      exitCodes.settings,
    );
    this.problems = problems;
  }
}

/** Where a file is looked for when none is named. */
const places = ['./hikyaku.toml', '/etc/hikyaku/hikyaku.toml'];
/** Where the demo keeps its data unless told otherwise. */
const demoData = './data';

const namedPath = (command: Command): string | undefined =>
  command.optsWithGlobals<{ config?: string }>().config ?? process.env['HIKYAKU_CONFIG'];
const foundPath = (): string | undefined => places.find((path) => existsSync(path));

export function settingsPath(command: Command): string {
  const found = namedPath(command) ?? foundPath();
  if (found === undefined) {
    throw new SettingsError('The command line', [
      {
        path: '',
        text: `names no settings file (--config), and there is none at ${places.join(', ')}`,
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

/** The line to the server of these settings, of the data folder named by `--data`, or, without either, of a demo that runs in this folder. */
export function openControl(command: Command): Control {
  return new Control(dataFolder(dataOf(command)).controlSocket);
}

function dataOf(command: Command): string {
  const { data } = command.optsWithGlobals<{ data?: string }>();
  if (data !== undefined) return data;
  const nothingNamed = namedPath(command) === undefined && foundPath() === undefined;
  return nothingNamed && existsSync(dataFolder(demoData).controlSocket)
    ? demoData
    : loadSettings(command).data;
}
