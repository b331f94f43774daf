/** A message that properties are read from: an email that is stored, or bytes that were given. Ranges are read as they are needed. */
import type { EmailDetails } from '../../../mailbox/email-facts.ts';
import { decodeTransfer, isEncoded } from '../../../proto/mime/decode-transfer.ts';
import { type HeaderBlock, parseHeaders } from '../../../proto/mime/headers.ts';
import type { Part } from '../../../proto/mime/structure.ts';

export interface Header {
  readonly bytes: Buffer;
  readonly block: HeaderBlock;
}

export type SourceDetails = Pick<
  EmailDetails,
  'index' | 'preview' | 'hasAttachment' | 'sentAtMs' | 'sentZoneMinutes'
>;

export class MessageSource {
  readonly details: SourceDetails;
  /** Of the message itself; ids of parts are made of it. */
  readonly blobId: string;
  readonly #read: (start: number, end: number) => Promise<Uint8Array>;
  readonly #headers = new Map<Part, Promise<Header>>();
  readonly #contents = new Map<Part, Promise<Buffer>>();

  constructor(
    details: SourceDetails,
    blobId: string,
    read: (start: number, end: number) => Promise<Uint8Array>,
  ) {
    this.details = details;
    this.blobId = blobId;
    this.#read = read;
  }

  get root(): Part {
    return this.details.index.root;
  }

  partBlobId(path: string): string {
    return `${this.blobId}-${path.replaceAll('.', '_')}`;
  }

  header(part: Part): Promise<Header> {
    let header = this.#headers.get(part);
    if (header === undefined) {
      header = this.#range(part.headerStart, part.bodyStart).then((bytes) => ({
        bytes,
        block: parseHeaders(bytes),
      }));
      this.#headers.set(part, header);
    }
    return header;
  }

  /** Without its transfer encoding. */
  content(part: Part): Promise<Buffer> {
    let content = this.#contents.get(part);
    if (content === undefined) {
      content = this.#range(part.bodyStart, part.bodyEnd).then((bytes) =>
        decodeTransfer(bytes, part.encoding),
      );
      this.#contents.set(part, content);
    }
    return content;
  }

  /** Octets without the transfer encoding. */
  async size(part: Part): Promise<number> {
    if (part.parts !== undefined || !isEncoded(part.encoding)) return part.bodyEnd - part.bodyStart;
    return (await this.content(part)).length;
  }

  async #range(start: number, end: number): Promise<Buffer> {
    if (start >= end) return Buffer.alloc(0);
    const bytes = await this.#read(start, end);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
}
