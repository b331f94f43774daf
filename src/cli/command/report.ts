/** `hikyaku report`: DMARC and TLS reports that this server sends, and those that came in another way. */
import type { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import type { ReportJobItem } from '../../app/admin-answers.ts';
import { Desk, withJson } from '../desk.ts';
import { usageError } from '../failure.ts';
import { timeText } from '../quantity.ts';
import { domainPath } from './dmarc.ts';

interface Taken {
  readonly kind: 'dmarc' | 'tls';
  readonly domain: string;
  readonly isNew: boolean;
}

export function addReport(program: Command): void {
  const group = program
    .command('report')
    .description('DMARC and TLS reports: those that are sent, and files of others');
  withJson(group.command('sent').description('what was sent, and what waits')).action(
    async (_: object, command: Command) => {
      const desk = new Desk(command);
      const { items } = await desk.send<{ items: ReportJobItem[] }>('GET', '/sent-reports');
      desk.printList({ items, more: false }, [
        { title: 'day', of: ({ day }) => day },
        { title: 'kind', of: ({ kind }) => kind },
        { title: 'domain', of: ({ domain }) => domain },
        {
          title: 'state',
          of: ({ state, dueMs }) => (state === 'waiting' ? `until ${timeText(dueMs)}` : state),
        },
        { title: 'to, or why not', of: ({ detail }) => detail },
      ]);
    },
  );
  withJson(group.command('send <day>').description('send the reports of a day now: 2026-11-24, in UTC'))
    .option('--domain <name>', 'of this one alone')
    .action(async (day: string, { domain }: { domain?: string }, command: Command) => {
      const desk = new Desk(command);
      const body = { day, ...(domain !== undefined && { domain }) };
      const sent = await desk.send<{ count: number }>('POST', '/sent-reports', body, { day: '<day>' });
      desk.print(sent, [`${sent.count} ${sent.count === 1 ? 'report' : 'reports'}`]);
    });
  withJson(
    group.command('import <domain> <file>').description('take a report that came in another way'),
  ).action(async (domain: string, file: string, _: object, command: Command) => {
    const desk = new Desk(command);
    const bytes = await readFile(file).catch((error: Error) => {
      throw usageError(error.message);
    });
    const path = `${await domainPath(desk, domain)}/reports`;
    const { items } = await desk.send<{ items: Taken[] }>('POST', path, { file: bytes.toString('base64') });
    if (items.length === 0) throw usageError(`${file} is no report about a domain of the organisation`);
    desk.print(
      items,
      items.map(({ kind, domain: of, isNew }) => `${kind} ${of}${isNew ? '' : ' (known)'}`),
    );
  });
}
