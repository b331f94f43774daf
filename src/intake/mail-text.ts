/**
 * The text of one mail on its way into the store: header gathered, opened, then the body streamed.
 *
 *   header --blank line--> (opening) --> body --finish--> stored
 *
 * Opening is when the owner looks at the header and says what is written instead of it. It may take time: bytes that come
 * meanwhile wait. Whatever is refused on the way is kept: later bytes are dropped and `finish` throws it, for
 * SMTP has no way to say no in the middle of a text.
 *
 * Memory: the header (bounded), what the body writer keeps, and what the caller writes before it awaits the promise it was given.
 */
import { Refusal } from '../base/refusal.ts';
import { TextReader, type TextFlags } from '../proto/smtp/dot-stuffing.ts';
import type { LineGuard } from '../proto/smtp/line-guard.ts';
import { hasBareLineEnd, LineEndFixer } from '../proto/smtp/line-ends.ts';
import type { BodyWriter, StoredBody } from '../store/body.ts';
import type { EightBitLabel } from './eight-bit-label.ts';
import { HeaderGatherer, type Gathered } from './header-gatherer.ts';
import { writeRevision, type Revise, type Revision } from './text-revision.ts';
import type { TextWatch } from './text-watch.ts';

/** What stands in the store in place of the header that came. */
export interface Opened {
  /** Fields put on top. */
  readonly top: string;
  readonly header: Buffer;
  readonly label: EightBitLabel | undefined;
  readonly watch?: TextWatch | undefined;
  /** Lines are kept as short as SMTP wants them: whatever is signed must not be mended on its way out. */
  readonly guard?: LineGuard | undefined;
  /** May change the text when it is whole, before the watch ends. */
  readonly revise?: Revise | undefined;
  /** Not an octet of the body may change. */
  readonly sealedBody: boolean;
}

export interface MailTextOptions {
  readonly messageMaxBytes: number;
  readonly headerMaxBytes: number;
  /** Make bare CR and LF in the text CRLF. Otherwise they are refused, except in the body of binary mail. */
  readonly fixesLineEnds: boolean;
  /** BODY=BINARYMIME: any octets in the body (RFC 3030). */
  readonly binary: boolean;
}

export class MailText {
  #writer: BodyWriter;
  readonly #options: MailTextOptions;
  readonly #open: (header: Buffer) => Opened | Promise<Opened>;
  readonly #fixer: LineEndFixer | undefined;
  /** Who looks for what text may not hold: the caller's reader, or one of our own. */
  #flags: TextFlags | undefined;
  #ownReader: TextReader | undefined;
  #gatherer: HeaderGatherer | undefined;
  #opened: Opened | undefined;
  #opening: Promise<void> | undefined;
  #waiting: Buffer[] = [];
  #sizeBytes = 0;
  #refusal: unknown;

  constructor(
    writer: BodyWriter,
    options: MailTextOptions,
    open: (header: Buffer) => Opened | Promise<Opened>,
  ) {
    this.#writer = writer;
    this.#options = options;
    this.#open = open;
    this.#fixer = options.fixesLineEnds ? new LineEndFixer() : undefined;
    this.#gatherer = new HeaderGatherer(options.headerMaxBytes);
  }

  /** What was refused so far. */
  get refusal(): unknown {
    return this.#refusal;
  }

  /** Seen in the text, header included: what the next server must be able to take. */
  get flags(): TextFlags {
    return this.#flags ?? clean;
  }

  /** Octets in the store, added fields included. Right once finished. */
  get storedBytes(): number {
    return this.#writer.sizeBytes;
  }

  /** The caller unstuffs dots with a reader that sees every octet anyway: its flags spare a second search. Call before the first write. */
  readBy(flags: TextFlags): void {
    this.#flags = flags;
  }

