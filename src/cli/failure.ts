/**
 * How a command ends: its exit code, and what it says when it did not do what it was asked. Documented in docs/reference/commands.md.
 */

export const exitCodes = {
  done: 0,
  /** Refused, or it did not work; a check that found something. */
  failed: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** Nothing has that name. */
  notFound: 3,
  /** No server answers. */
  noServer: 4,
  /** The settings file is missing or wrong. */
  settings: 5,
  /** Stopped at a question. */
  cancelled: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Ends a command: the message is all that is said. */
export class CommandFailure extends Error {
  override readonly name: string = 'CommandFailure';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = exitCodes.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}

export const usageError = (message: string): CommandFailure => new CommandFailure(message, exitCodes.usage);
