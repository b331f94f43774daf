/** The mail a session is about, and how far its text has been read. */
import type { MailTransaction } from '../intake/intake.ts';
import { TextReader } from '../proto/smtp/dot-stuffing.ts';
import type { Mailbox } from '../proto/smtp/path.ts';
import { replies, replyFor } from './replies.ts';

export interface TextRules {
  /** Intake mends line ends of this client. */
  readonly mendsLineEnds: boolean;
  /** BODY=BINARYMIME: octets, not text. */
  readonly binary: boolean;
  readonly lineMax: number;
}

export class MailInHand {
  readonly transaction: MailTransaction;
  readonly sender: Mailbox | null;
  #reader: TextReader | undefined;
  #bytes = 0;
  #wait: Promise<void> | undefined;

  constructor(transaction: MailTransaction, sender: Mailbox | null) {
    this.transaction = transaction;
    this.sender = sender;
  }

  /** Octets of text so far. */
  get bytes(): number {
    return this.#bytes;
  }

  get textBegun(): boolean {
    return this.#reader !== undefined;
  }

  /** `stuffed`: with dots, as in DATA. */
  beginText(stuffed: boolean): void {
    this.#reader = new TextReader({ stuffed });
    this.transaction.readBy(this.#reader);
  }

  /** Index after the end of the text, or -1 when all of `bytes` was read and it goes on. */
  push(bytes: Buffer, from: number): number {
    const end = this.#reader!.push(bytes, from, this.#emit);
    this.#bytes += (end === -1 ? bytes.length : end) - from;
    return end;
  }

  endText(): void {
    this.#reader!.end();
  }

  /** Resolves when more may be pushed; undefined when that is now. */
  takeWait(): Promise<void> | undefined {
    const wait = this.#wait;
    this.#wait = undefined;
    return wait;
  }

  /** What is wrong with the text so far, as a reply. */
  refusal(rules: TextRules): string | undefined {
    const { refusal } = this.transaction;
    return refusal === undefined ? this.textFault(rules) : replyFor(refusal);
  }

  /** What the text holds that it may not, as a reply. What intake found wrong itself it will say at the end. */
  textFault({ mendsLineEnds, binary, lineMax }: TextRules): string | undefined {
    if (binary || this.transaction.refusal !== undefined) return undefined;
    const { bareLineEnd, nul, longestLine } = this.#reader!;
    if (bareLineEnd && !mendsLineEnds) return replies.bareLineEnd;
    if (nul) return replies.nul;
    return longestLine > lineMax ? replies.textLineTooLong : undefined;
  }

  readonly #emit = (text: Buffer): void => {
    const wait = this.transaction.write(text);
    if (wait) this.#wait = wait;
  };
}
