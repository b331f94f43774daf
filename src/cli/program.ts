/** All commands: one file for each in command/. */
import { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { addAccount } from './command/account.ts';
import { addAddress } from './command/address.ts';
import { addAlias } from './command/alias.ts';
import { addApi } from './command/api.ts';
import { addApiKey } from './command/api-key.ts';
import { addAppPassword } from './command/app-password.ts';
import { addAudit } from './command/audit.ts';
import { addCatchAll } from './command/catch-all.ts';
import { addDemo } from './command/demo.ts';
import { addDkim } from './command/dkim.ts';
import { addDmarc } from './command/dmarc.ts';
import { addDns } from './command/dns.ts';
import { addDoctor } from './command/doctor.ts';
import { addDomain } from './command/domain.ts';
import { addFirewall } from './command/firewall.ts';
import { addForward } from './command/forward.ts';
import { addGroup } from './command/group.ts';
import { addImport } from './command/import.ts';
import { addJourney } from './command/journey.ts';
import { addLog } from './command/log.ts';
import { addOrg } from './command/org.ts';
import { addQuarantine } from './command/quarantine.ts';
import { addQueue } from './command/queue.ts';
import { addExport } from './command/export.ts';
import { addFilter } from './command/filter.ts';
import { addQuota } from './command/quota.ts';
import { addReport } from './command/report.ts';
import { addRewrite } from './command/rewrite.ts';
import { addRole } from './command/role.ts';
import { addSearch } from './command/search.ts';
import { addSender } from './command/sender.ts';
import { addSending } from './command/sending.ts';
import { addServe } from './command/serve.ts';
import { addSetup } from './command/setup.ts';
import { addSettings } from './command/settings.ts';
import { addShaping } from './command/shaping.ts';
import { addSieve } from './command/sieve.ts';
import { addSink } from './command/sink.ts';
import { addSpam } from './command/spam.ts';
import { addStorage } from './command/storage.ts';
import { addWebhook } from './command/webhook.ts';
import { addSuppression } from './command/suppression.ts';
import { addFailures } from './command/failures.ts';
import { addTop } from './command/top.ts';
import { addTls } from './command/tls.ts';
import { addWhy } from './command/why.ts';

const groups: readonly (readonly [heading: string, add: readonly ((program: Command) => void)[]])[] = [
  ['The server:', [addSetup, addServe, addDemo, addSink, addSettings]],
  [
    'Mail:',
    [
      addQueue,
      addWhy,
      addShaping,
      addJourney,
      addLog,
      addQuarantine,
      addSender,
      addFilter,
      addSpam,
      addSending,
      addSuppression,
      addSieve,
      addWebhook,
      addTop,
      addFailures,
    ],
  ],
  [
    'People and addresses:',
    [addAccount, addAlias, addGroup, addForward, addAddress, addAppPassword, addRole, addQuota],
  ],
  ['Moving:', [addImport, addExport]],
  ['Domains:', [addOrg, addDomain, addDns, addDkim, addCatchAll, addRewrite]],
  ['Reports:', [addDmarc, addTls, addReport]],
  ['Care:', [addDoctor, addFirewall, addStorage, addSearch, addAudit, addApiKey, addApi]],
];

const footer = `
Exit codes: 0 done, 1 refused or failed, 2 wrong command line, 3 no such thing, 4 no server, 5 wrong settings, 130 cancelled.
More of each: hikyaku help <command>.`;

export function buildProgram(): Command {
  const program = new Command('hikyaku')
    .description('The whole way of a mail: submission, queue, transfer, mailbox, IMAP and POP3.')
    .version(versionText(), '-V, --version', 'print the version')
    .option(
      '-c, --config <file>',
      'settings file (default: $HIKYAKU_CONFIG, ./hikyaku.toml, /etc/hikyaku/hikyaku.toml)',
    )
    .option(
      '-d, --data <folder>',
      'talk to the server that runs on this data folder, without a settings file',
    )
    .helpOption('-h, --help', 'print this')
    .addHelpText('after', footer)
    .exitOverride();
  for (const [heading, adders] of groups) {
    program.commandsGroup(heading);
    for (const add of adders) add(program);
  }
  program.commandsGroup('Help:').helpCommand('help [command]', 'print the help of a command');
  // The list of all stays short: names and a line each. Those of one command show what they take.
  return program.configureHelp({ subcommandTerm: (command) => command.name() });
}

function versionText(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return `hikyaku ${(JSON.parse(text) as { version: string }).version} (Node.js ${process.version})`;
}
