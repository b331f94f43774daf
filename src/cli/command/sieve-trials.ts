/** `hikyaku sieve try` and `apply`: a script over mail that is there. */
import type { Command } from 'commander';
import type { Account, TriedMails } from '../../app/admin-answers.ts';
import { accountPath } from '../account-facts.ts';
import { confirmed, Desk, withJson, withYes } from '../desk.ts';
import { usageError } from '../failure.ts';
import { textOfFile } from '../input.ts';
import { spokenLanguage } from '../language.ts';
import { sieveWords } from '../words/sieve.ts';

interface Options {
  readonly script?: string;
  readonly file?: string;
  readonly mailbox: string;
  readonly limit: string;
  readonly before?: string;
}

interface TryOptions extends Options {
  readonly trace?: boolean;
  readonly message?: string;
  readonly from?: string;
  readonly to?: string;
}

type Tried = TriedMails['items'][number];

const pieceMax = 100;

export function addSieveTrials(group: Command): void {
  withMail(
    group.command('try <address>').description('what a script would do to mail that is there; does nothing'),
  )
    .option('--trace', 'tell each command and test, with what came of it')
    .option('--message <file>', 'a message to try it on instead; - is standard input')
    .option('--from <address>', 'sender of its envelope')
    .option('--to <address>', 'recipient of its envelope')
    .action(async (address: string, options: TryOptions, command: Command) => {
      const desk = new Desk(command);
      const account = await desk.account(address);
      const { trace, message, from, to } = options;
      const more = {
        ...(trace === true && { trace }),
        ...(message !== undefined && { message: await textOfFile(message) }),
        ...(from !== undefined && { from }),
        ...(to !== undefined && { to }),
      };
      show(desk, await run(desk, account, { path: 'script-trial', options, more }));
    });
  withYes(
    withMail(
      group
        .command('apply <address>')
        .description(
          'file and flag mail that is there as a script says: nothing is sent, what it throws away goes into the trash',
        ),
    ),
  ).action(async (address: string, options: Options & { yes?: boolean }, command: Command) => {
    const desk = new Desk(command);
    const account = await desk.account(address);
    const ask = (language: 'en' | 'ja'): string => sieveWords[language].apply(options.mailbox, address);
    await confirmed(options, { en: ask('en'), ja: ask('ja') });
    show(desk, await run(desk, account, { path: 'script-use', options, more: {} }));
  });
}

const withMail = (command: Command): Command =>
  withJson(command)
    .option('--script <name>', 'one that is stored')
    .option('--file <file>', 'a draft; - is standard input')
    .option('--mailbox <name>', 'where the mail is', 'INBOX')
    .option('-n, --limit <count>', 'at most so many messages, the newest first; 0 is all', '20')
    .option('--before <uid>', 'only mail that is older than this one');

interface Work {
  readonly path: 'script-trial' | 'script-use';
  readonly options: Options;
  readonly more: object;
}

/** In pieces, as the server gives them. */
async function run(desk: Desk, account: Account, { path, options, more }: Work): Promise<TriedMails> {
  const max = numberOf('limit', options.limit) || Number.MAX_SAFE_INTEGER;
  const body = {
    ...(await scriptOf(options)),
    mailbox: options.mailbox,
    language: spokenLanguage(),
    ...more,
  };
  const items: Tried[] = [];
  let next = options.before === undefined ? undefined : numberOf('before', options.before);
  do {
    const limit = Math.min(pieceMax, max - items.length);
    const asked = { ...body, limit, ...(next !== undefined && { before: next }) };
    const piece = await desk.send<TriedMails>('POST', `${accountPath(account)}/${path}`, asked);
    items.push(...piece.items);
    next = piece.next;
  } while (next !== undefined && items.length < max);
  return { items, ...(next !== undefined && { next }) };
}

async function scriptOf({ script, file }: Options): Promise<object> {
  if ((script === undefined) === (file === undefined)) throw usageError('say --script or --file');
  return script === undefined ? { source: await textOfFile(file!) } : { script };
}

function numberOf(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw usageError(`--${option}: "${text}" is not a number`);
  return value;
}

function show(desk: Desk, answer: TriedMails): void {
  const say = sieveWords[spokenLanguage()];
  const lines = answer.items.length === 0 ? [say.none] : answer.items.flatMap(mailLines);
  desk.print(answer, answer.next === undefined ? lines : [...lines, say.more(answer.next)]);
}

function mailLines({ uid, from, subject, actions, kept, flags, problem, steps }: Tried): string[] {
  const say = sieveWords[spokenLanguage()];
  return [
    `${uid === 0 ? '' : `${uid} `}${from}: ${subject}`,
    ...steps.map(
      ({ line, column, depth, what, result }) =>
        `    ${'  '.repeat(depth)}${line}:${column} ${what}${result === undefined ? '' : ` ${result ? '✓' : '✗'}`}`,
    ),
    ...actions.map(
      ({ action, detail, rule, line }) =>
        `  ${say.actions[action]?.(detail) ?? `${action} ${detail}`} (${say.rule(rule, line)})`,
    ),
    ...(problem === undefined ? [] : [`  ${say.failed(problem.line, problem.text)}`]),
    ...(kept && !actions.some(({ action }) => action === 'kept') ? [`  ${say.kept}`] : []),
    ...(flags.length === 0 ? [] : [`  ${say.flags(flags.join(' '))}`]),
  ];
}
