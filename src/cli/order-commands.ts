/** `hikyaku queue suspend`, `limit`, `reroute`, `resume` and `orders`: mail stands still, goes slower or by another server for a time. */
import type { Command } from 'commander';
import type { OrderItem } from '../app/admin-answers.ts';
import { Desk, part, withJson } from './desk.ts';
import { usageError } from './failure.ts';
import { timeText } from './quantity.ts';

interface Scope {
  readonly provider?: string;
  readonly domain?: string;
  readonly org?: string;
  readonly campaign?: string;
  readonly sender?: string;
}

const withScope = (command: Command): Command =>
  withJson(command)
    .option('--provider <name>', 'of a provider group (hikyaku shaping providers)')
    .option('--domain <domain>', 'to one domain')
    .option('--org <id>', 'of one organisation')
    .option('--campaign <name>', 'of one campaign')
    .option('--sender <address>', 'exact, or @domain')
    .option('--all', 'all mail that leaves')
    .option('--for <time>', '30m, 12h, 3d', '1h')
    .requiredOption('--why <text>', 'for whoever looks');

type Given = Scope & { readonly all?: boolean; readonly for: string; readonly why: string };

export function addOrderCommands(queue: Command): void {
  withScope(queue.command('suspend').description('let mail stand still for a time')).action(
    async (given: Given, command: Command) => give(new Desk(command), given, { is: 'suspend' }),
  );
  withScope(
    queue.command('limit <rate>').description('let mail go no faster than this for a time: 100/min'),
  ).action(async (rate: string, given: Given, command: Command) =>
    give(new Desk(command), given, { is: 'limit', rate }),
  );
  withScope(
    queue
      .command('reroute <server>')
      .description(
        'send mail by another server for a time, relay.example.jp or with :port: by --domain, by --sender @domain, or --all',
      ),
  ).action(async (to: string, given: Given, command: Command) =>
    give(new Desk(command), given, { is: 'reroute', to }),
  );
  withJson(
    queue.command('orders').description('what is suspended or slowed, by whom, why and until when'),
  ).action(async (_: object, command: Command) => {
    const desk = new Desk(command);
    const { items } = await desk.send<{ items: OrderItem[] }>('GET', '/queue/orders');
    desk.printList({ items, more: false }, [
      { title: 'id', of: (o) => o.id },
      { title: 'what', of: (o) => whatText(o) },
      { title: 'mail', of: scopeText },
      { title: 'until', of: (o) => timeText(o.untilMs) },
      { title: 'by', of: (o) => o.by },
      { title: 'why', of: (o) => o.why },
    ]);
  });
  queue
    .command('resume <id>')
    .description('end an order before its time')
    .action(async (id: string, _: object, command: Command) => {
      await new Desk(command).send('DELETE', `/queue/orders/${part(id)}`);
    });
}

async function give(
  desk: Desk,
  given: Given,
  what: { is: string; rate?: string; to?: string },
): Promise<void> {
  const { provider, domain, org, campaign, sender } = given;
  const scope = { provider, domain, org, campaign, sender };
  if (Object.values(scope).every((value) => value === undefined) && given.all !== true)
    throw usageError('say which mail: --provider, --domain, --org, --campaign, --sender, or --all');
  const span = /^(\d{1,5})([mhd])$/.exec(given.for);
  if (!span) throw usageError(`--for: "${given.for}" is not a time: write it as 30m, 12h or 3d`);
  const minutes = Number(span[1]) * { m: 1, h: 60, d: 1440 }[span[2] as 'm' | 'h' | 'd'];
  const made = await desk.send<OrderItem>('POST', '/queue/orders', {
    ...scope,
    ...what,
    minutes,
    why: given.why,
  });
  desk.print(made, [
    `${made.id}: ${scopeText(made)} until ${timeText(made.untilMs)} UTC; hikyaku queue resume ${made.id} ends it`,
  ]);
}

function whatText({ is, rate, to }: OrderItem): string {
  if (is === 'limit') return `limit ${rate}`;
  if (is !== 'reroute' || to === undefined) return is;
  return `reroute to ${to.host}${to.port === undefined ? '' : `:${to.port}`}`;
}

function scopeText({ provider, domain, org, campaign, sender }: Scope): string {
  const named = Object.entries({ provider, domain, org, campaign, sender }).filter(
    ([, value]) => value !== undefined,
  );
  return named.length === 0 ? 'all' : named.map(([name, value]) => `${name} ${value}`).join(', ');
}
