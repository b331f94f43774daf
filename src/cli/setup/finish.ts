/** The last part of a set-up, of the first run and of every later one: the unit, what was made, the records for DNS, the next steps. */
import { resolve } from 'node:path';
import { firstZone, type NewDomain } from '../../app/first-records.ts';
import type { Founded, State } from '../../app/founding.ts';
import { publicAddresses } from '../../app/machine.ts';
import type { SetupOptions } from '../command/setup.ts';
import { usageError } from '../failure.ts';
import type { Language } from '../language.ts';
import { facts } from '../table.ts';
import type { Choices } from './choices.ts';
import { installUnit, isRoot, unitPath, unitText, type Installed } from './install-unit.ts';
import { nextSteps, recordLines } from './report.ts';
import type { SetupWords } from './words.ts';

export interface Finish {
  readonly chosen: Pick<
    Choices,
    'hostname' | 'domain' | 'admin' | 'config' | 'data' | 'listeners' | 'certificate'
  >;
  readonly founded: Founded;
  readonly config: State;
  readonly options: Pick<SetupOptions, 'systemd' | 'unitFile' | 'printUnit' | 'user' | 'zone' | 'address'>;
  readonly language: Language;
  readonly say: SetupWords;
  /** One that was made here, told this once. */
  readonly password: string | undefined;
}

export function finish({ chosen, founded, config, options, language, say, password }: Finish): void {
  const installed = install(chosen, options);
  const addresses = options.address ?? publicAddresses();
  const domain: NewDomain = { ...chosen, addresses, dkim: founded.dkim };
  const out: string[] = [];
  const item = (
    what: Parameters<SetupWords['item']>[0],
    value: string,
    state: State,
  ): readonly [string, string] => [say.item(what), `${value}: ${say.state(state)}`];
  const made = facts([
    item('config', chosen.config, config),
    item('org', founded.org.name, founded.org.state),
    item('domain', chosen.domain, founded.domain),
    item('admin', chosen.admin, founded.admin),
    ...(installed === undefined
      ? []
      : [item('user', options.user, installed.user), item('unit', options.unitFile, installed.unit)]),
  ]);
  if (options.zone === true) {
    // Standard output has the zone alone.
    console.error(made.join('\n'));
    if (password !== undefined) console.error(say.password(password));
    return console.log(firstZone(domain).join('\n'));
  }
  out.push(...made, '');
  if (password !== undefined) out.push(say.password(password), '');
  out.push(say.dnsHead, '', ...recordLines(domain, language, say), '');
  out.push(
    ...nextSteps(
      {
        domain,
        admin: chosen.admin,
        config: chosen.config,
        hasCertificate: chosen.certificate !== undefined,
        unit: installed !== undefined && options.unitFile === unitPath,
        command: commandFor(chosen.config),
      },
      say,
    ),
  );
  console.log(out.join('\n'));
}

/** Where the settings are looked for without being named. */
const commandFor = (config: string): string =>
  config === '/etc/hikyaku/hikyaku.toml' ? 'hikyaku' : `hikyaku --config ${config}`;

function install({ config, data }: Finish['chosen'], options: Finish['options']): Installed | undefined {
  const { systemd, unitFile, printUnit, user } = options;
  const of = { config: resolve(config), data: resolve(data), user };
  if (printUnit === true) console.log(unitText(of));
  if (systemd === undefined) return undefined;
  if (!isRoot()) throw usageError(`--systemd: only root can write ${unitFile}; --print-unit prints the unit`);
  return installUnit(of, unitFile);
}
