import type { Command } from 'commander';
import type { LedgerEvent } from '../../app/admin-answers.ts';
import { addLogCommands } from '../log-commands.ts';
import { openControl } from '../settings-file.ts';

export function addLog(program: Command): void {
  const log = program.command('log');
  log
    .description('what happens to all mail, one line each')
    .option('-f, --follow', 'go on as it happens')
    .option('-n, --last <count>', 'begin with the last ones', '50')
    .option('--json', 'whole events, one JSON object a line')
    .action(
      async (
        { follow, last, json }: { follow?: boolean; last: string; json?: boolean },
        command: Command,
      ) => {
        const control = openControl(command);
        const print = (event: LedgerEvent): void =>
          console.log(json === true ? JSON.stringify(event) : logLine(event));
        const { items } = await control.get<{ items: LedgerEvent[] }>(
          `/api/v1/admin/log?last=${encodeURIComponent(last)}`,
        );
        for (const event of items) print(event);
        if (follow !== true) return;
        const after = items.at(-1)?.seq;
        for await (const event of control.events(
          `/api/v1/admin/log/stream${after === undefined ? '' : `?after=${after}`}`,
        ))
          print(event as LedgerEvent);
      },
    );
  addLogCommands(log);
}

/** `12:00:01.123 delivered 01h… to=bob@x.example host=… reply=…` */
export function logLine(event: LedgerEvent): string {
  const facts = Object.entries(event.data as Readonly<Record<string, unknown>>).flatMap(([key, value]) => {
    if ((typeof value !== 'string' && typeof value !== 'number') || value === '') return [];
    const text = String(value);
    return [`${key}=${/\s/.test(text) ? JSON.stringify(text) : text}`];
  });
  const to = event.recipient === '' ? [] : [`to=${event.recipient}`];
  return [new Date(event.atMs).toISOString(), event.is.padEnd(9), event.message || '-', ...to, ...facts].join(
    ' ',
  );
}
