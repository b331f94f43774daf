/** `hikyaku dmarc`: what others report of mail in the name of our domains. */
import type { Command } from 'commander';
import type { DmarcPath, DmarcReportItem, DmarcSource } from '../../app/admin-answers.ts';
import { Desk, part, withJson } from '../desk.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import { spokenLanguage } from '../language.ts';
import { timeText } from '../quantity.ts';
import { table, type Column } from '../table.ts';
import { reportWords } from '../words/reports.ts';

interface Options {
  readonly days: string;
  readonly limit: string;
}

export function addDmarc(program: Command): void {
  const group = program
    .command('dmarc')
    .summary('who sends in the name of a domain')
    .description('who sends in the name of a domain, by the reports of others, and the path to p=reject');
  withSpan(group.command('report <domain>').description('reports that came, the newest first')).action(
    async (domain: string, options: Options, command: Command) => {
      const desk = new Desk(command);
      const items = await listOf<DmarcReportItem>(desk, { domain, path: 'dmarc/reports', options });
      desk.printList({ items, more: false }, [
        { title: 'until', of: ({ endedAtMs }) => timeText(endedAtMs) },
        { title: 'reporter', of: ({ reporter }) => reporter },
        { title: 'messages', of: ({ messages }) => messages, right: true },
        { title: 'passed', of: ({ passed }) => passed, right: true },
        { title: 'policy', of: ({ policy }) => `p=${policy['p'] ?? ''}` },
        { title: 'id', of: ({ reportId }) => reportId.slice(0, 40) },
      ]);
    },
  );
  withSpan(
    group.command('sources <domain>').description('who sends, with the most mail that proves nothing first'),
  ).action(async (domain: string, options: Options, command: Command) => {
    const desk = new Desk(command);
    const items = await listOf<DmarcSource>(desk, { domain, path: 'dmarc/sources', options });
    desk.printList({ items, more: false }, sourceColumns());
  });
  withJson(
    group
      .command('path <domain>')
      .description('whether p=reject is safe, or why not yet; exit code 1: not yet')
      .option('--days <count>', 'reports of so many days', '30'),
  ).action(async (domain: string, { days }: Options, command: Command) => {
    const desk = new Desk(command);
    const path = await desk.send<DmarcPath>(
      'GET',
      `${await domainPath(desk, domain)}/dmarc/path?days=${part(days)}`,
    );
    desk.print(path, pathLines(path));
    if (!path.safe)
      throw new CommandFailure(reportWords[spokenLanguage()].notYet.replace(/:$/, ''), exitCodes.failed);
  });
}

const withSpan = (command: Command): Command =>
  withJson(command)
    .option('--days <count>', 'back from now', '30')
    .option('-n, --limit <count>', 'at most so many', '100');

export async function domainPath(desk: Desk, name: string): Promise<string> {
  const { org, name: domain } = await desk.domain(name);
  return `/orgs/${part(org)}/domains/${part(domain)}`;
}

interface Wanted {
  readonly domain: string;
  readonly path: string;
  readonly options: Options;
}

async function listOf<T>(
  desk: Desk,
  { domain, path, options: { days, limit } }: Wanted,
): Promise<readonly T[]> {
  const query = new URLSearchParams({ days, limit }).toString();
  return (await desk.send<{ items: T[] }>('GET', `${await domainPath(desk, domain)}/${path}?${query}`)).items;
}

function sourceColumns(): readonly Column<DmarcSource>[] {
  const { kinds } = reportWords[spokenLanguage()];
  return [
    { title: 'source', of: ({ sourceIp }) => sourceIp },
    { title: 'messages', of: ({ messages }) => messages, right: true },
    { title: 'passed', of: ({ passed }) => passed, right: true },
    { title: 'dkim', of: ({ dkim }) => dkim, right: true },
    { title: 'spf', of: ({ spf }) => spf, right: true },
    { title: 'who', of: ({ host, organisation }) => [organisation, host].filter(Boolean).join(' ') || '?' },
    { title: 'is', of: ({ kind }) => kinds[kind] },
  ];
}

function pathLines(path: DmarcPath): string[] {
  const say = reportWords[spokenLanguage()];
  const { safe, next, obstacles, sources, coverage } = path;
  return [
    ...(coverage.reports === 0 ? [] : [say.seen(path), say.refused(path)]),
    ...(sources.length === 0 ? [] : ['', say.who, ...table(sources.slice(0, sourcesShown), sourceColumns())]),
    '',
    ...(safe ? [say.safe] : [say.notYet, ...obstacles.map((each) => `- ${say.obstacle(each)}`)]),
    ...(next === undefined ? (safe ? [say.done] : []) : [say.next(next)]),
  ];
}

const sourcesShown = 20;
