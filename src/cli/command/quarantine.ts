import type { Command } from 'commander';
import type { Quarantined } from '../../app/admin-answers.ts';
import { admin, confirmed, Desk, part, readable, withJson, withOrg, withYes } from '../desk.ts';
import { usageError } from '../failure.ts';
import { sizeText, timeText } from '../quantity.ts';
import { facts } from '../table.ts';

interface ListOptions {
  readonly org?: string;
  readonly sender?: string;
  readonly recipient?: string;
  readonly limit: string;
}

interface EndOptions {
  readonly why?: string;
  readonly yes?: boolean;
}

const path = '/quarantine';

export function addQuarantine(program: Command): void {
  const group = program
    .command('quarantine')
    .summary('mail that filters keep back')
    .description('mail that filters keep back: see, read, release, delete');
  withJson(withOrg(group.command('list').description('all of it, the newest first')))
    .option('--sender <text>', 'with this in the address')
    .option('--recipient <text>', 'with this in the address')
    .option('-n, --limit <count>', 'at most so many; 0 is all', '200')
    .action(async (options: ListOptions, command: Command) => list(new Desk(command), options));
  withJson(group.command('show <id>').description('one message: from whom, to whom, and which rules')).action(
    async (id: string, _: object, command: Command) => {
      const desk = new Desk(command);
      const found = await desk.send<Quarantined>('GET', `${path}/${part(id)}`);
      desk.print(found, lines(found));
    },
  );
  group
    .command('read <id>')
    .description('the message itself, header and body, as it came')
    .action(async (id: string, _: object, command: Command) => {
      process.stdout.write(await new Desk(command).control.text(`${admin}${path}/${part(id)}/text`));
    });
  withWhy(group.command('release <id...>').description('let it go on to whom it is for')).action(
    async (ids: readonly string[], options: EndOptions, command: Command) =>
      end(new Desk(command), 'release', { ids, options }),
  );
  withYes(
    withWhy(group.command('delete <id...>').description('remove it, without a word to anybody')),
  ).action(async (ids: readonly string[], options: EndOptions, command: Command) => {
    const text = ids.length === 1 ? ids[0]! : `${ids.length} messages`;
    await confirmed(options, {
      en: `Delete ${text} from quarantine?`,
      ja: `${text} を隔離から削除しますか？`,
    });
    await end(new Desk(command), 'delete', { ids, options });
  });
}

const withWhy = (command: Command): Command =>
  command.option('--why <text>', 'a reason, for the journey of the message');

async function list(desk: Desk, { org, sender, recipient, limit }: ListOptions): Promise<void> {
  const max = Number(limit);
  if (!Number.isInteger(max) || max < 0) throw usageError(`--limit: "${limit}" is not a number`);
  const query = {
    ...(org !== undefined && { org: (await desk.org(org)).id }),
    ...(sender !== undefined && { sender }),
    ...(recipient !== undefined && { recipient }),
  };
  const found = await desk.control.list<Quarantined>(
    admin + path,
    query,
    max === 0 ? Number.MAX_SAFE_INTEGER : max,
  );
  desk.printList(found, [
    { title: 'message', of: ({ message }) => message },
    { title: 'since', of: ({ atMs }) => timeText(atMs) },
    { title: 'from', of: (one) => readable(one.sender) || '<>' },
    { title: 'to', of: ({ recipients }) => recipients.map(readable).join(' ') },
    { title: 'score', of: ({ score }) => score.toFixed(1), right: true },
    { title: 'subject', of: ({ subject }) => subject.slice(0, 50) },
  ]);
}

function lines(one: Quarantined): string[] {
  return [
    ...facts([
      ['message', one.message],
      ['from', readable(one.sender) || '<>'],
      ['to', one.recipients.map(readable).join(' ')],
      ['subject', one.subject],
      ['size', sizeText(one.sizeBytes)],
      ['since', timeText(one.atMs)],
      ['deleted', timeText(one.expiresAtMs)],
      ['score', one.score.toFixed(1)],
    ]),
    ...one.rules.map(
      ({ rule, weight, detail }) =>
        `  ${weight.toFixed(1).padStart(6)} ${rule}${detail === '' ? '' : ` (${detail})`}`,
    ),
  ];
}

async function end(
  desk: Desk,
  action: 'release' | 'delete',
  { ids, options: { why } }: { readonly ids: readonly string[]; readonly options: EndOptions },
): Promise<void> {
  let count = 0;
  for (const id of ids) {
    const body = why === undefined ? {} : { why };
    count += (await desk.send<{ count: number }>('POST', `${path}/${part(id)}/${action}`, body)).count;
  }
  console.log(`${count} ${count === 1 ? 'recipient' : 'recipients'}`);
}
