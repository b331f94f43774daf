import type { Command } from 'commander';
import type { DeadEvent, MadeWebhook, WebhookAttempt, WebhookEndpoint } from '../../app/admin-answers.ts';
import { systemClock } from '../../base/clock.ts';
import { confirmed, Desk, part, withJson, withList, withOrg, withYes, type ListOptions } from '../desk.ts';
import { usageError } from '../failure.ts';
import { timeText } from '../quantity.ts';
import { duration } from '../table.ts';

interface OrgOption {
  readonly org?: string;
  readonly operator?: boolean;
}

interface SettingOptions {
  readonly events?: string[];
  readonly stream?: string[];
  readonly tag?: string[];
  readonly batch?: string;
  readonly description?: string;
}

const ofOrg = (command: Command): Command =>
  withOrg(command).option('--operator', 'of the server: told of all organisations');

export function addWebhook(program: Command): void {
  const group = program
    .command('webhook')
    .summary('endpoints that are told what happens to mail')
    .description(
      'endpoints on the web that are told what happens to mail: signed, in the order of each message, again until they take it',
    );
  settingCommands(group);
  stateCommands(group);
  historyCommands(group);
}

async function pathOf(desk: Desk, { org, operator }: OrgOption, id?: string): Promise<string> {
  const base = operator === true ? '/webhooks' : `/orgs/${part((await desk.org(org)).id)}/webhooks`;
  return id === undefined ? base : `${base}/${part(id)}`;
}

const withSettings = (command: Command): Command =>
  ofOrg(command)
    .option('--events <names...>', 'message.delivered and so on; * for all')
    .option('--stream <names...>', 'only mail of these streams')
    .option('--tag <tags...>', 'only mail with one of these tags')
    .option('--batch <count>', 'events in one request')
    .option('--description <text>', 'for people');

