import type { Command } from 'commander';
import type { QueueRow } from '../../app/admin-answers.ts';
import { systemClock } from '../../base/clock.ts';
import { admin, Desk, withJson } from '../desk.ts';
import { languageOption, type Language } from '../language.ts';
import { duration, table } from '../table.ts';
import { isInteractive } from '../terminal.ts';

interface TopOptions {
  readonly once?: boolean;
  readonly json?: boolean;
  readonly language: Language;
}

const titles: Readonly<Record<Language, readonly string[]>> = {
  en: [
    'provider',
    'destination',
    'waiting',
    'held',
    'conns',
    'per s',
    'next try',
    'oldest',
    'why / last answer',
  ],
  ja: ['事業者', '宛先', '待機', '保留', '接続', '毎秒', '次の試行', '最古', '理由・最後の応答'],
};
/** Clears the screen and goes to its corner. */
const freshScreen = '\u001b[2J\u001b[H';

export function addTop(program: Command): void {
  withJson(program.command('top'))
    .summary('what waits, live')
    .description(
      'destinations with most mail, live: what waits, connections, rate, next try, and why. Ends with Ctrl-C',
    )
    .option('--once', 'one look')
    .addOption(languageOption())
    .action(async ({ once, json, language }: TopOptions, command: Command) => {
      const desk = new Desk(command);
      const path = `/queue/rows?language=${language}`;
      if (once === true || json === true || !isInteractive()) {
        const answer = await desk.send<{ items: QueueRow[] }>('GET', path);
        return desk.print(answer, rowLines(answer.items, language));
      }
      for await (const event of desk.control.events(`${admin}${path.replace('rows', 'rows/stream')}`)) {
        const { items } = event as { items: QueueRow[] };
        process.stdout.write(`${freshScreen}${rowLines(items, language).join('\n')}\n`);
      }
    });
}

function rowLines(rows: readonly QueueRow[], language: Language): string[] {
  const now = systemClock.nowMs();
  const of: readonly ((row: QueueRow) => string | number)[] = [
    (row) => row.provider || '-',
    (row) => row.destination,
    (row) => row.waiting,
    (row) => row.held,
    (row) => row.connections,
    (row) => row.perSecond.toFixed(1),
    (row) => (row.nextTryAtMs <= now ? 'now' : duration(row.nextTryAtMs - now)),
    (row) => duration(now - row.oldestAtMs),
    (row) =>
      [...row.now.slice(0, 1), row.last]
        .filter((text) => text !== '')
        .join(' | ')
        .slice(0, 100),
  ];
  return table(
    rows,
    of.map((each, i) => ({ title: titles[language][i] ?? '', of: each, right: i >= 2 && i < 8 })),
  );
}
