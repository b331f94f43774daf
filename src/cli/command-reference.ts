/** The reference page of the commands, made from the commands themselves: `hikyaku commands` prints it, docs/reference/commands.md holds it. */
import type { Command, Option } from 'commander';

const head = `# Commands

\`hikyaku <command> --help\` says the same. Options of all commands: \`--config <file>\` names the settings file (else \`$HIKYAKU_CONFIG\`, \`./hikyaku.toml\`, \`/etc/hikyaku/hikyaku.toml\`);
\`--data <folder>\` names the data folder of the server to talk to. \`HIKYAKU_DEBUG=1\` shows where in the program an error comes from.

Exit codes: 0 done; 1 refused, or it did not work; 2 the command line is wrong; 3 nothing has that name; 4 no server answers; 5 the settings are missing or wrong; 130 stopped at a question.
`;

export function commandReference(program: Command): string {
  return [head, ...program.commands.filter(isTold).flatMap((command) => section(command))].join('\n');
}

const isTold = (command: Command): boolean => command.name() !== 'help';

function section(command: Command): string[] {
  const inner = command.commands.filter(isTold);
  return [
    `## hikyaku ${command.name()}\n`,
    `${command.description()}\n`,
    ...(inner.length === 0 ? usage(command, command.name()) : []),
    ...inner.flatMap((each) => usage(each, `${command.name()} ${each.name()}`)),
    '',
  ];
}

function usage(command: Command, name: string): string[] {
  const words = command.registeredArguments.map((one) => {
    const text = one.variadic ? `${one.name()}...` : one.name();
    return one.required ? `<${text}>` : `[${text}]`;
  });
  const line = ['hikyaku', name, ...words].join(' ');
  return [`- \`${line}\`: ${command.description()}`, ...command.options.map(optionLine)];
}

/** Defaults that are those of a terminal are told in words. */
function optionLine({ flags, description, defaultValue, defaultValueDescription }: Option): string {
  const fallback = defaultValueDescription ?? (typeof defaultValue === 'string' ? defaultValue : undefined);
  return `  - \`${flags}\`: ${description}${fallback === undefined ? '' : ` (default: ${fallback})`}`;
}
