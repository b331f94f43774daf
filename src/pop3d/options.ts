/** Settings and limits of the POP3 server. Every limit has its name here, with its unit and where it comes from. */

export interface Pop3Options {
  /** Host name in the greeting. */
  readonly hostname: string;
  /** Sessions of one account on this thread: phones leave dead ones behind, so more than one, but few. */
  readonly sessionsPerAccountMax: number;
  /** Passwords may cross a connection without TLS. For tests and loopback set-ups only. */
  readonly plaintextLogin: boolean;
  /** Seconds that an account waits between two logins; 0 for none (LOGIN-DELAY, RFC 2449). */
  readonly loginDelaySeconds: number;
  /** Accounts may have what they retrieved deleted after some days (EXPIRE, RFC 2449). */
  readonly accountsExpire: boolean;
}

export const defaultOptions: Pop3Options = {
  hostname: 'localhost',
  sessionsPerAccountMax: 10,
  plaintextLogin: false,
  loginDelaySeconds: 0,
  accountsExpire: false,
};

/** Without a login the connection is closed after this long without a word. */
export const loginIdleMs = 60_000;

/** Without a login the connection is closed after this long, whatever the peer says meanwhile. */
export const loginMaxMs = 180_000;

/** Silence after which the connection is closed and nothing deleted (RFC 1939, 3: at least 10 minutes). */
export const idleMs = 10 * 60_000;

/** Refused logins before the connection is closed. */
export const loginFailuresMax = 3;

/** Lines that are no command before the connection is closed. */
export const badCommandsMax = 20;

/** Characters of a long listing that are handed to the connection at once. */
export const listingPieceChars = 16 * 1024;
