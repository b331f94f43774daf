import type { Command } from 'commander';
import { examine, type Finding, type Level } from '../../app/doctor.ts';
import { withJson } from '../desk.ts';
import { exitCodes } from '../failure.ts';
import { languageOption, type Language } from '../language.ts';
import { serverFindings } from '../server-findings.ts';
import { loadSettings } from '../settings-file.ts';
import { doctorWords, type DoctorWords } from '../words/doctor.ts';

interface DoctorOptions {
  readonly json?: boolean;
  readonly language: Language;
}

const marks: Readonly<Record<Level, string>> = { good: '✔', note: '·', warning: '!', bad: '✖' };

export function addDoctor(program: Command): void {
  withJson(program.command('doctor'))
    .description('look whether this machine can do its work as a mail server, and tell what to do')
    .addHelpText('after', '\nExit code 1 when something is to be put right.')
    .addOption(languageOption())
    .action(async ({ json, language }: DoctorOptions, command: Command) => {
      const words = doctorWords[language];
      const found: Finding[] = [];
      for (const part of [examine(loadSettings(command)), serverFindings(command)])
        for await (const findings of part) {
          found.push(...findings);
          if (json !== true) for (const one of findings) console.log(findingLines(one, words).join('\n'));
        }
      const count = (level: Level): number => found.filter((one) => one.level === level).length;
      const [bad, warnings] = [count('bad'), count('warning')];
      if (json === true)
        console.log(
          JSON.stringify(
            found.map((one) => withWords(one, words)),
            null,
            2,
          ),
        );
      else console.log(`\n${bad + warnings === 0 ? words.allFine : words.toDo(bad, warnings)}`);
      if (bad > 0) process.exitCode = exitCodes.failed;
    });
}

function findingLines(found: Finding, words: DoctorWords): string[] {
  const { text, advice } = withWords(found, words);
  return [`${marks[found.level]} ${text}`, ...(advice === '' ? [] : [`    ${advice}`])];
}

function withWords(found: Finding, { findings }: DoctorWords): Finding & { text: string; advice: string } {
  // The key and the facts belong together, which the compiler does not follow.
  const say = findings[found.key] as (facts: Finding['facts']) => readonly [string, string?];
  const [text, advice = ''] = say(found.facts);
  return { ...found, text, advice };
}
