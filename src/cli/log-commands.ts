/** `hikyaku log search`, `export` and `keep`: the log by recipient. */
import type { Command } from 'commander';
import { systemClock } from '../base/clock.ts';
import type { TraceItem } from '../app/admin-answers.ts';
import { admin, Desk, part, withJson, withOrg } from './desk.ts';
import { usageError } from './failure.ts';
import { timeText } from './quantity.ts';
import { openControl } from './settings-file.ts';

interface Asked {
  readonly to?: string;
  readonly from?: string;
  readonly subject?: string;
  readonly reply?: string;
  readonly tag?: string;
  readonly stream?: string;
  readonly status?: string;
  readonly id?: string;
  readonly since?: string;
  readonly until?: string;
  readonly org?: string;
}

const withConditions = (command: Command): Command =>
  command
    .option('--to <address>', 'recipient: exact, or @domain')
    .option('--from <address>', 'sender: exact, or @domain')
    .option('--subject <words>', 'words of the subject; word*: what begins with it')
    .option('--reply <words>', 'words of the last answer of a server')
    .option('--tag <tag>', 'a tag that the application gave')
    .option('--stream <name>', 'the kind of mail, as the organisation names it')
    .option(
      '--status <status>',
      'queued, deferred, held, delivered, redirected, bounced, complained, refused, deleted',
    )
    .option('--id <id>', 'of the 250 reply, or Message-ID')
    .option('--since <time>', '2026-11-24T08:00Z, or 2h, 3d ago')
    .option('--until <time>', 'the same')
    .option('--org <id>', 'of one organisation');

export function addLogCommands(log: Command): void {
  withJson(withConditions(log.command('search [words]').description('mail by recipient, newest first')))
    .option('-n, --limit <count>', 'at most so many; 0 is all', '50')
    .action(
      async (
        words: string | undefined,
        options: Asked & { limit: string; json?: boolean },
        command: Command,
      ) => {
        const desk = new Desk(command);
        const max = Number(options.limit) || Number.MAX_SAFE_INTEGER;
        const found = await desk.control.list<TraceItem>(`${admin}/log/search`, queryOf(words, options), max);
        desk.printList(found, [
          { title: 'time', of: (t) => timeText(t.acceptedAtMs) },
          { title: 'status', of: (t) => t.status },
          { title: 'to', of: (t) => t.recipient },
          { title: 'from', of: (t) => t.sender || '<>' },
          { title: 'subject', of: (t) => t.subject },
          { title: 'message', of: (t) => t.message },
          { title: 'answer', of: (t) => t.reply },
        ]);
      },
    );
  withConditions(log.command('export [words]').description('all that a search finds, to standard output'))
    .option('--csv', 'as CSV; otherwise one JSON object a line')
    .action(async (words: string | undefined, options: Asked & { csv?: boolean }, command: Command) => {
      const format = options.csv === true ? 'csv' : 'jsonl';
      const query = new URLSearchParams({ ...queryOf(words, options), format });
      const path = `${admin}/log/export?${query.toString()}`;
      for await (const piece of await openControl(command).stream(path)) process.stdout.write(piece);
    });
  withJson(
    withOrg(
      log
        .command('keep [days]')
        .description('how long the log of an organisation is kept; `server`: as long as anything'),
    ),
  )
    .option('--stream <name>', 'for one kind of mail; otherwise for all that no other rule names')
    .action(
      async (days: string | undefined, options: { org?: string; stream?: string }, command: Command) => {
        const desk = new Desk(command);
        const path = `/orgs/${part((await desk.org(options.org)).id)}/retention`;
        if (days !== undefined) {
          const body = {
            days: days === 'server' ? null : Number(days),
            ...(options.stream && { stream: options.stream }),
          };
          if (Number.isNaN(body.days)) throw usageError(`"${days}" is no number of days`);
          await desk.send('PUT', path, body, { days: '<days>' });
        }
        const rules = await desk.send<{ items: { stream: string; days: number }[] }>('GET', path);
        const lines = rules.items.map((rule) => `${rule.stream || 'all others'}: ${rule.days} days`);
        desk.print(rules, lines.length === 0 ? ['as long as the server keeps it'] : lines);
      },
    );
}

function queryOf(words: string | undefined, options: Asked): Record<string, string> {
  const given: Readonly<Record<string, string | undefined>> = {
    text: words,
    recipient: options.to,
    sender: options.from,
    subject: options.subject,
    reply: options.reply,
    tag: options.tag,
    stream: options.stream,
    status: options.status,
    messageId: options.id,
    org: options.org,
    fromMs: timeOption(options.since),
    untilMs: timeOption(options.until),
  };
  return Object.fromEntries(
    Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

const spans: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

function timeOption(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const span = /^(\d{1,6})([mhdw])$/.exec(text.trim());
  const atMs = span ? systemClock.nowMs() - Number(span[1]) * spans[span[2]!]! : Date.parse(text);
  if (Number.isNaN(atMs)) throw usageError(`"${text}" is not a time: write it as 2026-11-24T08:00Z or 3d`);
  return String(atMs);
}
