/** Runs one command and turns what becomes of it into words and an exit code. */
import { CommanderError } from 'commander';
import { CommandFailure, exitCodes } from './failure.ts';
import { buildProgram } from './program.ts';

export async function main(argv: readonly string[]): Promise<void> {
  try {
    await buildProgram().parseAsync([...argv]);
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    if (error instanceof CommanderError) return;
    console.error(process.env['HIKYAKU_DEBUG'] === undefined && isPlain(error) ? messageOf(error) : error);
  }
}

/** Why a server does not start: said in full by their messages, and no bug of ours. */
const forOperators: ReadonlySet<string> = new Set([
  'UnsafeServerError',
  'UnsafeEngineError',
  'SchemaError',
  'ScenarioError',
]);

function exitCodeOf(error: unknown): number {
  if (error instanceof CommandFailure) return error.exitCode;
  if (!(error instanceof CommanderError)) return exitCodes.failed;
  // Help and version are what was asked for; all else that Commander says is about the command line.
  return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
}

/** Something that happens in the world, which its message tells; others are faults of the program, which need their stack to be found. */
function isPlain(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if (error instanceof CommandFailure || forOperators.has(error.name)) return true;
  return error.constructor === Error || 'code' in error || 'reason' in error;
}

function messageOf({ message, cause }: Error): string {
  const why = cause instanceof Error && !message.includes(cause.message) ? ` (${cause.message})` : '';
  return message + why;
}
