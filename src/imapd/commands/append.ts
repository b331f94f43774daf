/**
 * APPEND (RFC 3501, 6.3.11; RFC 3502 MULTIAPPEND; RFC 4315 APPENDUID; RFC 4469 CATENATE; RFC 6855; RFC 7889) and REPLACE (RFC 8508).
 *
 * A message is written to its body as it comes. What can be refused is refused before its literal is asked for: mailbox, size, quota. All messages of a
 * command are appended together when the last is there, or none.
 */
import { Refusal } from '../../base/refusal.ts';
import type { Flags } from '../../mailbox/flags.ts';
import type { BodyWriter, NewMessage } from '../../mailbox/mailboxes.ts';
import { AppendParser, type AppendHead, type AppendStep } from '../../proto/imap/append.ts';
import type { Input } from '../../proto/imap/command-reader.ts';
import { formatNumbers } from '../../proto/imap/sequence-set.ts';
import { tagOf } from '../../proto/imap/parse-command.ts';
import type { CommandText } from '../../proto/imap/scanner.ts';
import { parseFlags } from '../flag-text.ts';
import { multiAppendMax, multiAppendMaxBytes } from '../options.ts';
import type { Outcome } from '../outcome.ts';
import { no } from '../replies.ts';
import type { Session } from '../session.ts';
import { piecesOfUrl } from './catenate-url.ts';
import { renewRights } from './current-rights.ts';
import { permitted } from './flag-rights.ts';
import { findPlace, type Place, targetPlace } from './place.ts';
import { checkMayReplace, checkReplaced, replaced } from './replace.ts';
import { loggedIn, type LoggedIn, withMailbox } from './run.ts';

interface Current {
  readonly writer: BodyWriter;
  readonly flags: Flags;
  readonly receivedAtMs: number | undefined;
}

export class Appending {
  readonly #session: Session;
  readonly #parser: AppendParser;
  tag: string | undefined;
  #place: Place | undefined;
  #replaces: number | undefined;
  #current: Current | undefined;
  #messages: NewMessage[] = [];
  #bytes = 0;
  #messageBytes = 0;

  constructor(session: Session) {
    this.#session = session;
    this.#parser = new AppendParser(session.utf8);
  }

  /** A literal is announced. Throws what to answer when it is not wanted. */
  async begin(input: Extract<Input, { is: 'message' }>): Promise<void> {
    await this.#read(input.text, false);
    await this.#makeRoom(input.sizeBytes);
  }

  /** Bytes of the message. A promise is given where the reader should wait. */
  write(bytes: Uint8Array): Promise<void> | undefined {
    return bytes.length > 0 ? this.#current?.writer.write(bytes) : undefined;
  }

  /** The command is complete. */
  async finish(text: CommandText): Promise<Outcome> {
    await this.#read(text, true);
    await this.#endMessage();
    const session = loggedIn(this.#session);
    const { mailboxes } = session.server.parts;
    const place = this.#place!;
    await this.#checkAgain(session, place);
    const done = await mailboxes.append(place.owner, place.mailbox.id, this.#messages);
    const code = `APPENDUID ${done.uidValidity} ${formatNumbers(done.uids)}`;
    if (this.#replaces !== undefined) return replaced(withMailbox(session), this.#replaces, code);
    if (session.selected !== undefined) await mailboxes.refresh(session.selected.owner);
    return `[${code}] Appended`;
  }

  async abort(): Promise<void> {
    const writer = this.#current?.writer;
    this.#current = undefined;
    this.#messages = [];
    await writer?.abort();
  }

  async #read(text: CommandText, ended: boolean): Promise<void> {
    this.tag ??= tagOf(text);
    loggedIn(this.#session);
    const steps = this.#parser.read(text, ended);
    if (this.#place === undefined) await this.#begin(this.#parser.head!);
    for (const step of steps) await this.#take(step);
  }

  async #begin(head: AppendHead): Promise<void> {
    const session = loggedIn(this.#session);
    if (head.replace !== undefined) {
      await renewRights(session);
      this.#replaces = checkReplaced(withMailbox(session), head.replace);
    }
    this.#place = await targetPlace(session, head.mailbox);
  }

  /** A message may be long in coming: what was allowed when it began may not be any more. */
  async #checkAgain(session: LoggedIn, place: Place): Promise<void> {
    if (place.owner !== session.principal.account) await findPlace(session, place.name, 'i');
    if (this.#replaces === undefined) return;
    await renewRights(session);
    checkMayReplace(withMailbox(session));
  }

  async #take(step: AppendStep): Promise<void> {
    if (step.is === 'url') {
      const session = loggedIn(this.#session);
      for await (const bytes of piecesOfUrl(session, step.url)) {
        await this.#makeRoom(bytes.length);
        await this.#current!.writer.write(bytes);
      }
      return;
    }
    await this.#endMessage();
    const { mailboxes, options } = this.#session.server.parts;
    const limit =
      options.messageLimit === 0 ? multiAppendMax : Math.min(options.messageLimit, multiAppendMax);
    if (this.#messages.length >= limit) throw no('Too many messages in one command', 'LIMIT');
    const flags = permitted(parseFlags(step.flags), this.#place!.rights);
    this.#messageBytes = 0;
    this.#current = { writer: mailboxes.bodyWriter(), flags, receivedAtMs: step.receivedAtMs };
  }

  async #makeRoom(bytes: number): Promise<void> {
    const { mailboxes, options } = this.#session.server.parts;
    this.#bytes += bytes;
    this.#messageBytes += bytes;
    if (this.#messageBytes > options.messageMaxBytes)
      throw new Refusal('messageTooLarge', `${this.#messageBytes} bytes`);
    if (this.#bytes > multiAppendMaxBytes) throw no('Too many messages in one command', 'LIMIT');
    await mailboxes.checkRoom(this.#place!.owner, this.#bytes);
  }

  async #endMessage(): Promise<void> {
    const current = this.#current;
    if (current === undefined) return;
    const { mailboxes, clock } = this.#session.server.parts;
    if (current.writer.sizeBytes === 0) throw no('An empty message cannot be appended', 'CANNOT');
    const body = await current.writer.finish();
    this.#current = undefined;
    const email = await mailboxes.prepare(body);
    const { flags, receivedAtMs } = current;
    this.#messages.push({ flags, receivedAtMs: receivedAtMs ?? clock.nowMs(), body, email });
  }
}