function bodyOf({ events, stream, tag, batch, description }: SettingOptions): Record<string, unknown> {
  const count = batch === undefined ? undefined : Number(batch);
  if (Number.isNaN(count)) throw usageError(`--batch: "${batch}" is not a number`);
  const given = { events, streams: stream, tags: tag, batch: count, description };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function settingCommands(group: Command): void {
  withJson(ofOrg(group.command('list').description('endpoints, and how deliveries go'))).action(
    async (options: OrgOption, command: Command) => {
      const desk = new Desk(command);
      const { items } = await desk.send<{ items: WebhookEndpoint[] }>('GET', await pathOf(desk, options));
      desk.printList({ items, more: false }, [
        { title: 'id', of: (e) => e.id },
        { title: 'url', of: (e) => e.url },
        { title: 'state', of: stateText },
        { title: 'events', of: (e) => e.events.join(' ') || 'usual' },
      ]);
    },
  );
  withJson(
    withSettings(group.command('add <url>').description('adds an endpoint and tells its secret once')),
  ).action(async (url: string, options: OrgOption & SettingOptions, command: Command) => {
    const desk = new Desk(command);
    const body = { url, ...bodyOf(options) };
    const made = await desk.send<MadeWebhook>('POST', await pathOf(desk, options), body, { url: '<url>' });
    desk.print(made, [`${made.id} is told what happens from now on.`, `Secret, told once: ${made.secret}`]);
  });
  withJson(withSettings(group.command('set <id>').description('changes an endpoint')))
    .option('--url <url>', 'where events are posted to')
    .action(async (id: string, options: OrgOption & SettingOptions & { url?: string }, command: Command) => {
      const desk = new Desk(command);
      const body = { ...bodyOf(options), ...(options.url !== undefined && { url: options.url }) };
      const edited = await desk.send<WebhookEndpoint>('PATCH', await pathOf(desk, options, id), body);
      desk.print(edited, [`${edited.url}: ${stateText(edited)}`]);
    });
  withYes(ofOrg(group.command('remove <id>').description('deletes an endpoint'))).action(
    async (id: string, options: OrgOption & { yes?: boolean }, command: Command) => {
      await confirmed(options, { en: `Delete the endpoint ${id}?`, ja: `送信先 ${id} を削除しますか？` });
      const desk = new Desk(command);
      await desk.send('DELETE', await pathOf(desk, options, id));
    },
  );
  withJson(
    ofOrg(
      group.command('rotate <id>').description('makes a new secret; the old one signs beside it for a while'),
    ),
  )
    .option('--overlap <hours>', 'how long', '24')
    .action(async (id: string, options: OrgOption & { overlap: string }, command: Command) => {
      const desk = new Desk(command);
      const path = `${await pathOf(desk, options, id)}/rotate`;
      const made = await desk.send<{ secret: string }>('POST', path, {
        overlapHours: Number(options.overlap),
      });
      desk.print(made, [`Secret, told once: ${made.secret}`]);
    });
}

function stateText({ state, reason, failingSinceMs }: WebhookEndpoint): string {
  if (state === 'paused') return `paused (${reason})`;
  return failingSinceMs === 0 ? 'active' : `failing for ${duration(systemClock.nowMs() - failingSinceMs)}`;
}

function stateCommands(group: Command): void {
  for (const [action, does] of [
    ['pause', 'tell it nothing for now: what happens waits in the log'],
    ['resume', 'go on where it was left'],
  ] as const)
    withJson(ofOrg(group.command(`${action} <id>`).description(does))).action(
      async (id: string, options: OrgOption, command: Command) => {
        const desk = new Desk(command);
        const path = `${await pathOf(desk, options, id)}/${action}`;
        const now = await desk.send<WebhookEndpoint>('POST', path);
        desk.print(now, [`${now.url}: ${stateText(now)}`]);
      },
    );
  withJson(
    ofOrg(group.command('test <id>').description('posts a webhook.test now and shows the answer')),
  ).action(async (id: string, options: OrgOption, command: Command) => {
    const desk = new Desk(command);
    const path = `${await pathOf(desk, options, id)}/test`;
    const told = await desk.send<{ status: number; ms: number; answer: string }>('POST', path);
    desk.print(told, [
      `${told.status === 0 ? 'no answer' : told.status} after ${told.ms} ms: ${told.answer}`,
    ]);
  });
  withJson(
    ofOrg(
      group
        .command('replay <id> [events...]')
        .description('tells again: events by their numbers in the log, or all from a time on'),
    ),
  )
    .option('--from <time>', '2026-11-24T08:00Z')
    .option('--dead', 'what was given up: the events named, or all')
    .action(
      async (
        id: string,
        events: string[],
        options: OrgOption & { from?: string; dead?: boolean },
        command: Command,
      ) => {
        const desk = new Desk(command);
        const path = await pathOf(desk, options, id);
        const numbers = events.length === 0 ? {} : { events: events.map(Number) };
        const fromMs = options.from === undefined ? undefined : Date.parse(options.from);
        if (Number.isNaN(fromMs)) throw usageError(`"${options.from}" is not a time`);
        const body = { ...numbers, ...(fromMs !== undefined && { fromMs }) };
        const done = await desk.send<{ count?: number }>(
          'POST',
          `${path}/${options.dead === true ? 'dead/replay' : 'replay'}`,
          body,
        );
        desk.print(done, [
          done.count === undefined ? 'it is told again from then on' : `${done.count} events are told again`,
        ]);
      },
    );
}

function historyCommands(group: Command): void {
  withList(ofOrg(group.command('history <id>').description('requests to an endpoint, newest first'))).action(
    async (id: string, options: OrgOption & ListOptions, command: Command) => {
      const desk = new Desk(command);
      const path = await pathOf(desk, options, id);
      desk.printList(await desk.list<WebhookAttempt>(`${path}/attempts`, { limit: options.limit }), [
        { title: 'time', of: (a) => new Date(a.atMs).toISOString() },
        { title: 'status', of: (a) => a.status || '-', right: true },
        { title: 'ms', of: (a) => a.ms, right: true },
        { title: 'events', of: (a) => a.count, right: true },
        { title: 'first', of: (a) => a.firstEvent, right: true },
        { title: 'answer', of: (a) => a.answer },
      ]);
    },
  );
  withList(ofOrg(group.command('dead <id>').description('events that were given up'))).action(
    async (id: string, options: OrgOption & ListOptions, command: Command) => {
      const desk = new Desk(command);
      const path = await pathOf(desk, options, id);
      desk.printList(await desk.list<DeadEvent>(`${path}/dead`, { limit: options.limit }), [
        { title: 'event', of: (d) => d.event, right: true },
        { title: 'given up', of: (d) => timeText(d.atMs) },
        { title: 'tries', of: (d) => d.tries, right: true },
        { title: 'message', of: (d) => d.message },
        { title: 'answer', of: (d) => d.answer },
      ]);
    },
  );
}
