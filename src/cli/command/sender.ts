import type { Command } from 'commander';
import type { SenderRules } from '../../app/admin-answers.ts';
import { Desk, part, withJson, withOrg } from '../desk.ts';
import { usageError } from '../failure.ts';

interface Where {
  readonly org?: string;
  readonly domain?: string;
}

/** Options of `set`, the rules that they stand for, and what each may be. */
const choices = {
  dmarc: ['obey', 'junk', 'ignore'],
  mailingLists: ['junk', 'refuse'],
  spfFail: ['accept', 'junk', 'refuse'],
  unclearAuthor: ['accept', 'junk', 'refuse'],
  missingAuthor: ['accept', 'junk', 'refuse'],
} as const;
type Choice = keyof typeof choices;
const choiceNames = Object.keys(choices) as readonly Choice[];
const actions = ['accept', 'junk', 'refuse', 'obey', 'server'];

export function addSender(program: Command): void {
  const group = program
    .command('sender')
    .summary('what is made of the proof of senders')
    .description(
      'what an organisation, or one of its domains, makes of the proof of senders (SPF, DKIM, DMARC, ARC) otherwise than the server',
    );
  within(group.command('show').description('what it has otherwise than one level up')).action(
    async (where: Where, command: Command) => {
      const desk = new Desk(command);
      const rules = await desk.send<SenderRules>('GET', await pathOf(desk, where));
      desk.print(rules, lines(rules));
    },
  );
  addSet(group);
  within(
    group
      .command('rule <sender> <action>')
      .description(
        'what is done with mail of a domain, whatever it asks for: accept, junk, refuse, obey; "server" takes the rule back',
      ),
  ).action((sender: string, action: string, where: Where, command: Command) => {
    if (!actions.includes(action)) throw usageError(`"${action}" is none of ${actions.join(', ')}`);
    return change(command, where, (rules) => withRule(rules, sender, action));
  });
  within(
    group
      .command('trust <forwarder>')
      .description(
        'a domain that may pass mail on: its ARC seals count, and what proves to be its own passes',
      ),
  ).action((forwarder: string, where: Where, command: Command) =>
    change(command, where, ({ trustedForwarders = [], ...rules }) => ({
      ...rules,
      trustedForwarders: [...trustedForwarders.filter((one) => one !== forwarder), forwarder],
    })),
  );
  within(group.command('distrust <forwarder>').description('take that back')).action(
    (forwarder: string, where: Where, command: Command) =>
      change(command, where, ({ trustedForwarders = [], ...rules }) => {
        const left = trustedForwarders.filter((one) => one !== forwarder);
        if (left.length === trustedForwarders.length) throw usageError(`${forwarder} is not trusted there`);
        return { ...rules, ...(left.length > 0 && { trustedForwarders: left }) };
      }),
  );
}

function addSet(group: Command): void {
  const what = ', server';
  within(group.command('set').description('set some of it; "server" goes back to what is one level up'))
    .option('--dmarc <how>', `what domains ask for by DMARC: ${choices.dmarc.join(', ')}${what}`)
    .option(
      '--mailing-lists <action>',
      `mail of lists that prove themselves, at p=reject: junk, refuse${what}`,
    )
    .option('--spf-fail <action>', `a host that SPF forbids, without DMARC: accept, junk, refuse${what}`)
    .option(
      '--unclear-author <action>',
      `several authors, or none that can be read: accept, junk, refuse${what}`,
    )
    .option('--missing-author <action>', `no From field: accept, junk, refuse${what}`)
    .action((options: Where & Partial<Record<Choice, string>>, command: Command) => {
      const given = choiceNames.filter((name) => options[name] !== undefined);
      if (given.length === 0) throw usageError('nothing to set');
      for (const name of given) check(name, options[name]!);
      return change(command, options, (rules) => {
        const kept = Object.entries(rules).filter(([name]) => !given.includes(name as Choice));
        const set = given
          .map((name) => [name, options[name]!] as const)
          .filter(([, value]) => value !== 'server');
        return Object.fromEntries([...kept, ...set]);
      });
    });
}

function check(name: Choice, value: string): void {
  const allowed: readonly string[] = [...choices[name], 'server'];
  const option = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  if (!allowed.includes(value)) throw usageError(`--${option}: "${value}" is none of ${allowed.join(', ')}`);
}

const within = (command: Command): Command =>
  withJson(withOrg(command)).option('--domain <name>', 'of one domain instead of the whole organisation');

async function pathOf(desk: Desk, { org, domain }: Where): Promise<string> {
  if (domain === undefined) return `/orgs/${part((await desk.org(org)).id)}/sender-rules`;
  const found = await desk.domain(domain);
  return `/orgs/${part(found.org)}/domains/${part(found.name)}/sender-rules`;
}

async function change(
  command: Command,
  where: Where,
  by: (rules: SenderRules) => SenderRules,
): Promise<void> {
  const desk = new Desk(command);
  const path = await pathOf(desk, where);
  const rules = await desk.send<SenderRules>('PUT', path, by(await desk.send<SenderRules>('GET', path)));
  desk.print(rules, lines(rules));
}

/** The first rule that fits counts: a new one comes before those that are there. */
function withRule({ senders = [], ...rules }: SenderRules, domain: string, action: string): SenderRules {
  const others = senders.filter((one) => one.domain !== domain);
  if (action === 'server') {
    if (others.length === senders.length) throw usageError(`there is no rule for ${domain}`);
    return { ...rules, ...(others.length > 0 && { senders: others }) };
  }
  return { ...rules, senders: [{ domain, action: action as 'accept' }, ...others] };
}

function lines(rules: SenderRules): string[] {
  const told = choiceNames.flatMap((name) => (rules[name] === undefined ? [] : [`${name}: ${rules[name]}`]));
  for (const forwarder of rules.trustedForwarders ?? []) told.push(`trusted forwarder: ${forwarder}`);
  for (const { domain, action } of rules.senders ?? []) told.push(`mail of ${domain}: ${action}`);
  return told.length === 0 ? ['as one level up'] : told;
}
