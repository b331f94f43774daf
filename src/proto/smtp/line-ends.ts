/**
 * Line ends that are not CRLF, made CRLF: for mail of our own users whose mailers send bare LF. Never for mail from strangers, where a
 * bare line end is refused (see dot-stuffing.ts).
 */

const CR = 0x0d;

/** True when a CR or an LF stands alone anywhere in `bytes`. */
export function hasBareLineEnd(bytes: Buffer): boolean {
  return /\r(?!\n)|(?<!\r)\n/.test(bytes.toString('latin1'));
}

/** Over chunks: a CR at the end of one waits for the next. */
export class LineEndFixer {
  #heldCr = false;

  /** `clean`: the caller knows that no line end so far was bare, so that nothing need be looked for. */
  push(chunk: Buffer, clean: boolean): Buffer {
    const endsWithCr = chunk[chunk.length - 1] === CR;
    const bytes = this.#withHeld(endsWithCr ? chunk.subarray(0, -1) : chunk);
    this.#heldCr = endsWithCr;
    return clean ? bytes : fixed(bytes);
  }

  /** What was held back: a bare CR at the very end is a line end. */
  end(): Buffer {
    const bytes = this.#heldCr ? crlf : nothing;
    this.#heldCr = false;
    return bytes;
  }

  #withHeld(bytes: Buffer): Buffer {
    return this.#heldCr ? Buffer.concat([loneCr, bytes]) : bytes;
  }
}

const loneCr = Buffer.from('\r');
const crlf = Buffer.from('\r\n');
const nothing = Buffer.alloc(0);

function fixed(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('latin1').replace(/\r\n|\r|\n/g, '\r\n'), 'latin1');
}
