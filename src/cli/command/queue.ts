import type { Command } from 'commander';
import { systemClock } from '../../base/clock.ts';
import type {
  DestinationSummary,
  ListedEntry,
  Managed,
  ShownMessage,
  Sweep,
} from '../../app/admin-answers.ts';
import type { Control } from '../control.ts';
import { Desk, part, withJson } from '../desk.ts';
import { usageError } from '../failure.ts';
import { addOrderCommands } from '../order-commands.ts';
import { openControl } from '../settings-file.ts';
import { duration, table } from '../table.ts';

interface Filter {
  readonly message?: string;
  readonly destination?: string;
  readonly sender?: string;
  readonly recipient?: string;
  readonly org?: string;
  readonly campaign?: string;
  readonly state?: string;
}

export function addQueue(program: Command): void {
  const queue = program
    .command('queue')
    .summary('mail that waits, and why')
    .description('mail that waits: by destination, with the reason, the oldest and the next try');
  queue.action(async (_: object, command: Command) => printSummary(openControl(command)));
  withFilter(queue.command('list').description('each waiting recipient'))
    .option('-n, --limit <count>', 'at most so many', '1000')
    .action(async ({ limit, ...filter }: Filter & { limit: string }, command: Command) => {
      const max = Number(limit);
      if (!Number.isInteger(max) || max < 1) throw usageError(`--limit: "${limit}" is not a number`);
      await printList(openControl(command), filter, max);
    });
  queue
    .command('show <id>')
    .description('all of one message')
    .action(async (id: string, _: object, command: Command) => printMessage(openControl(command), id));
  for (const [action, does] of [
    ['retry', 'try again at once'],
    ['hold', 'keep back until released'],
    ['release', 'let held mail go'],
    ['delete', 'remove without a notice to the sender'],
  ] as const) {
    withFilter(queue.command(action).description(`${does}: what the filter picks, or --all`))
      .option('--all', 'everything in the queue')
      .action(async ({ all, ...filter }: Filter & { all?: boolean }, command: Command) =>
        manage(openControl(command), action, filter, all === true),
      );
  }
  addSweeps(queue);
  addOrderCommands(queue);
}

function withFilter(command: Command): Command {
  return command
    .option('--message <id>', 'one message')
    .option('--destination <domain>', 'mail for this domain')
    .option('--sender <address>', 'exact, or @domain')
    .option('--recipient <address>', 'exact, or @domain')
    .option('--org <id>', 'of one organisation')
    .option('--campaign <name>', 'of one campaign')
    .option('--state <state>', 'waiting or held');
}

async function printSummary(control: Control): Promise<void> {
  const { items } = await control.get<{ items: DestinationSummary[] }>('/api/v1/admin/queue');
  const now = systemClock.nowMs();
  const lines = table(items, [
    { title: 'destination', of: (d) => d.destination },
    { title: 'waiting', of: (d) => d.waiting, right: true },
    { title: 'held', of: (d) => d.held, right: true },
    { title: 'oldest', of: (d) => duration(now - d.oldestAtMs), right: true },
    {
      title: 'next try',
      of: (d) => (d.nextTryAtMs <= now ? 'now' : `in ${duration(d.nextTryAtMs - now)}`),
      right: true,
    },
    { title: 'why', of: (d) => d.last?.reply ?? '' },
  ]);
  console.log(items.length === 0 ? 'The queue is empty.' : lines.join('\n'));
}

async function printList(control: Control, filter: Filter, max: number): Promise<void> {
  const { items: found, more } = await control.list<ListedEntry>(
    '/api/v1/admin/queue/entries',
    { ...filter },
    max,
  );
  const now = systemClock.nowMs();
  console.log(
    table(found, [
      { title: 'message', of: (e) => e.message },
      { title: 'from', of: (e) => e.sender || '<>' },
      { title: 'to', of: (e) => e.recipient },
      { title: 'age', of: (e) => duration(now - e.acceptedAtMs), right: true },
      { title: 'tries', of: (e) => e.tries, right: true },
      {
        title: 'next',
        of: (e) =>
          e.state === 'held' ? 'held' : e.nextTryAtMs <= now ? 'now' : duration(e.nextTryAtMs - now),
        right: true,
      },
      { title: 'why', of: (e) => e.last?.reply ?? '' },
    ]).join('\n'),
  );
  if (more) console.error(`There are more: --limit shows more than ${max}.`);
}

async function printMessage(control: Control, id: string): Promise<void> {
  const shown = await control.get<ShownMessage>(`/api/v1/admin/queue/messages/${encodeURIComponent(id)}`);
  const { message, entries } = shown;
  console.log(
    `${message.id}  from ${message.sender || '<>'}  "${message.subject}"  ${message.sizeBytes} bytes`,
  );
  console.log(
    `accepted ${new Date(message.acceptedAtMs).toISOString()}, returned if not delivered by ${new Date(message.expiresAtMs).toISOString()}`,
  );
  for (const entry of entries) {
    console.log(
      `  ${entry.recipient}: ${entry.state}, ${entry.tries} tries, next ${new Date(entry.nextTryAtMs).toISOString()}`,
    );
    if (entry.last !== undefined) console.log(`    ${entry.last.host} ${entry.last.reply}`);
  }
}

async function manage(control: Control, action: string, filter: Filter, all: boolean): Promise<void> {
  if (Object.keys(filter).length === 0 && !all) {
    throw usageError(`say which: a filter (hikyaku queue ${action} --help) or --all`);
  }
  const path = `/api/v1/admin/queue/${action}`;
  const { count, sweep } = await control.call<Managed>('POST', path, { body: filter });
  const recipients = `${count} ${count === 1 ? 'recipient' : 'recipients'}`;
  console.log(
    sweep === undefined
      ? recipients
      : `${recipients} so far; the rest follows in the background: hikyaku queue sweeps shows how far it is, hikyaku queue sweeps --end ${sweep} ends it`,
  );
}

function addSweeps(queue: Command): void {
  withJson(
    queue
      .command('sweeps')
      .description(
        'changes of very many recipients that go on in the background, and those that were lately',
      ),
  )
    .option('--end <id>', 'end one where it is')
    .action(async ({ end }: { end?: string }, command: Command) => {
      const desk = new Desk(command);
      if (end !== undefined) {
        await desk.send('DELETE', `/queue/sweeps/${part(end)}`);
        return;
      }
      const { items } = await desk.send<{ items: Sweep[] }>('GET', '/queue/sweeps');
      desk.printList({ items, more: false }, [
        { title: 'id', of: (s) => s.id },
        { title: 'what', of: (s) => s.action },
        { title: 'mail', of: (s) => filterText(s.filter) },
        { title: 'done', of: (s) => s.done, right: true },
        { title: 'where', of: (s) => (s.endedAtMs > 0 ? 'ended' : s.at || 'begins') },
        { title: 'by', of: (s) => s.by },
      ]);
    });
}

function filterText(filter: Sweep['filter']): string {
  const named = Object.entries(filter).filter(([, value]) => value !== undefined);
  return named.length === 0 ? 'all' : named.map(([name, value]) => `${name} ${value}`).join(', ');
}
