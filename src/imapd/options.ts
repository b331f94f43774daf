/** Settings and limits of the IMAP server. Every limit has its name here, with its unit and where it comes from. */
import type { ReaderLimits } from '../proto/imap/command-reader.ts';

export interface ImapOptions {
  /** Host name in the greeting. */
  readonly hostname: string;
  /** Octets of one appended message (APPENDLIMIT, RFC 7889). */
  readonly messageMaxBytes: number;
  /** Sessions of one account on this thread; above it, the one idle for longest is closed. */
  readonly sessionsPerAccountMax: number;
  /** Passwords may cross a connection without TLS. For tests and loopback set-ups only. */
  readonly plaintextLogin: boolean;
  /** Literals that are not waited for are short: LITERAL- in place of LITERAL+ (RFC 7888). */
  readonly literalMinus: boolean;
  /** Messages that one command works on (MESSAGELIMIT, RFC 9738); 0 for no limit. */
  readonly messageLimit: number;
  /** Where JMAP is spoken (JMAPACCESS, RFC 9698); empty: nowhere. */
  readonly jmapUrl: string;
}

export const defaultOptions: ImapOptions = {
  hostname: 'localhost',
  messageMaxBytes: 50 * 1024 * 1024,
  // Thunderbird opens 5, K-9 one for each pushed folder, Outlook one for each folder switch; phones leave dead ones behind.
  sessionsPerAccountMax: 50,
  plaintextLogin: false,
  literalMinus: false,
  messageLimit: 0,
  jmapUrl: '',
};

/** LITERAL-: octets of a literal that is not waited for (RFC 7888, 5). */
export const literalMinusBytes = 4_096;

/** Octets of one annotation (RFC 5464). */
export const metadataValueMaxBytes = 64 * 1024;

/** Messages of a batch at least, and batches told at once (RFC 10022). */
export const uidBatchMin = 500;
export const uidBatchesMax = 10_000;

/** Before login: no command needs more than a mechanism's response (RFC 4954, 4: 12,288 octets). */
export const limitsBeforeLogin: ReaderLimits = {
  lineMaxBytes: 16 * 1024,
  literalMaxBytes: 4 * 1024,
  commandMaxBytes: 8 * 1024,
  drainMaxBytes: 64 * 1024,
  waitlessMaxBytes: Number.MAX_SAFE_INTEGER,
};

/** After login. A line holds some 8,000 scattered UIDs (RFC 7162, 4 asks for at least 8,192 octets). */
export const limitsAfterLogin: ReaderLimits = {
  lineMaxBytes: 64 * 1024,
  literalMaxBytes: 128 * 1024,
  commandMaxBytes: 256 * 1024,
  drainMaxBytes: 64 * 1024 * 1024,
  waitlessMaxBytes: Number.MAX_SAFE_INTEGER,
};

/** Without a login the connection is closed after this long (RFC 5530 has no word; Dovecot takes 3 minutes). */
export const loginTimeoutMs = 60_000;

/** Silence of the client after which the server logs out (RFC 3501, 5.4: at least 30 minutes). IDLE must be renewed within 29. */
export const inactiveMaxMs = 31 * 60_000;

/** A client that takes nothing of what is written for it. */
export const stalledMaxMs = 5 * 60_000;

/** In IDLE a line is sent this often, so that NAT stays open and dead peers are found; each is put off by up to a quarter. */
export const keepAliveMs = 110_000;

/** How often timeouts and keep-alives are looked at, for all sessions at once. */
export const sweepMs = 5_000;

/** How long sessions have to end when the server is stopped. */
export const stopGraceMs = 5_000;

/** Commands in a row that do not parse before the session is closed. */
export const badCommandsMax = 20;

/** Output is handed to the connection in pieces of about this size. */
export const outputSliceBytes = 64 * 1024;

/** Pieces in which large sections are read, decoded and sent. */
export const sectionPieceBytes = 4 * outputSliceBytes;

/** Longest stretch of work between two turns of the event loop. */
export const sliceMaxMs = 8;

/** Messages whose stored facts are read in one go by FETCH. */
export const detailsBatch = 128;

/** Messages of one MULTIAPPEND: all are kept until the last has come. */
export const multiAppendMax = 1_000;

/** Octets of all messages of one MULTIAPPEND. */
export const multiAppendMaxBytes = 256 * 1024 * 1024;
