import type { Command } from 'commander';
import type { JourneyStep } from '../../app/admin-answers.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import { languageOption } from '../language.ts';
import { openControl } from '../settings-file.ts';
import { table } from '../table.ts';

export type JourneyAnswer =
  | { readonly is: 'message'; readonly message: string; readonly steps: readonly JourneyStep[] }
  | { readonly is: 'several'; readonly found: readonly { readonly message: string; readonly at: number }[] };

export function addJourney(program: Command): void {
  program
    .command('journey <what>')
    .summary('what happened to a message')
    .description('what happened to a message: by the id of its 250 reply, its Message-ID, or an address')
    .addOption(languageOption())
    .action(async (what: string, { language }: { language: string }, command: Command) => {
      const query = new URLSearchParams({ q: what, language }).toString();
      const answer = await openControl(command).get<JourneyAnswer>(`/api/v1/admin/journey?${query}`);
      if (answer.is === 'several' && answer.found.length === 0)
        throw new CommandFailure(`Nothing is known of ${what}.`, exitCodes.notFound);
      console.log(journeyLines(answer).join('\n'));
    });
}

export function journeyLines(answer: JourneyAnswer): string[] {
  if (answer.is === 'several') {
    return table(answer.found, [
      { title: 'message', of: (f) => f.message },
      { title: 'last heard of', of: (f) => new Date(f.at).toISOString() },
    ]);
  }
  return [`Message ${answer.message}`, ...answer.steps.flatMap(stepLines)];
}

const marks: Readonly<Record<JourneyStep['mood'], string>> = {
  good: '✔',
  neutral: '·',
  waiting: '…',
  bad: '✖',
};

export function stepLines(step: JourneyStep): string[] {
  const time = new Date(step.atMs).toISOString().slice(11, 23);
  return [
    `${time}  +${String(step.sinceStartMs).padStart(5)} ms  ${marks[step.mood]} ${step.headline}`,
    ...step.details.map((line) => `${' '.repeat(26)}${line}`),
  ];
}
