/**
 * Makes a new server: its first organisation, domain and administrator, then the settings file. The file comes last and in one step, so that whatever
 * goes wrong, the same command can be run again.
 */
import { mkdirSync, existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { found, withStore, type Founded } from '../../app/founding.ts';
import { firstSettings } from '../../config/first-settings.ts';
import { readSettingsFile } from '../../config/read.ts';
import { SettingsError } from '../settings-file.ts';
import type { Choices } from './choices.ts';

/** A settings file that was there is kept under this name. */
const keptAs = (config: string): string => `${config}.old`;

export async function make(chosen: Choices, password: string): Promise<Founded> {
  const { config } = chosen;
  const draft = `${config}.new`;
  mkdirSync(dirname(config), { recursive: true, mode: 0o755 });
  writeFileSync(draft, firstSettings(chosen), { mode: 0o600 });
  try {
    const read = readSettingsFile(draft, process.env);
    if (read.is === 'problems') throw new SettingsError(config, read.problems);
    const founded = await withStore(read.settings, (office) => found(office, { ...chosen, password }));
    if (existsSync(config)) renameSync(config, keptAs(config));
    renameSync(draft, config);
    return founded;
  } finally {
    rmSync(draft, { force: true });
  }
}
