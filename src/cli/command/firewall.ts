import { Option, type Command } from 'commander';
import { readFileSync } from 'node:fs';
import { answers, firewallRules, idleExceptions, type FirewallOptions } from '../../app/firewall.ts';
import { networksIn } from '../../app/network-list.ts';
import { usageError } from '../failure.ts';
import { languageOption, type Language } from '../language.ts';
import { firewallWords } from '../words/firewall.ts';

interface FirewallArguments {
  readonly customers?: readonly string[];
  readonly except?: readonly string[];
  readonly mailServers?: readonly string[];
  readonly interface?: readonly string[];
  readonly answer: FirewallOptions['answer'];
  readonly log: boolean;
  readonly table: string;
  readonly language: Language;
}

const example = `
A network is as 203.0.113.0/24, 2001:db8::/32 or one address; @file reads a list: one in each line, # before remarks.

  hikyaku firewall --customers @customers.txt --except @static.txt --mail-servers 192.0.2.25 > op25b.nft
  nft -c -f op25b.nft && nft -f op25b.nft`;

export function addFirewall(program: Command): void {
  program
    .command('firewall')
    .summary('nftables rules that close port 25 for the customers of a network (OP25B)')
    .description(
      'print nftables rules for the router of a network: its customers do not reach port 25 of the world (OP25B), save for exceptions; ports 587 and 465 stay open',
    )
    .option('--customers <network...>', 'whose port 25 is closed')
    .option('--except <network...>', 'customers who may use it')
    .option('--mail-servers <network...>', 'servers of the operator that all reach at port 25')
    .option('--interface <name...>', 'only what comes in by these (default: by any)')
    .addOption(
      new Option('--answer <how>', 'reset or prohibited: programs fail at once; drop: they wait')
        .choices(answers)
        .default('reset'),
    )
    .option('--no-log', 'without the line that the log of the kernel gets for each customer and hour')
    .option('--table <name>', 'name of the nftables table', 'hikyaku_op25b')
    .addOption(languageOption())
    .addHelpText('after', example)
    .action((given: FirewallArguments) => {
      const options = optionsOf(given);
      const words = firewallWords[given.language];
      process.stdout.write(firewallRules(options, words.comments));
      for (const block of idleExceptions(options)) console.error(words.outside(block));
    });
}

/** Names that nft takes without quotes, or within: nothing of the command line may become a rule. */
function optionsOf(given: FirewallArguments): FirewallOptions {
  const { table, interface: interfaces = [], answer, log } = given;
  if (!/^[A-Za-z_][\w]{0,63}$/.test(table)) throw usageError(`--table: ${table} is no name`);
  const strange = interfaces.find((name) => !/^[\w.:@-]{1,15}\*?$/.test(name));
  if (strange !== undefined) throw usageError(`--interface: ${strange} is no name of an interface`);
  const customers = networksOf('--customers', given.customers);
  if (customers.length === 0) throw usageError('--customers: whose port 25 is closed is not said');
  return {
    table,
    customers,
    exceptions: networksOf('--except', given.except),
    mailServers: networksOf('--mail-servers', given.mailServers),
    answer,
    interfaces,
    log,
  };
}

function networksOf(option: string, given: readonly string[] = []): FirewallOptions['customers'] {
  const lists = given.map((word) =>
    word.startsWith('@') ? networksIn(listFile(word.slice(1)), word.slice(1)) : networksIn(word, option),
  );
  const problems = lists.flatMap((list) => list.problems);
  if (problems.length > 0) throw usageError(problems.join('\n'));
  return lists.flatMap(({ networks }) => networks);
}

function listFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw usageError(`${path}: ${(error as Error).message}`);
  }
}
