/** `hikyaku sieve`: the scripts that filter mail, of people, domains, organisations and the server. */
import type { Command } from 'commander';
import type { ScriptAnswer, ScriptInfoAnswer, ScriptProblems } from '../../app/admin-answers.ts';
import { accountPath } from '../account-facts.ts';
import { confirmed, Desk, part, withJson, withOrg, withYes } from '../desk.ts';
import { CommandFailure, exitCodes, usageError } from '../failure.ts';
import { textOfFile } from '../input.ts';
import { spokenLanguage } from '../language.ts';
import { sizeText, timeText } from '../quantity.ts';
import { addSieveTrials } from './sieve-trials.ts';

interface OfOptions {
  readonly org?: string;
}

const stages = ['active', 'before', 'after'] as const;
const whose = 'of an account (its address), a domain (its name), "org" (see --org) or "server"';

export function addSieve(program: Command): void {
  const group = program
    .command('sieve')
    .summary('scripts that filter mail')
    .description('scripts that filter mail: kept, tried over mail that is there, applied to it');
  addReading(group);
  addWriting(group);
  addSieveTrials(group);
}

function addReading(group: Command): void {
  withJson(withOrg(group.command('list <whose>').description(`scripts ${whose}`))).action(
    async (of: string, options: OfOptions, command: Command) => {
      const desk = new Desk(command);
      const { items } = await desk.send<{ items: ScriptInfoAnswer[] }>(
        'GET',
        `${await place(desk, of, options)}/scripts`,
      );
      desk.printList({ items, more: false }, [
        { title: 'name', of: ({ name }) => name },
        { title: 'runs', of: ({ stage }) => stage || '-' },
        { title: 'size', of: ({ sizeBytes }) => sizeText(sizeBytes), right: true },
        { title: 'stored', of: ({ changedAtMs }) => timeText(changedAtMs) },
      ]);
    },
  );
  withOrg(group.command('get <whose> <name>').description('the text of a script')).action(
    async (of: string, name: string, options: OfOptions, command: Command) => {
      const { source } = await found(new Desk(command), { of, name, options });
      console.log(source.replace(/\r?\n$/, ''));
    },
  );
  withJson(
    withOrg(group.command('stats <whose> <name>').description('how often each of its rules was followed')),
  ).action(async (of: string, name: string, options: OfOptions, command: Command) => {
    const desk = new Desk(command);
    const { rules } = await found(desk, { of, name, options });
    desk.printList({ items: rules, more: false }, [
      { title: 'line', of: ({ line }) => line, right: true },
      { title: 'rule', of: (rule) => rule.name || '-' },
      { title: 'followed', of: ({ count }) => count, right: true },
      { title: 'last', of: ({ lastAtMs }) => timeText(lastAtMs) || 'never' },
    ]);
  });
  withJson(
    group.command('check <file>').description('what is wrong with a script; - is standard input'),
  ).action(async (file: string, _: object, command: Command) => {
    const desk = new Desk(command);
    const body = { source: await textOfFile(file), language: spokenLanguage() };
    const answer = await desk.send<ScriptProblems>('POST', '/script-check', body);
    desk.print(answer.problems, problemLines(answer));
    if (answer.problems.some(({ is }) => is === 'error'))
      throw new CommandFailure(`${file} has errors`, exitCodes.failed);
  });
}

function addWriting(group: Command): void {
  withOrg(group.command('put <whose> <name> <file>').description('store a script; - is standard input'))
    .option('--stage <stage>', 'and run it: active (of an account), before, after (of the others)')
    .action(
      async (
        of: string,
        name: string,
        file: string,
        options: OfOptions & { stage?: string },
        command: Command,
      ) => {
        const desk = new Desk(command);
        const at = await place(desk, of, options);
        const body = { source: await textOfFile(file) };
        const stage = options.stage === undefined ? undefined : stageNamed(options.stage);
        const answer = await desk.send<ScriptProblems>('PUT', `${at}/scripts/${part(name)}`, body);
        for (const line of problemLines(answer)) console.error(line);
        if (stage !== undefined) await desk.send('PUT', `${at}/script-stages/${stage}`, { script: name });
      },
    );
  withOrg(
    group.command('activate <whose> [name]').description('say which script runs; without a name none does'),
  )
    .option('--stage <stage>', 'before or after, of domains, organisations and the server')
    .action(
      async (
        of: string,
        name: string | undefined,
        options: OfOptions & { stage?: string },
        command: Command,
      ) => {
        const desk = new Desk(command);
        const stage = stageNamed(options.stage ?? (of.includes('@') ? 'active' : 'before'));
        const at = await place(desk, of, options);
        await desk.send('PUT', `${at}/script-stages/${stage}`, { script: name ?? '' });
      },
    );
  withYes(withOrg(group.command('remove <whose> <name>').description('delete a script'))).action(
    async (of: string, name: string, options: OfOptions & { yes?: boolean }, command: Command) => {
      const desk = new Desk(command);
      const at = await place(desk, of, options);
      await confirmed(options, {
        en: `Delete the script "${name}" of ${of}?`,
        ja: `${of} のスクリプト「${name}」を削除しますか？`,
      });
      await desk.send('DELETE', `${at}/scripts/${part(name)}`);
    },
  );
}

/** Path of what the scripts belong to. */
async function place(desk: Desk, of: string, { org }: OfOptions): Promise<string> {
  if (of === 'server') return '';
  if (of === 'org') return `/orgs/${part((await desk.org(org)).id)}`;
  if (of.includes('@')) return accountPath(await desk.account(of));
  const domain = await desk.domain(of);
  return `/orgs/${part(domain.org)}/domains/${part(domain.name)}`;
}

interface Wanted {
  readonly of: string;
  readonly name: string;
  readonly options: OfOptions;
}

async function found(desk: Desk, { of, name, options }: Wanted): Promise<ScriptAnswer> {
  return desk.send<ScriptAnswer>('GET', `${await place(desk, of, options)}/scripts/${part(name)}`);
}

function stageNamed(text: string): (typeof stages)[number] {
  const stage = stages.find((each) => each === text);
  if (stage === undefined) throw usageError(`--stage: "${text}" is none of ${stages.join(', ')}`);
  return stage;
}

const problemLines = ({ problems }: ScriptProblems): string[] =>
  problems.map(({ is, line, column, text }) => `${line}:${column} ${is}: ${text}`);
