/**
 * APPEND (RFC 3501, 6.3.11; RFC 3502 MULTIAPPEND; RFC 4315 APPENDUID; RFC 7889; RFC 6855).
 *
 * A message is written to its body as it comes. What can be refused is refused before its literal is asked for: mailbox, size, quota. All messages of a
 * command are appended together when the last is there, or none.
 */
import { Refusal } from '../../base/refusal.ts';
import type { MailboxInfo } from '../../mailbox/mailbox.ts';
import type { BodyWriter, NewMessage } from '../../mailbox/mailboxes.ts';
import {
  parseAppendEnd,
  parseAppendNext,
  parseAppendStart,
  type AppendMessage,
} from '../../proto/imap/append.ts';
import type { Input } from '../../proto/imap/command-reader.ts';
import { formatNumbers } from '../../proto/imap/sequence-set.ts';
import { tagOf } from '../../proto/imap/parse-command.ts';
import type { CommandText } from '../../proto/imap/scanner.ts';
import { parseFlags } from '../flag-text.ts';
import { multiAppendMax, multiAppendMaxBytes } from '../options.ts';
import type { Outcome } from '../outcome.ts';
import { bad, no } from '../replies.ts';
import type { Session } from '../session.ts';
import { targetMailbox } from './mailbox-name.ts';
import { loggedIn } from './run.ts';

export class Appending {
  readonly #session: Session;
  tag: string | undefined;
  #mailbox: MailboxInfo | undefined;
  #writer: BodyWriter | undefined;
  #current: AppendMessage | undefined;
  #messages: NewMessage[] = [];
  #bytes = 0;

  constructor(session: Session) {
    this.#session = session;
  }

  /** A message is announced. Throws what to answer when it is not wanted. */
  async begin(input: Extract<Input, { is: 'message' }>): Promise<void> {
    this.tag ??= tagOf(input.text);
    const session = loggedIn(this.#session);
    const { mailboxes, options } = session.server.parts;
    if (input.after) this.#current = parseAppendNext(input.text, this.#current?.utf8 ?? false);
    else {
      const start = parseAppendStart(input.text, session.utf8);
      this.#current = start.message;
      this.#mailbox = await targetMailbox(session, start.mailbox);
    }
    parseFlags(this.#current.flags);
    this.#bytes += input.sizeBytes;
    if (input.sizeBytes > options.messageMaxBytes)
      throw new Refusal('messageTooLarge', `${input.sizeBytes} bytes`);
    if (this.#messages.length >= multiAppendMax || this.#bytes > multiAppendMaxBytes) {
      throw no('Too many messages in one command', 'LIMIT');
    }
    await mailboxes.checkRoom(session.principal.account, this.#bytes);
    this.#writer = mailboxes.bodyWriter();
  }

  /** Bytes of the message. A promise is given where the reader should wait. */
  write(bytes: Uint8Array, last: boolean): Promise<void> | undefined {
    const waiting = bytes.length > 0 ? this.#writer?.write(bytes) : undefined;
    return last ? this.#endMessage(waiting) : waiting;
  }

  async #endMessage(waiting: Promise<void> | undefined): Promise<void> {
    await waiting;
    const { mailboxes, clock } = this.#session.server.parts;
    const writer = this.#writer!;
    if (writer.sizeBytes === 0) throw no('An empty message cannot be appended', 'CANNOT');
    const body = await writer.finish();
    const email = await mailboxes.prepare(body);
    const { flags, receivedAtMs } = this.#current!;
    this.#messages.push({
      flags: parseFlags(flags),
      receivedAtMs: receivedAtMs ?? clock.nowMs(),
      body,
      email,
    });
  }

  /** The command is complete. */
  async finish(text: CommandText): Promise<Outcome> {
    parseAppendEnd(text, this.#current?.utf8 ?? false);
    const session = loggedIn(this.#session);
    if (this.#mailbox === undefined) throw bad('No message was given');
    const { mailboxes } = session.server.parts;
    const done = await mailboxes.append(session.principal.account, this.#mailbox.id, this.#messages);
    if (session.selected !== undefined) await mailboxes.refresh(session.principal.account);
    return `[APPENDUID ${done.uidValidity} ${formatNumbers(done.uids)}] Appended`;
  }

  async abort(): Promise<void> {
    const writer = this.#writer;
    this.#writer = undefined;
    this.#messages = [];
    await writer?.abort();
  }
}
