/**
 * The logger that parts are handed: structured, one object a line. The implementation (pino) is chosen in `app`.
 * Never log passwords, bodies or whole headers; addresses and replies of peers are fine.
 */
export interface Log {
  debug(fields: Fields, message: string): void;
  info(fields: Fields, message: string): void;
  warn(fields: Fields, message: string): void;
  error(fields: Fields, message: string): void;
  /** A logger that adds `fields` to every line, as for one session. */
  child(fields: Fields): Log;
}

export type Fields = Readonly<Record<string, unknown>>;

/** Says nothing: for tests, and where no log is wanted. */
export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLog,
};
