/**
 * Bodies: the bytes of messages, immutable once stored.
 *
 * A small body travels in rows of the database and is durable with their commit. A large one is a file (or an S3 object), written and
 * synced before the commit that names it. Rows keep a body as two columns, `body blob` (null when a file) and `body_file text` (null when inline).
 * Files have no reference counts: whoever has none left in the reference queries of any part for a day is swept away.
 */
export type StoredBody =
  | { readonly is: 'inline'; readonly bytes: Uint8Array }
  | { readonly is: 'file'; readonly name: string; readonly sizeBytes: number };

/** Bodies up to this size are kept in rows. */
export const inlineBodyMaxBytes = 64 * 1024;

export interface Bodies {
  /** Takes the bytes of a new body: in memory first, in a file once it outgrows `inlineBodyMaxBytes`. */
  writer(options?: WriterOptions): BodyWriter;
  /** Bytes [offset, offset + length) of a body, clipped to its size. */
  read(body: StoredBody, offset?: number, length?: number): Promise<Uint8Array>;
  /** The bytes from `offset` on, in chunks of at most 64 KiB. */
  stream(body: StoredBody, offset?: number): AsyncIterable<Uint8Array>;
}

export interface WriterOptions {
  /** Room for what `finish` may put before all that was written. */
  readonly topMaxBytes?: number;
}

export interface BodyWriter {
  /** Copies the bytes. A promise is returned when the caller should wait before the next chunk (back-pressure). */
  write(chunk: Uint8Array): Promise<void> | undefined;
  readonly sizeBytes: number;
  /** What was written so far, from `offset` on, in chunks of at most 64 KiB: each is valid until the next. Nothing is written meanwhile. */
  written(offset?: number): AsyncIterable<Uint8Array>;
  /**
   * Resolves when the bytes of a file are durable (an inline body becomes so with its row). `top` goes before all that was written: what is known of a
   * message only when all of it has come. At most as many bytes as room was asked for.
   */
  finish(top?: Uint8Array): Promise<StoredBody>;
  /** Forgets what was written. Safe at any time, also after `finish` if no row names the body. */
  abort(): Promise<void>;
}
