/** `hikyaku tls`: how encryption of mail to our domains went, by the reports of others. */
import type { Command } from 'commander';
import type { TlsReportItem } from '../../app/admin-answers.ts';
import { Desk, withJson } from '../desk.ts';
import { timeText } from '../quantity.ts';
import { table } from '../table.ts';
import { domainPath } from './dmarc.ts';

interface Options {
  readonly days: string;
  readonly limit: string;
}

export function addTls(program: Command): void {
  const group = program
    .command('tls')
    .description('how encryption of mail to a domain went, by the reports of others');
  withJson(
    group.command('report <domain>').description('reports that came, the newest first, with each failure'),
  )
    .option('--days <count>', 'back from now', '30')
    .option('-n, --limit <count>', 'at most so many', '100')
    .action(async (domain: string, { days, limit }: Options, command: Command) => {
      const desk = new Desk(command);
      const query = new URLSearchParams({ days, limit }).toString();
      const path = `${await domainPath(desk, domain)}/tls-reports?${query}`;
      const { items } = await desk.send<{ items: TlsReportItem[] }>('GET', path);
      desk.print(items, [
        ...table(items, [
          { title: 'until', of: ({ endedAtMs }) => timeText(endedAtMs) },
          { title: 'reporter', of: ({ reporter }) => reporter },
          { title: 'encrypted', of: ({ successes }) => successes, right: true },
          { title: 'failed', of: ({ failures }) => failures, right: true },
          { title: 'policies', of: ({ policies }) => policies.map(({ type }) => type).join(' ') },
        ]),
        ...items.flatMap(failureLines),
      ]);
    });
}

function failureLines({ reporter, policies }: TlsReportItem): string[] {
  return policies.flatMap(({ details }) =>
    details.map(
      ({ result, receivingHost, receivingIp, sessions, code }) =>
        `  ${reporter}: ${sessions} × ${[result, receivingHost, receivingIp, code].filter(Boolean).join(' ')}`,
    ),
  );
}
