/** Settings and limits of the ManageSieve server. Every limit has its name here, with its unit and where it comes from. */

export interface ManageSieveOptions {
  /** Host name in the greeting. */
  readonly hostname: string;
  /** Of texts before the login tells whose language it is. */
  readonly language: 'en' | 'ja';
  /** Sessions of one account on this thread. */
  readonly sessionsPerAccountMax: number;
  /** Passwords may cross a connection without TLS. For tests and loopback set-ups only. */
  readonly plaintextLogin: boolean;
}

export const defaultOptions: ManageSieveOptions = {
  hostname: 'localhost',
  language: 'en',
  sessionsPerAccountMax: 20,
  plaintextLogin: false,
};

/** Before a login: a command with a SASL response (RFC 4954, 4: 12,288 octets of base64). */
export const limitsBeforeLogin = { lineMax: 16_384, literalMax: 16_384, skipMax: 65_536 };
/** After it: a script and its name. What is larger is read past and refused. */
export const limitsAfterLogin = { lineMax: 16_384, literalMax: 1_100_000, skipMax: 64 * 1024 * 1024 };

/** Without a login the connection is closed after this long without a word. */
export const loginIdleMs = 60_000;
/** Without a login the connection is closed after this long, whatever the peer says meanwhile. */
export const loginMaxMs = 180_000;
/** Silence after which the connection is closed. RFC 5804 names none; editors of scripts stay open. */
export const idleMs = 30 * 60_000;
/** Refused logins before the connection is closed. */
export const loginFailuresMax = 3;
/** Lines in a row that are no command before the connection is closed. */
export const badCommandsMax = 10;
