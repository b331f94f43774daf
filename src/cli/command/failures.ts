import type { Command } from 'commander';
import type { FailureItem } from '../../app/admin-answers.ts';
import { Desk, withJson } from '../desk.ts';
import { usageError } from '../failure.ts';
import { languageOption, type Language } from '../language.ts';

const words: Readonly<Record<Language, { none: string; example: string; domains: string }>> = {
  en: { none: 'Nothing came back or waits.', example: 'for example', domains: 'to' },
  ja: { none: '不達・遅延はありません。', example: '例', domains: '宛先' },
};

export function addFailures(program: Command): void {
  withJson(program.command('failures'))
    .summary('mail that came back or waits, by cause')
    .description(
      'mail that came back or waits, by what servers answered, with what it means and what can be done',
    )
    .option('--hours <count>', 'accepted in the last hours', '24')
    .addOption(languageOption())
    .action(async ({ hours, language }: { hours: string; language: Language }, command: Command) => {
      if (!/^\d{1,4}$/.test(hours)) throw usageError(`--hours: "${hours}" is not a number`);
      const desk = new Desk(command);
      const path = `/failures?hours=${hours}&language=${language}`;
      const answer = await desk.send<{ items: FailureItem[] }>('GET', path);
      const lines = answer.items.flatMap((one) => linesOf(one, language));
      desk.print(answer, lines.length === 0 ? [words[language].none] : lines);
    });
}

function linesOf(
  { count, status, cause, domains, means, example }: FailureItem,
  language: Language,
): string[] {
  const say = words[language];
  return [
    `${String(count).padStart(6)}  ${status}  ${cause}`,
    ...(means === '' ? [] : [`        ${means}`]),
    `        ${say.domains} ${domains.join(', ')}; ${say.example} ${example.message || '-'} (${example.host || '-'})`,
  ];
}
