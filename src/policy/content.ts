/**
 * What the chain of filters sees of a body: which parts it has, and the text in it, within bounds.
 *
 * Memory: `textMaxBytes` of decoded text in all; of everything else the names and sizes.
 */
import { decodeCharset } from '../proto/mime/charset.ts';
import { metaCharset } from '../proto/mime/html-text.ts';
import { parameter } from '../proto/mime/parameter.ts';
import type { OnPart, PartSink, StreamedPart } from '../proto/mime/part-stream.ts';

export interface Content {
  readonly parts: readonly ContentPart[];
  readonly texts: readonly ContentText[];
  /** There were more parts, which nobody has seen. */
  readonly cut?: boolean;
}

export interface ContentPart extends StreamedPart {
  /** Octets, decoded. */
  readonly sizeBytes: number;
}

export interface ContentText {
  readonly path: string;
  readonly is: 'plain' | 'html';
  /** Characters. HTML as it was written. */
  readonly text: string;
  /** There was more. */
  readonly cut: boolean;
}

const textMaxBytes = 512 * 1024;

export class ContentGatherer {
  readonly #parts: ContentPart[] = [];
  readonly #texts: ContentText[] = [];
  #leftBytes = textMaxBytes;

  /** Parts that have ended. */
  get content(): Content {
    return { parts: this.#parts, texts: this.#texts };
  }

  readonly part: OnPart = (part) => {
    const text = part.type === 'text' && part.disposition !== 'attachment' ? new KeptText(part) : undefined;
    let sizeBytes = 0;
    return {
      write: (bytes) => {
        sizeBytes += bytes.length;
        if (text) this.#leftBytes -= text.take(bytes, this.#leftBytes);
      },
      end: () => {
        this.#parts.push({ ...part, sizeBytes });
        if (text) this.#texts.push(text.decoded());
      },
    };
  };
}

class KeptText {
  readonly #part: StreamedPart;
  readonly #chunks: Buffer[] = [];
  #cut = false;

  constructor(part: StreamedPart) {
    this.#part = part;
  }

  /** Returns how much of it was kept. */
  take(bytes: Buffer, max: number): number {
    const kept = bytes.subarray(0, max);
    this.#cut ||= kept.length < bytes.length;
    if (kept.length > 0) this.#chunks.push(Buffer.from(kept));
    return kept.length;
  }

  decoded(): ContentText {
    const { path, params, subtype } = this.#part;
    const bytes = Buffer.concat(this.#chunks);
    const html = subtype === 'html';
    const charset = parameter(params, 'charset') ?? (html ? metaCharset(bytes) : undefined);
    const { text } = decodeCharset(bytes, charset);
    return { path, is: html ? 'html' : 'plain', text, cut: this.#cut };
  }
}

/** Shows each part to several, each of whom may want to see its content or not. */
export function shownTo(several: readonly OnPart[]): OnPart {
  return (part) => {
    const sinks = several.flatMap((onPart): PartSink[] => {
      const sink = onPart(part);
      return sink === undefined ? [] : [sink];
    });
    return {
      write: (bytes) => sinks.forEach((sink) => sink.write(bytes)),
      end: () => sinks.forEach((sink) => sink.end()),
    };
  };
}
