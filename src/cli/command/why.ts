import type { Command } from 'commander';
import { systemClock } from '../../base/clock.ts';
import type { Why } from '../../app/admin-answers.ts';
import { Desk, withJson } from '../desk.ts';
import { languageOption, type Language } from '../language.ts';
import { duration, table } from '../table.ts';
import { whyWords, type WhyWords } from '../words/why.ts';

interface WhyOptions {
  readonly org?: string;
  readonly stream?: string;
  readonly campaign?: string;
  readonly language: Language;
}

export function addWhy(program: Command): void {
  withJson(program.command('why <destination>'))
    .summary('what holds mail for a domain back')
    .description(
      'what holds mail for a domain back: every limit in force, where it comes from, what was learned, and what mail waits for now',
    )
    .option('--org <id>', 'mail of one organisation')
    .option('--stream <stream>', 'transactional or bulk')
    .option('--campaign <name>', 'mail of one campaign')
    .addOption(languageOption())
    .action(async (destination: string, options: WhyOptions, command: Command) => {
      const desk = new Desk(command);
      const { org, stream, campaign, language } = options;
      const asked = {
        destination: destination.slice(destination.lastIndexOf('@') + 1),
        org,
        stream,
        campaign,
        language,
      };
      const query = new URLSearchParams(
        Object.entries(asked).filter((entry): entry is [string, string] => entry[1] !== undefined),
      );
      const answer = await desk.send<Why>('GET', `/shaping/why?${String(query)}`);
      desk.print(answer, whyLines(answer, whyWords[language]));
    });
}

function whyLines(answer: Why, words: WhyWords): string[] {
  const now = systemClock.nowMs();
  const waits = words.waits(answer.waiting, answer.held);
  const title = answer.provider === '' ? words.noProvider : `${answer.providerTitle} (${answer.provider})`;
  const lines = [
    `${answer.destination}  ${title}`,
    `${words.servers}: ${answer.hosts.length === 0 ? words.none : answer.hosts.join(', ')}`,
    waits,
  ];
  if (answer.last !== null)
    lines.push(`${words.last}: ${answer.last.host} ${answer.last.reply}`, `  ${answer.last.means}`);
  if (answer.nextTryAtMs !== null)
    lines.push(
      `${words.next}: ${answer.nextTryAtMs <= now ? words.atOnce : duration(answer.nextTryAtMs - now)}`,
    );
  for (const source of answer.sources) lines.push('', ...sourceLines(source, words));
  return lines;
}

function sourceLines(source: Why['sources'][number], words: WhyWords): string[] {
  const by = source.addresses.length === 0 ? '' : ` (${source.addresses.join(', ')})`;
  const { learned, warmUp } = source;
  const lines = [`${words.source}: ${source.source === '' ? words.machine : source.source}${by}`];
  lines.push(...source.now.map((text) => `  → ${text}`));
  if (learned.rate !== null)
    lines.push(`  ${words.learned(learned.rate, learned.estimate ?? learned.rate, learned.taken)}`);
  if (warmUp !== null) lines.push(`  ${words.warmUp(warmUp.day, warmUp.sent, warmUp.part)}`);
  const rows = table(source.limits, [
    { title: words.columns.limit, of: (one) => one.what },
    { title: words.columns.value, of: (one) => one.value },
    { title: words.columns.used, of: (one) => one.used ?? '', right: true },
    { title: words.columns.counts, of: (one) => one.counts },
    {
      title: words.columns.rule,
      of: (one) => one.rule + (one.beaten.length === 0 ? '' : ` > ${one.beaten.join(', ')}`),
    },
  ]);
  return [
    ...lines,
    ...(source.limits.length === 0 ? [`  ${words.noLimits}`] : rows.map((row) => `  ${row}`)),
  ];
}
