/** Runs one command and turns what becomes of it into words and an exit code. */
import { CommanderError } from 'commander';
import { CommandFailure, exitCodes } from './failure.ts';
import { buildProgram } from './program.ts';

export async function main(argv: readonly string[]): Promise<void> {
  try {
    await buildProgram().parseAsync([...argv]);
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    if (error instanceof CommandFailure) console.error(error.message);
    else if (!(error instanceof CommanderError)) console.error(error);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommandFailure) return error.exitCode;
  if (!(error instanceof CommanderError)) return exitCodes.failed;
  // Help and version are what was asked for; all else that Commander says is about the command line.
  return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
}
