/** The states of an SMTP session (session.ts moves between them), what it may ask of its shell, and what it is told with a command. */
import type { MailParams, RcptParams } from '../proto/smtp/params.ts';
import type { Mailbox } from '../proto/smtp/path.ts';
import type { Service } from './service.ts';

/** What lasts over commands. */
export interface Client {
  /** What it called itself; `''` before EHLO. */
  readonly helo: string;
  /** It said EHLO or LHLO. */
  readonly extended: boolean;
  readonly secure: boolean;
  readonly loggedIn: boolean;
  /** Its network or certificate stands for a login. */
  readonly vouched: boolean;
  /** May send anywhere without a login. */
  readonly trusted: boolean;
  /** Refused commands since the last message accepted, and commands that do nothing. */
  readonly errors: number;
  readonly idles: number;
  readonly failedLogins: number;
  readonly messages: number;
}

/** The mail that was begun with MAIL. */
export interface Envelope {
  readonly utf8: boolean;
  readonly binary: boolean;
  /** RCPT commands, and those accepted. */
  readonly asked: number;
  readonly recipients: number;
  /** BDAT has begun. */
  readonly chunks: boolean;
}

export type Session = Start | Idle | Begun | Asking | InText | InChunk | InLogin | Closed;

type Start = { readonly at: 'start'; readonly client: Client };
type Idle = { readonly at: 'idle'; readonly client: Client };
type Begun = { readonly at: 'mail'; readonly client: Client; readonly mail: Envelope };
export type Asking = {
  readonly at: 'asking';
  readonly client: Client;
  readonly mail: Envelope;
  readonly what: 'sender' | 'recipient';
};
export type InText = { readonly at: 'text'; readonly client: Client; readonly mail: Envelope };
export type InChunk = {
  readonly at: 'chunk';
  readonly client: Client;
  readonly mail: Envelope | undefined;
  readonly last: boolean;
};
export type InLogin = { readonly at: 'login'; readonly client: Client };
type Closed = { readonly at: 'closed'; readonly client: Client };

/** States in which a command is read. */
export type Ready = Start | Idle | Begun;

/** What the shell is to find out or do; the answer comes back by one of the functions below. */
export type Ask =
  | { readonly is: 'sender'; readonly from: Mailbox | null; readonly params: MailParams }
  | { readonly is: 'recipient'; readonly to: Mailbox; readonly params: RcptParams }
  /** Read text until CRLF.CRLF, then `onText`. */
  | { readonly is: 'text' }
  /** Read so many octets, then `onChunk`; without a `mail` they are thrown away. */
  | { readonly is: 'chunk'; readonly sizeBytes: number }
  | { readonly is: 'login'; readonly mechanism: string; readonly initial: string | undefined }
  | { readonly is: 'startTls' };

export interface Step {
  readonly next: Session;
  /** Whole reply lines. */
  readonly say?: string;
  readonly ask?: Ask;
  /** The reply says no, and to what: for the event ledger. */
  readonly refused?: 'mail' | 'rcpt' | 'data';
}

/** What a command is answered with depends on these too. */
export interface Circumstances {
  readonly service: Service;
  /** SASL mechanisms on offer on this connection. */
  readonly mechanisms: readonly string[];
  /** The client sent more behind this command. */
  readonly more: boolean;
  readonly nowMs: number;
}
