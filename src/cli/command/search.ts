import type { Command } from 'commander';
import { indexStatuses, rebuildIndex } from '../../app/index-care.ts';
import { Refusal } from '../../base/refusal.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import { loadSettings } from '../settings-file.ts';
import { type Column, table } from '../table.ts';

export function addSearch(program: Command): void {
  const search = program
    .command('search')
    .summary('the index of texts that makes searches fast')
    .description(
      'the index of the texts of mail: what is not in it yet is found too, by reading. It is made by the server, left out of backups, and can be made anew at any time',
    );
  search
    .command('status [account]')
    .summary('how far the index is')
    .description(
      'how far the index is, for all accounts or one (by its address or id); the server may be running',
    )
    .action(async (account: string | undefined, _: object, command: Command) => {
      const statuses = await orNotFound(indexStatuses(loadSettings(command), account));
      console.log(table(statuses, columns).join('\n'));
      for (const each of statuses)
        for (const problem of each.problems) console.log(`${each.account}: ${problem}`);
    });
  search
    .command('rebuild [account]')
    .summary('make the index anew')
    .description(
      'forget the index of all accounts or one (by its address or id); the running server, or the next one, makes it anew',
    )
    .action(async (account: string | undefined, _: object, command: Command) => {
      const count = await orNotFound(rebuildIndex(loadSettings(command), account));
      console.log(
        `${count} ${count === 1 ? 'account is' : 'accounts are'} indexed anew by the server; searches read the mail until then.`,
      );
    });
}

async function orNotFound<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Refusal && error.reason === 'notFound')
      throw new CommandFailure(error.message, exitCodes.notFound);
    throw error;
  }
}

type Status = Awaited<ReturnType<typeof indexStatuses>>[number];

const mebibytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;

const columns: readonly Column<Status>[] = [
  { title: 'account', of: (one) => one.account },
  { title: 'messages', of: (one) => one.messages, right: true },
  { title: 'not indexed', of: (one) => one.unindexed, right: true },
  { title: 'segments', of: (one) => one.segments, right: true },
  { title: 'text', of: (one) => mebibytes(one.textBytes), right: true },
  { title: 'index', of: (one) => mebibytes(one.indexBytes), right: true },
  {
    title: 'share',
    of: (one) => (one.textBytes === 0 ? '' : `${Math.round((100 * one.indexBytes) / one.textBytes)} %`),
    right: true,
  },
];
