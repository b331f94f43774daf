import type { Command } from 'commander';
import type { Explained } from '../../app/admin-answers.ts';
import { Desk, part, withJson } from '../desk.ts';
import { languageOption } from '../language.ts';

const marks: Readonly<Record<string, string>> = { taken: '✔', relayed: '→' };

export function addAddress(program: Command): void {
  const group = program.command('address').description('what happens to mail for an address');
  withJson(group.command('explain <address>').description('tell it step by step'))
    .addOption(languageOption())
    .action(async (address: string, { language }: { language: string }, command: Command) => {
      const desk = new Desk(command);
      const query = new URLSearchParams({ language }).toString();
      const found = await desk.send<Explained>('GET', `/addresses/${part(address)}/explanation?${query}`);
      desk.print(found, explanationLines(found));
    });
}

export function explanationLines({ verdict, summary, steps }: Explained): string[] {
  return [
    ...steps.map(({ depth, address, text }) => `${'  '.repeat(depth)}${address}  ${text}`),
    `${marks[verdict] ?? '✖'} ${summary}`,
  ];
}
