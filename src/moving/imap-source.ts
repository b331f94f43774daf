/**
 * An account on another IMAP server as a source. Mailboxes are opened to be read only. A lost connection is made again and what was asked is asked again; the key of a
 * message is its mailbox, UIDVALIDITY and UID.
 */
import { parseDateTime } from '../proto/imap/date-time.ts';
import { listOf, type ResponseValue, textOf } from '../proto/imap/server-response.ts';
import { formatNumbers } from '../proto/imap/sequence-set.ts';
import { flagsFrom } from './flag-words.ts';
import { fetchItems, ImapLine, quoted } from './imap/imap-line.ts';
import { listMailboxes } from './imap/mailbox-list.ts';
import { type LineParts, type ServerLogin, type ServerPlace, ServerRefusal } from './line.ts';
import { PatientLine } from './patient-line.ts';
import type { ReadMessage, Source, SourceMailbox, SourceMessage } from './source.ts';
import { uidlOf } from './uidl-format.ts';

export interface ImapOptions {
  readonly place: ServerPlace;
  readonly login: ServerLogin;
  /** How the old server makes unique ids of POP3: see uidl-format.ts. */
  readonly uidlFormat?: string;
  /** Also mailboxes that show mail of others once more. */
  readonly withVirtual: boolean;
}

/** Messages whose facts are asked for at once. */
const factsMax = 1000;

interface Opened {
  readonly mailbox: SourceMailbox;
  readonly uidValidity: number;
}

export class ImapSource implements Source {
  readonly name: string;
  readonly isLocal = false;
  readonly remarks: string[] = [];
  readonly #options: ImapOptions;
  readonly #line: PatientLine<ImapLine>;
  #opened: Opened | undefined;
  /** The connection on which it was opened. */
  #selectedOn: ImapLine | undefined;

  constructor(options: ImapOptions, parts: LineParts) {
    this.#options = options;
    const { place, login } = options;
    this.#line = new PatientLine(parts, () => ImapLine.open(place, login, parts));
    this.name = `imap:${login.as ?? login.user}@${place.host.toLowerCase()}:${place.port}`;
  }

  async mailboxes(): Promise<readonly SourceMailbox[]> {
    const { mailboxes, remarks } = await this.#line.ask((line) =>
      listMailboxes(line, this.#options.withVirtual),
    );
    this.remarks.splice(0, this.remarks.length, ...remarks);
    return mailboxes;
  }

