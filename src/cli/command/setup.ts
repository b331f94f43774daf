import { Option, type Command } from 'commander';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { passwordProblem } from '../../app/founding.ts';
import { anyAddress } from '../../app/machine.ts';
import { CommandFailure, exitCodes, usageError } from '../failure.ts';
import { spokenLanguage, type Language } from '../language.ts';
import { choose, chooseNames, type Choices, type SetupFlags } from '../setup/choices.ts';
import { isRoot, unitPath } from '../setup/install-unit.ts';
import { portChoices } from '../setup/listeners.ts';
import { make } from '../setup/make.ts';
import { obstacles } from '../setup/obstacles.ts';
import { finish } from '../setup/finish.ts';
import { revisit } from '../setup/revisit.ts';
import { setupPassword } from '../setup/setup-password.ts';
import { setupWords, type SetupWords } from '../setup/words.ts';
import { facts } from '../table.ts';
import { isInteractive, terminal } from '../terminal.ts';

export interface SetupOptions extends SetupFlags {
  readonly bind?: string;
  readonly address?: readonly string[];
  readonly adminPassword?: string;
  readonly passwordStdin?: boolean;
  readonly generate?: boolean;
  readonly systemd?: true;
  readonly unitFile: string;
  readonly printUnit?: true;
  readonly user: string;
  readonly zone?: boolean;
  readonly force?: boolean;
  readonly yes?: boolean;
}

export function addSetup(program: Command): void {
  program
    .command('setup [hostname]')
    .summary('set up a server for production')
    .description(
      'set up a server: settings, first organisation, domain and administrator, DNS records, systemd unit. Asks at a terminal, or takes flags and --yes. Run again, it says what there is.',
    )
    .optionsGroup('What it is:')
    .option('--domain <domain>', 'of the addresses (default: the host name without its first part)')
    .option('--org <name>', 'organisation (default: the domain)')
    .option('--admin <address>', 'of the administrator (default: admin@ the domain)')
    .option('--admin-password <password>', 'here, where others on this machine may see it')
    .option('--password-stdin', 'read the password from standard input')
    .option('--generate', 'make a password and print it (default with --yes)')
    .option('--language <language>', 'en or ja: of notices and of this (default: that of the terminal)')
    .optionsGroup('Where it is:')
    .option('--store <store>', 'sqlite, or the URL of a PostgreSQL database', 'sqlite')
    .addOption(
      new Option(
        '--ports <which>',
        `${portChoices.join(', ')}: 25 and the like, 2025 and the like, any`,
      ).default('standard'),
    )
    .option('--bind <address>', 'listen on this address only')
    .option(
      '--address <ip>',
      'public address, for DNS; again for another (default: those of this machine)',
      collect,
    )
    .option('--cert <file>', 'certificate with its chain, PEM (default: self-signed for now)')
    .option('--key <file>', 'its key')
    .option('--systemd', 'install a systemd service: its unit, a user of its own, the command hikyaku')
    .option('--unit-file <file>', 'where the unit goes', unitPath)
    .option('--print-unit', 'print the unit instead')
    .option('--user <name>', 'the service runs as', 'hikyaku')
    .optionsGroup('How:')
    .option('--zone', 'print the DNS records as lines of a zone file')
    .option('--force', 'write settings anew that are there')
    .option('-y, --yes', 'ask nothing: take what is usual')
    .action(setup);
}

async function setup(hostname: string | undefined, options: SetupOptions, command: Command): Promise<void> {
  const language: Language =
    options.language === 'en' || options.language === 'ja' ? options.language : spokenLanguage();
  const say = setupWords[language];
  const places = placesOf(command);
  const interactive = isInteractive() && options.yes !== true;
  if (existsSync(places.config) && options.force !== true)
    return revisit({ ...places, hostname, options, spoken: language, say, interactive });
  if (!interactive && options.yes !== true) throw usageError(say.nobodyToAsk);
  if (interactive) process.stderr.write(`${say.welcome}\n`);
  const names = await chooseNames(hostname, options, { questions: terminal, say, interactive });
  const host = options.bind ?? (await anyAddress());
  const chosen = choose(names, { flags: options, ...places, host, language, say });
  if (isWrong(chosen))
    throw new CommandFailure(
      [say.problems(chosen.length), ...chosen.map(indented)].join('\n'),
      exitCodes.usage,
    );
  const inTheWay = await obstacles(chosen, say);
  if (inTheWay.length > 0)
    throw new CommandFailure([say.problems(inTheWay.length), ...inTheWay.map(indented)].join('\n'));
  if (interactive) await agree(chosen, options, say);
  const { password, generated } = await setupPassword(options, { ...chosen, interactive });
  const weak = passwordProblem(password);
  if (weak !== undefined) throw new CommandFailure(`--admin-password: ${weak}`);
  const founded = await make(chosen, password);
  finish({
    chosen,
    founded,
    options,
    language,
    say,
    password: generated ? password : undefined,
    config: 'made',
  });
}

const collect = (one: string, all: readonly string[] = []): readonly string[] => [...all, one];
const isWrong = (chosen: Choices | readonly string[]): chosen is readonly string[] => Array.isArray(chosen);
const indented = (line: string): string => `  ${line}`;

/** Where root keeps such things, or, for others, this folder. */
function placesOf(command: Command): { readonly config: string; readonly data: string } {
  const { config = process.env['HIKYAKU_CONFIG'], data } = command.optsWithGlobals<{
    config?: string;
    data?: string;
  }>();
  const usual = isRoot()
    ? { config: '/etc/hikyaku/hikyaku.toml', data: '/var/lib/hikyaku' }
    : { config: 'hikyaku.toml', data: 'hikyaku-data' };
  const file = config ?? usual.config;
  // Beside a settings file of one's own choice, unless that is where such files are kept.
  const beside =
    config === undefined || file.startsWith('/etc/') ? usual.data : join(dirname(file), 'hikyaku-data');
  return { config: file, data: data ?? beside };
}

async function agree(chosen: Choices, { systemd, unitFile }: SetupOptions, say: SetupWords): Promise<void> {
  const { certificate, store, listeners } = chosen;
  const lines = facts([
    [say.item('org'), chosen.org],
    [say.item('domain'), chosen.domain],
    [say.item('admin'), chosen.admin],
    [say.planned('config'), chosen.config],
    [say.planned('data'), chosen.data],
    [say.planned('store'), store.engine],
    [say.planned('certificate'), certificate?.certificate ?? say.selfSigned],
    [say.planned('ports'), listeners.map(({ kind, port }) => `${kind} ${port}`).join(', ')],
    [say.planned('unit'), systemd === undefined ? '' : unitFile],
  ]);
  process.stderr.write(`\n${[say.plan, ...lines.map(indented)].join('\n')}\n`);
  if (!(await terminal.confirm(say.goOn))) throw new CommandFailure(say.nothingDone, exitCodes.cancelled);
}
