/**
 * An attachment while it passes by: its beginning, and of archives and documents all of it, as far as there is room. Of a ZIP file that is larger, the end:
 * the list of what is in it is there.
 */
import type { PartSink } from '../../proto/mime/part-stream.ts';
import { contentHeadBytes, contentKind, type ContentKind } from '../../proto/archive/content-type.ts';

/** Octets that all attachments of one mail may keep together. */
export interface Room {
  bytes: number;
}

/** Files that have something in them. */
const opened: ReadonlySet<ContentKind | undefined> = new Set<ContentKind>([
  'zip',
  'rar',
  '7z',
  'gzip',
  'zstd',
  'tar',
  'ole',
  'tnef',
]);
const tailBytes = 1024 * 1024;

/** A mail as a file: attachments may be in it. */
export const isMail = (name: string): boolean => /\.eml[\s.]*$/i.test(name);

export class KeptFile implements PartSink {
  readonly name: string;
  readonly #room: Room;
  #pieces: Buffer[] = [];
  #held = 0;
  #headKind: ContentKind | undefined | 'unknown yet' = 'unknown yet';
  #whole = true;
  #tail: Buffer[] = [];
  #tailHeld = 0;
  sizeBytes = 0;

  constructor(name: string, room: Room) {
    this.name = name;
    this.#room = room;
  }

  write(bytes: Buffer): void {
    this.sizeBytes += bytes.length;
    if (this.#whole && this.#wants(bytes.length)) {
      this.#pieces.push(Buffer.from(bytes));
      this.#held += bytes.length;
      this.#room.bytes -= bytes.length;
    } else {
      this.#whole = false;
      if (this.kind === 'zip') this.#keepTail(bytes);
    }
    if (this.#headKind === 'unknown yet' && this.#held >= contentHeadBytes)
      this.#headKind = contentKind(this.bytes.subarray(0, contentHeadBytes));
  }

  end(): void {
    // What was kept is looked at when the mail is whole.
  }

  get kind(): ContentKind | undefined {
    return this.#headKind === 'unknown yet' ? contentKind(this.bytes) : this.#headKind;
  }

  /** All of it is here. */
  get isWhole(): boolean {
    return this.#whole;
  }

  /** The beginning, or all of it. */
  get bytes(): Buffer {
    if (this.#pieces.length > 1) this.#pieces = [Buffer.concat(this.#pieces)];
    return this.#pieces[0] ?? Buffer.alloc(0);
  }

  /** The end of a file that is not whole, and where it begins. */
  get tail(): { readonly bytes: Buffer; readonly from: number } {
    const bytes = Buffer.concat(this.#tail);
    return { bytes, from: this.sizeBytes - bytes.length };
  }

  #wants(bytes: number): boolean {
    const inHead = this.#held < contentHeadBytes;
    return this.#room.bytes >= bytes && (inHead || opened.has(this.kind) || isMail(this.name));
  }

  #keepTail(bytes: Buffer): void {
    this.#tail.push(Buffer.from(bytes));
    this.#tailHeld += bytes.length;
    while (this.#tailHeld - this.#tail[0]!.length >= tailBytes) this.#tailHeld -= this.#tail.shift()!.length;
  }
}
