import type { Command } from 'commander';
import type { FilterRules, RuleCondition } from '../../app/admin-answers.ts';
import { Desk, part, withJson, withOrg } from '../desk.ts';
import { usageError } from '../failure.ts';
import { textOfFile } from '../input.ts';
import { spokenLanguage } from '../language.ts';

interface ListedRule {
  readonly rule: string;
  readonly weight: number;
  /** It is not the weight that the rule comes with. */
  readonly changed: boolean;
  readonly what: string;
}

interface SetOptions {
  readonly org?: string;
  readonly mark?: string;
  readonly junk?: string;
  readonly quarantine?: string;
  readonly refuse?: string;
  readonly quarantineDays?: string;
  readonly greylisting?: string;
  readonly weight?: readonly string[];
  readonly attachment?: readonly string[];
}

const scores = ['mark', 'junk', 'quarantine', 'refuse'] as const;

export function addFilter(program: Command): void {
  const group = program
    .command('filter')
    .summary('how mail is filtered')
    .description('how an organisation filters its mail: scores, and the weights of rules');
  withJson(withOrg(group.command('show').description('what it has otherwise than the server'))).action(
    async ({ org }: SetOptions, command: Command) => {
      const desk = new Desk(command);
      const rules = await desk.send<FilterRules>('GET', await pathOf(desk, org));
      desk.print(rules, lines(rules));
    },
  );
  withJson(
    withOrg(group.command('rules').description('every rule with its weight and what it is about')),
  ).action(async ({ org }: SetOptions, command: Command) => {
    const desk = new Desk(command);
    const path = `${await pathOf(desk, org)}/rules?language=${spokenLanguage()}`;
    const { items } = await desk.send<{ items: ListedRule[] }>('GET', path);
    desk.printList({ items, more: false }, [
      { title: 'rule', of: ({ rule }) => rule },
      { title: 'weight', of: ({ weight, changed: isOwn }) => `${weight}${isOwn ? ' *' : ''}`, right: true },
      { title: 'what', of: ({ what }) => what },
    ]);
  });
  withJson(
    withOrg(group.command('set').description('set some of it; "server" goes back to what the server has')),
  )
    .option('--mark <score>', 'marked in the header from this score on; never, server')
    .option('--junk <score>', 'into Junk from this score on; never, server')
    .option('--quarantine <score>', 'into quarantine from this score on; never, server')
    .option('--refuse <score>', 'refused from this score on; never, server')
    .option('--quarantine-days <days>', 'how long mail is kept in quarantine; server')
    .option('--greylisting <on|off>', 'put strangers off once; server')
    .option('--weight <rule=points...>', 'points of a rule, or name.*; 0 switches it off, server')
    .option(
      '--attachment <kind=what...>',
      'what is done about attachments: program, disguised, encrypted, macro, bomb, unread = accept, warn, junk, hold, refuse; server',
    )
    .action(async ({ org, ...options }: SetOptions, command: Command) => {
      const desk = new Desk(command);
      const path = await pathOf(desk, org);
      const before = await desk.send<FilterRules>('GET', path);
      const rules = await desk.send<FilterRules>('PUT', path, changed(before, options));
      desk.print(rules, lines(rules));
    });
  withJson(
    withOrg(
      group
        .command('import <file>')
        .description(
          'set all of it from JSON, as "show --json" prints it: rules and protected names too; - is standard input',
        ),
    ),
  ).action(async (file: string, { org }: SetOptions, command: Command) => {
    const desk = new Desk(command);
    const rules = await desk.send<FilterRules>(
      'PUT',
      await pathOf(desk, org),
      parsed(await textOfFile(file)),
    );
    desk.print(rules, lines(rules));
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw usageError(`the file is no JSON: ${(error as Error).message}`);
  }
}

const conditionText = ({ of, field, test, value, not }: RuleCondition): string =>
  `${of}${field === undefined ? '' : ` ${field}`} ${not === true ? 'not ' : ''}${test} ${JSON.stringify(value)}`;

const pathOf = async (desk: Desk, org: string | undefined): Promise<string> =>
  `/orgs/${part((await desk.org(org)).id)}/filters`;

function changed(before: FilterRules, options: SetOptions): FilterRules {
  const rules: Record<string, unknown> = { ...before };
  const put = (name: string, value: unknown): void => {
    if (value === undefined) delete rules[name];
    else rules[name] = value;
  };
  for (const name of scores) if (options[name] !== undefined) put(name, scoreOf(name, options[name]));
  const { quarantineDays: days, greylisting, weight } = options;
  if (greylisting !== undefined) put('greylisting', switchOf(greylisting));
  if (days !== undefined)
    put('quarantineDays', days === 'server' ? undefined : numberOf('quarantine-days', days));
  if (weight !== undefined) {
    const weights = withWeights(before.weights ?? {}, weight);
    put('weights', Object.keys(weights).length === 0 ? undefined : weights);
  }
  if (options.attachment !== undefined) {
    const attachments = withAttachments(before.attachments ?? {}, options.attachment);
    put('attachments', Object.keys(attachments).length === 0 ? undefined : attachments);
  }
  return rules;
}

function withAttachments(
  before: Readonly<Record<string, string>>,
  given: readonly string[],
): Record<string, string> {
  const all: Record<string, string> = { ...before };
  for (const one of given) {
    const [kind = '', what = '', ...more] = one.split('=');
    if (kind === '' || what === '' || more.length > 0)
      throw usageError(`--attachment: "${one}" is not kind=what`);
    if (what === 'server') delete all[kind];
    else all[kind] = what;
  }
  return all;
}

function scoreOf(name: string, text: string): number | null | undefined {
  if (text === 'server') return undefined;
  return text === 'never' ? null : numberOf(name, text);
}

function switchOf(text: string): boolean | undefined {
  if (text === 'server') return undefined;
  if (text !== 'on' && text !== 'off') throw usageError(`--greylisting: "${text}" is neither on nor off`);
  return text === 'on';
}

function withWeights(
  before: Readonly<Record<string, number>>,
  given: readonly string[],
): Record<string, number> {
  const weights: Record<string, number> = { ...before };
  for (const one of given) {
    const at = one.lastIndexOf('=');
    if (at < 1) throw usageError(`--weight: "${one}" is not rule=points`);
    const rule = one.slice(0, at);
    if (one.slice(at + 1) === 'server') delete weights[rule];
    else weights[rule] = numberOf('weight', one.slice(at + 1));
  }
  return weights;
}

function numberOf(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value))
    throw usageError(`--${option}: "${text}" is not a number`);
  return value;
}

function lines(rules: FilterRules): string[] {
  const told = scores.flatMap((name) =>
    rules[name] === undefined ? [] : [`${name}: ${rules[name] ?? 'never'}`],
  );
  if (rules.greylisting !== undefined) told.push(`greylisting: ${rules.greylisting ? 'on' : 'off'}`);
  if (rules.quarantineDays !== undefined) told.push(`quarantine for ${rules.quarantineDays} days`);
  for (const name of rules.protectedNames ?? []) told.push(`protected name: ${name}`);
  for (const name of rules.protectedDomains ?? []) told.push(`protected domain: ${name}`);
  for (const { name, weight, action, conditions } of rules.rules ?? [])
    told.push(
      `rule own.${name}: ${weight}${action === undefined ? '' : `, ${action}`}, if ${conditions.map(conditionText).join(' and ')}`,
    );
  for (const [rule, weight] of Object.entries(rules.weights ?? {})) told.push(`weight of ${rule}: ${weight}`);
  for (const [kind, what] of Object.entries(rules.attachments ?? {}))
    told.push(`attachments, ${kind}: ${what}`);
  return told.length === 0 ? ['as the server has it'] : told;
}
