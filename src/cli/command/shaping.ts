import { Option, type Command } from 'commander';
import { lintShaping, shownProviders, shownReplies, shownRules } from '../../app/shaping-desk.ts';
import { loadSettings } from '../settings-file.ts';
import { table } from '../table.ts';

export function addShaping(program: Command): void {
  const shaping = program
    .command('shaping')
    .summary('the limits that receivers are sent by')
    .description(
      'the limits that receivers are sent by: rules that come with the program, and those of the settings file',
    );
  shaping
    .command('lint')
    .description(
      'what the rules of the settings file really do: which never apply, lose, contradict or are slower than they look',
    )
    .action((_: object, command: Command) => printLint(command));
  shaping
    .command('show')
    .description('all rules, in the order in which later ones win over equals before them')
    .option('--provider <name>', 'those that apply to one provider')
    .addOption(new Option('--replies', 'what answers of receivers mean, instead'))
    .action((options: { provider?: string; replies?: true }, command: Command) => {
      const show = options.replies ? shownReplies : shownRules;
      console.log(
        table(show(loadSettings(command), options.provider), [
          { title: 'rule', of: (rule) => rule.name },
          { title: 'for', of: (rule) => rule.about },
          { title: options.replies ? 'does' : 'limits', of: (rule) => rule.limits },
          { title: 'why', of: (rule) => rule.why },
        ]).join('\n'),
      );
    });
  shaping
    .command('providers')
    .description('the provider groups, and by which mail servers and domains they are known')
    .action(() => {
      console.log(
        table(shownProviders(), [
          { title: 'provider', of: (one) => one.name },
          { title: 'title', of: (one) => one.title },
          { title: 'mail servers', of: (one) => one.hosts.join(' ') },
          { title: 'domains', of: (one) => one.domains.slice(0, domainsShown).join(' ') },
        ]).join('\n'),
      );
    });
}

const domainsShown = 5;

function printLint(command: Command): void {
  const findings = lintShaping(loadSettings(command));
  for (const { rule, is, text } of findings) console.log(`${rule}: ${is}: ${text}`);
  console.log(findings.length === 0 ? 'The rules do what they say.' : `${findings.length} findings`);
}
