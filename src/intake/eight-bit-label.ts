/**
 * The MIME label of a submitted message whose mailer put 8-bit text in the body and said nothing of it (RFC 6152, RFC 2045): without
 * Content-Transfer-Encoding, servers down the way may take it for 7-bit.
 *
 * Whether a body has 8-bit text is known only when it has been seen, and the label stands before it: the beginning of the body is held
 * back, up to `heldMaxBytes`. A longer body is labelled 8bit without looking further, which is true of 7-bit text as well.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { findField, type HeaderBlock } from '../proto/mime/headers.ts';

const heldMaxBytes = 64 * 1024;

export class EightBitLabel {
  readonly #block: HeaderBlock;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #decided = false;

  private constructor(block: HeaderBlock) {
    this.#block = block;
  }

  /** Undefined when the header already says how its body is encoded. */
  static for(block: HeaderBlock): EightBitLabel | undefined {
    return findField(block, 'content-transfer-encoding') ? undefined : new EightBitLabel(block);
  }

  /** From here on body bytes need not pass through. */
  get decided(): boolean {
    return this.#decided;
  }

  /** Takes body bytes, its blank line first. Gives all bytes back, label in front, once it is decided; undefined until then. */
  push(chunk: Buffer): Buffer | undefined {
    this.#held.push(Buffer.from(chunk));
    this.#heldBytes += chunk.length;
    return this.#heldBytes > heldMaxBytes ? this.#decide(false) : undefined;
  }

  /** The body ended. Nothing when it was decided before. */
  end(): Buffer {
    return this.#decided ? Buffer.alloc(0) : this.#decide(true);
  }

  #decide(whole: boolean): Buffer {
    const body = Buffer.concat(this.#held);
    this.#held = [];
    this.#decided = true;
    if (whole && isAscii(body)) return body;
    const fields: string[] = [];
    if (!findField(this.#block, 'mime-version')) fields.push('MIME-Version: 1.0\r\n');
    if (!findField(this.#block, 'content-type') && !isAscii(body)) {
      // RFC 1428, 3: text in an unknown charset is labelled as such.
      const charset = isUtf8(whole ? body : wholeCharacters(body)) ? 'utf-8' : 'unknown-8bit';
      fields.push(`Content-Type: text/plain; charset=${charset}\r\n`);
    }
    fields.push('Content-Transfer-Encoding: 8bit\r\n');
    return Buffer.concat([Buffer.from(fields.join('')), body.length === 0 ? blankLine : body]);
  }
}

const blankLine = Buffer.from('\r\n');

/** Without a UTF-8 character that the cut may have split. */
function wholeCharacters(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1]! & 0xc0) === 0x80) end--;
  return bytes.subarray(0, Math.max(0, end - 1));
}
