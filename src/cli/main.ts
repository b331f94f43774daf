/** Runs one command and turns what becomes of it into words and an exit code. */
import { CommanderError } from 'commander';
import { CommandFailure, exitCodes } from './failure.ts';
import { buildProgram } from './program.ts';

export async function main(argv: readonly string[]): Promise<void> {
  try {
    await buildProgram().parseAsync([...argv]);
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    if (error instanceof CommandFailure || isForOperators(error)) console.error((error as Error).message);
    else if (!(error instanceof CommanderError)) console.error(error);
  }
}

/** Why a server does not start: said in full by their messages, and no bug of ours. */
const forOperators: ReadonlySet<string> = new Set(['UnsafeServerError', 'UnsafeEngineError', 'SchemaError']);

const isForOperators = (error: unknown): boolean => error instanceof Error && forOperators.has(error.name);

function exitCodeOf(error: unknown): number {
  if (error instanceof CommandFailure) return error.exitCode;
  if (!(error instanceof CommanderError)) return exitCodes.failed;
  // Help and version are what was asked for; all else that Commander says is about the command line.
  return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
}
