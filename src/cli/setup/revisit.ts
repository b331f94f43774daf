/** A set-up that is run again: says what there is, and makes what was named, or was not reached before, and is missing. Settings are left alone. */
import { resolve } from 'node:path';
import { dataFolder } from '../../app/data-folder.ts';
import { found, withStore, type FoundingOffice } from '../../app/founding.ts';
import { readSettingsFile } from '../../config/read.ts';
import type { Settings } from '../../config/schema.ts';
import type { SetupOptions } from '../command/setup.ts';
import { Control } from '../control.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import type { Language } from '../language.ts';
import { SettingsError } from '../settings-file.ts';
import { terminal } from '../terminal.ts';
import { choose, chooseNames, type Names } from './choices.ts';
import { controlOffice } from './control-office.ts';
import { finish } from './finish.ts';
import { setupPassword } from './setup-password.ts';
import type { SetupWords } from './words.ts';

export interface Revisit {
  readonly config: string;
  readonly data: string;
  readonly hostname: string | undefined;
  readonly options: SetupOptions;
  readonly spoken: Language;
  readonly say: SetupWords;
  /** There is somebody to ask for a password. */
  readonly interactive: boolean;
}

export async function revisit(again: Revisit): Promise<void> {
  const { hostname, options, say, interactive } = again;
  const config = resolve(again.config);
  const read = readSettingsFile(config, process.env);
  if (read.is === 'problems') throw new SettingsError(config, read.problems);
  const { settings } = read;
  if (hostname !== undefined && hostname.toLowerCase() !== settings.hostname.toLowerCase())
    throw new CommandFailure(say.otherHostname(config, settings.hostname));
  const { language } = settings;
  await withOffice(settings, async (office) => {
    const asked = await chooseNames(settings.hostname, options, {
      questions: terminal,
      say,
      interactive: false,
    });
    const names = await whatIsThere(office, options, asked);
    const wrong = choose(names, { ...again, flags: options, host: '', language });
    if (Array.isArray(wrong)) throw new CommandFailure(wrong.join('\n'), exitCodes.usage);
    const missing = !(await office.hasAccount(names.admin));
    const made = missing
      ? await setupPassword(options, { admin: names.admin, language, interactive })
      : undefined;
    const founded = await found(office, { ...names, language, password: made?.password });
    finish({
      chosen: { ...settings, ...names, config, certificate: settings.tls.certificates[0] },
      founded,
      config: 'there',
      options,
      language: again.spoken,
      say,
      password: made?.generated === true ? made.password : undefined,
    });
  });
}

/** The names that were given, else those of the organisation that there is. */
async function whatIsThere(office: FoundingOffice, options: SetupOptions, asked: Names): Promise<Names> {
  const domains = await office.domains();
  const first = domains.find(({ name }) => name === asked.domain) ?? domains[0];
  if (options.domain !== undefined || first === undefined) return asked;
  const admin = options.admin ?? (await office.ownerOf(first.org)) ?? `admin@${first.name}`;
  return { ...asked, domain: first.name, admin };
}

/** Through the server when it runs, else on its store. */
async function withOffice(
  settings: Settings,
  work: (office: FoundingOffice) => Promise<void>,
): Promise<void> {
  const office = controlOffice(new Control(dataFolder(settings.data).controlSocket));
  const running = await office.orgs().then(
    () => true,
    (error: unknown) => {
      if (error instanceof CommandFailure && error.exitCode === exitCodes.noServer) return false;
      throw error;
    },
  );
  return running ? work(office) : withStore(settings, work);
}