  async *messages(mailbox: SourceMailbox): AsyncGenerator<SourceMessage, void, void> {
    this.#opened = undefined;
    const uids = await this.#line.ask(async (line) => {
      const opened = await this.#select(line, mailbox);
      return opened === undefined ? [] : allUids(line);
    });
    for (let at = 0; at < uids.length; at += factsMax) {
      const some = uids.slice(at, at + factsMax);
      const facts = await this.#line.ask((line) => this.#facts(line, mailbox, some));
      yield* facts;
    }
  }

  async *read(
    mailbox: SourceMailbox,
    messages: readonly SourceMessage[],
  ): AsyncGenerator<ReadMessage, void, void> {
    const uids = messages.map(({ key }) => uidIn(key));
    const bodies = await this.#line.ask((line) => this.#bodies(line, mailbox, uids));
    for (const uid of uids) {
      const bytes = bodies.get(uid);
      yield bytes === undefined
        ? { is: 'unreadable', why: 'the server does not give it out' }
        : { is: 'bytes', bytes };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#line.close();
  }

  /** Undefined: it is empty. On a new connection the mailbox must still be the same. */
  async #select(line: ImapLine, mailbox: SourceMailbox): Promise<Opened | undefined> {
    let exists = 0;
    let uidValidity = 0;
    await line.command(`EXAMINE ${quoted(mailbox.label)}`, (values, text) => {
      if (String(values[1]).toUpperCase() === 'EXISTS') exists = Number(values[0]);
      uidValidity = Number(/\[UIDVALIDITY (\d+)\]/i.exec(text)?.[1] ?? uidValidity);
    });
    const before = this.#opened;
    if (before !== undefined && before.mailbox === mailbox && before.uidValidity !== uidValidity)
      throw new ServerRefusal(`${mailbox.label} was made anew meanwhile: run it again`);
    this.#opened = { mailbox, uidValidity };
    this.#selectedOn = line;
    return exists === 0 ? undefined : this.#opened;
  }

  async #ready(line: ImapLine, mailbox: SourceMailbox): Promise<Opened> {
    if (this.#selectedOn !== line || this.#opened?.mailbox !== mailbox) await this.#select(line, mailbox);
    return this.#opened!;
  }

  async #facts(line: ImapLine, mailbox: SourceMailbox, uids: readonly number[]): Promise<SourceMessage[]> {
    const opened = await this.#ready(line, mailbox);
    const found = new Map<number, SourceMessage>();
    const command = `UID FETCH ${uids[0]}:${uids.at(-1)} (UID FLAGS INTERNALDATE RFC822.SIZE)`;
    await line.command(command, (values) => {
      const items = fetchItems(values);
      const uid = Number(items?.get('UID') ?? 0);
      // Others' changes of flags come unasked, without the rest.
      if (items?.has('RFC822.SIZE') === true && uid > 0) found.set(uid, this.#message(opened, uid, items));
    });
    return uids.map((uid) => found.get(uid)).filter((message) => message !== undefined);
  }

  #message(
    { mailbox, uidValidity }: Opened,
    uid: number,
    items: ReadonlyMap<string, ResponseValue>,
  ): SourceMessage {
    const { uidlFormat } = this.#options;
    const words = listOf(items.get('FLAGS')).map((word) => String(word));
    const withUidl = uidlFormat !== undefined && mailbox.name === 'INBOX';
    return {
      key: `${mailbox.label}/${uidValidity}/${uid}`,
      label: `${mailbox.label}, uid ${uid}`,
      flags: flagsFrom(words),
      receivedAtMs: Math.max(0, parseDateTime(textOf(items.get('INTERNALDATE')) ?? '') ?? 0),
      sizeBytes: Number(items.get('RFC822.SIZE')),
      ...(withUidl && { uidl: uidlOf(uidlFormat, { uid, uidValidity }) }),
    };
  }

  /** A server that refuses the whole because of one message is asked for each. */
  async #bodies(
    line: ImapLine,
    mailbox: SourceMailbox,
    uids: readonly number[],
  ): Promise<Map<number, Buffer>> {
    await this.#ready(line, mailbox);
    const found = new Map<number, Buffer>();
    const ask = (some: readonly number[]): Promise<unknown> =>
      line.command(`UID FETCH ${formatNumbers(some)} (UID BODY.PEEK[])`, (values) => {
        const items = fetchItems(values);
        const body = items?.get('BODY[]');
        const uid = Number(items?.get('UID') ?? 0);
        if (typeof body === 'string') found.set(uid, Buffer.from(body, 'latin1'));
        else if (Buffer.isBuffer(body)) found.set(uid, body);
      });
    try {
      await ask(uids);
    } catch (error) {
      if (!(error instanceof ServerRefusal)) throw error;
      for (const uid of uids.filter((each) => !found.has(each))) await ask([uid]).catch(passOver);
    }
    return found;
  }
}

/** A message that the server does not give out is told as such; a lost line is another matter. */
function passOver(error: unknown): void {
  if (!(error instanceof ServerRefusal)) throw error;
}

const uidIn = (key: string): number => Number(key.slice(key.lastIndexOf('/') + 1));

async function allUids(line: ImapLine): Promise<number[]> {
  const uids: number[] = [];
  await line.command('UID SEARCH ALL', (values) => {
    if (String(values[0]).toUpperCase() === 'SEARCH')
      for (const uid of values.slice(1)) uids.push(Number(uid));
  });
  return uids.filter((uid) => uid > 0).toSorted((a, b) => a - b);
}
