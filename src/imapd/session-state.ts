/** What a session is at: who is logged in, what is switched on, what is selected, what it keeps others posted of. How commands come in is session.ts. */
import type { Principal } from '../directory/principal.ts';
import type { AccessSetting } from '../mailbox/access.ts';
import type { Connection } from '../net/connection.ts';
import type { Input } from '../proto/imap/command-reader.ts';
import type { TextLanguage } from './commands/language.ts';
import type { Notification } from './commands/notify.ts';
import { Output } from './output.ts';
import type { Selected } from './selected.ts';
import type { ImapServer } from './server.ts';
import { Transcript } from './transcript.ts';

const noSettings: ReadonlyMap<AccessSetting, string> = new Map();

/** What nobody has switched on yet. */
const nothingOn = {
  condstore: false,
  qresync: false,
  utf8: false,
  rev2: false,
  uidOnly: false,
  language: 'en',
} as const;

export class SessionState {
  readonly server: ImapServer;
  readonly connection: Connection;
  readonly out: Output;
  principal: Principal | undefined;
  selected: Selected | undefined;
  /** Switched on by ENABLE or by a command that implies it; off again only by UNAUTHENTICATE. */
  condstore = false;
  qresync = false;
  utf8 = false;
  rev2 = false;
  uidOnly = false;
  language: TextLanguage = 'en';
  /** What an administrator has set for the account. */
  settings: ReadonlyMap<AccessSetting, string> = noSettings;
  /** NOTIFY is on. */
  notification: Notification | undefined;
  /** The tag of the command in hand. */
  tag = '*';
  /** Aborted when the client is gone. */
  #abort: AbortController | undefined;
  #transcript: Transcript | undefined;

  constructor(server: ImapServer, connection: Connection) {
    this.server = server;
    this.connection = connection;
    this.out = new Output(connection, server.parts.clock);
  }

  /** An untagged line. */
  untagged(text: string): void {
    this.out.text(`* ${text}\r\n`);
  }

  loggedIn(principal: Principal, settings: ReadonlyMap<AccessSetting, string>): void {
    this.principal = principal;
    this.settings = settings;
    const { transcripts, clock } = this.server.parts;
    if (transcripts === undefined || Number(settings.get('transcript.until') ?? 0) <= clock.nowMs()) return;
    this.#transcript = new Transcript(transcripts.open(principal.account, this.connection.peer.ip));
    this.out.record(this.#transcript);
  }

  /** UNAUTHENTICATE (RFC 8437): as if nobody had ever logged in. TLS and compression stay. */
  logOutOnly(): void {
    this.deselect();
    this.letGo();
    this.server.forget(this);
    this.principal = undefined;
    this.settings = noSettings;
    Object.assign(this, nothingOn);
  }

  /** Leaves the mailbox, if one is selected. */
  deselect(): void {
    const { selected } = this;
    this.selected = undefined;
    selected?.[Symbol.dispose]();
  }

  /** Aborted when the client is gone: for work that is then of no use. */
  stopped(): AbortSignal {
    this.#abort ??= new AbortController();
    return this.#abort.signal;
  }

  protected abandon(why: Error): void {
    this.#abort?.abort(why);
  }

  /** Ends what lasts over commands: NOTIFY and the transcript. */
  protected letGo(): void {
    this.notification?.[Symbol.dispose]();
    this.notification = undefined;
    this.out.record(undefined);
    this.#transcript?.[Symbol.dispose]();
    this.#transcript = undefined;
  }

  /** For the transcript, if there is one. */
  protected heard(input: Input): void {
    const transcript = this.#transcript;
    if (transcript === undefined) return;
    if (input.is === 'line') transcript.hidden('a line');
    else if (input.is === 'command' || input.is === 'tooLarge' || input.is === 'message') {
      transcript.command(input.text);
      if (input.is === 'message') transcript.hidden(`${input.sizeBytes} octets`);
    }
  }
}