  write(chunk: Buffer): Promise<void> | undefined {
    if (this.#refusal !== undefined) return undefined;
    this.#sizeBytes += chunk.length;
    if (this.#sizeBytes > this.#options.messageMaxBytes) {
      return this.#refuse(new Refusal('messageTooLarge', `more than ${this.#options.messageMaxBytes} bytes`));
    }
    if (this.#flags === undefined || this.#ownReader) this.#look(chunk);
    if (this.#fixer) return this.#take(this.#fix(chunk));
    return this.#take(chunk);
  }

  /** Resolves with the body, durable if it is a file. Throws what was refused. */
  async finish(): Promise<StoredBody> {
    if (this.#fixer && this.#refusal === undefined) await this.#take(this.#fixer.end());
    if (this.#gatherer && this.#refusal === undefined) await this.#header(this.#gatherer.end());
    await this.#opening;
    if (this.#refusal === undefined) this.#checkText();
    if (this.#refusal !== undefined) throw this.#refusal;
    if (this.#opened?.label) await this.#store(this.#opened.label.end());
    const { watch, guard, revise } = this.#opened ?? {};
    let kept: Promise<void> | undefined;
    guard?.end((part) => {
      kept = this.#keep(part);
    });
    await kept;
    if (watch === undefined && revise === undefined) return this.#writer.finish();
    try {
      const revision = await revise?.((offset) => this.#writer.written(offset));
      if (revision) return await this.#revised(revision);
      return await this.#writer.finish(Buffer.from((await watch?.finish()) ?? ''));
    } catch (error) {
      this.#refuse(error);
      throw error;
    }
  }

  /** Who judges a mail has seen what came; who signs it sees what goes out. */
  async #revised(revision: Revision): Promise<StoredBody> {
    const { writer } = revision;
    try {
      const { body, flags } = await writeRevision(revision);
      this.#flags = flags;
      await this.#writer.abort();
      this.#writer = writer;
      return body;
    } catch (error) {
      await writer.abort();
      throw error;
    }
  }

  #look(chunk: Buffer): void {
    this.#ownReader ??= new TextReader({ stuffed: false });
    this.#flags = this.#ownReader;
    this.#ownReader.push(chunk, 0, ignore);
  }

  #fix(chunk: Buffer): Buffer {
    const { bareLineEnd } = this.flags;
    if (bareLineEnd && this.#opened?.sealedBody) this.#refuse(brokenSignedText());
    return this.#fixer!.push(chunk, !bareLineEnd);
  }

  #take(bytes: Buffer): Promise<void> | undefined {
    if (bytes.length === 0 || this.#refusal !== undefined) return this.#opening;
    if (this.#opening) {
      this.#waiting.push(bytes);
      return this.#opening;
    }
    if (this.#gatherer === undefined) return this.#body(bytes);
    const gathered = this.#gatherer.push(bytes);
    if (gathered === undefined) return undefined;
    if (gathered !== 'tooLarge') return this.#header(gathered);
    return this.#refuse(
      new Refusal('messageMalformed', `header of more than ${this.#options.headerMaxBytes} bytes`),
    );
  }

  #header({ header, rest }: Gathered): Promise<void> | undefined {
    this.#gatherer = undefined;
    try {
      if (this.#options.binary) checkHeaderText(header, this.flags);
      const opened = this.#open(header);
      if (!(opened instanceof Promise)) return this.#begin(opened, rest);
      this.#opening = opened.then(
        (answer) => this.#resume(answer, rest),
        (error: unknown) => this.#refuse(error),
      );
      return this.#opening;
    } catch (error) {
      return this.#refuse(error);
    }
  }

  /** After an opening that took time: writes what waited. */
  async #resume(opened: Opened, rest: Buffer): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    await this.#begin(opened, rest);
    for (const bytes of waiting) await this.#body(bytes);
    // Whatever came during these waits lies behind them.
    while (this.#waiting.length > 0) await this.#body(this.#waiting.shift()!);
    this.#opening = undefined;
  }

  #begin(opened: Opened, rest: Buffer): Promise<void> | undefined {
    this.#opened = opened;
    if (this.#fixer && opened.sealedBody && this.flags.bareLineEnd) return this.#refuse(brokenSignedText());
    // A message without a header gets a blank line, or its first line would be read as a field.
    const blank = opened.header.length === 0 && rest[0] !== 0x0d ? '\r\n' : '';
    const top = Buffer.from(opened.top + blank);
    const watched = blank === '' ? undefined : opened.watch?.write(Buffer.from(blank));
    const written = [watched, this.#writer.write(top), this.#writer.write(opened.header), this.#body(rest)];
    return written.find((wait) => wait !== undefined);
  }

  #body(bytes: Buffer): Promise<void> | undefined {
    if (this.#refusal !== undefined || bytes.length === 0) return undefined;
    const label = this.#opened?.label;
    if (label === undefined || label.decided) return this.#store(bytes);
    const labelled = label.push(bytes);
    return labelled && this.#store(labelled);
  }

  #store(bytes: Buffer): Promise<void> | undefined {
    const { guard } = this.#opened!;
    if (guard === undefined) return this.#keep(bytes);
    const waits: Promise<void>[] = [];
    guard.push(bytes, (part) => {
      const wait = this.#keep(part);
      if (wait !== undefined) waits.push(wait);
    });
    return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined);
  }

  #keep(bytes: Buffer): Promise<void> | undefined {
    const watched = this.#opened!.watch?.write(bytes);
    const written = this.#writer.write(bytes);
    if (watched === undefined) return written;
    return written === undefined ? watched : Promise.all([watched, written]).then(() => undefined);
  }

  #checkText(): void {
    const { bareLineEnd, nul } = this.flags;
    if (this.#options.binary) return;
    if (nul) this.#refuse(new Refusal('messageMalformed', 'a NUL in the text'));
    if (bareLineEnd && !this.#fixer)
      this.#refuse(new Refusal('messageMalformed', 'a bare CR or LF in the text'));
  }

  #refuse(refusal: unknown): undefined {
    if (this.#refusal === undefined) this.#opened?.watch?.abort();
    this.#refusal ??= refusal;
    this.#waiting = [];
    return undefined;
  }

  /** Forgets what was written. */
  abort(): Promise<void> {
    this.#refuse(new Refusal('conflict', 'given up'));
    return this.#writer.abort();
  }
}

const clean: TextFlags = { bareLineEnd: false, nul: false, eightBit: false, longestLine: 0 };

function ignore(): void {}

const brokenSignedText = (): Refusal =>
  new Refusal('messageMalformed', 'a bare CR or LF in a signed message');

/** Binary mail has a text header all the same (RFC 3030, 3). */
function checkHeaderText(header: Buffer, flags: TextFlags): void {
  if ((flags.bareLineEnd && hasBareLineEnd(header)) || (flags.nul && header.includes(0))) {
    throw new Refusal('messageMalformed', 'a header that is not text');
  }
}
