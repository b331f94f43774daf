/**
 * The text of a message as it leaves: whole in memory, or, when it is long, read in pieces as the server takes them.
 */
import { isAscii } from 'node:buffer';
import type { Bodies, StoredBody } from '../../store/body.ts';
import { LineGuard } from '../../proto/smtp/line-guard.ts';
import { hasEightBitHeader } from './seven-bit.ts';

/** Above this a text is sent in pieces and never held whole. */
export const wholeMaxBytes = 1024 * 1024;

/** How much of a long text is looked at for its header: more than intake takes. */
const headerMaxBytes = 512 * 1024;

export type OutgoingText = WholeText | LongText;

export interface WholeText {
  readonly is: 'whole';
  readonly bytes: Buffer;
  readonly sizeBytes: number;
  readonly eightBit: boolean;
}

export interface LongText {
  readonly is: 'long';
  /** As stored: line ends that must be mended make it a little larger on the wire. */
  readonly sizeBytes: number;
  readonly eightBit: boolean;
  /** Of international mail: whether its header is more than ASCII. */
  readonly eightBitHeader: boolean;
  pieces(): AsyncIterable<Uint8Array>;
}

/** `binary` text goes as it is, for servers with BINARYMIME only. */
export function wholeText(bytes: Buffer, binary = false): WholeText {
  const clean = binary ? bytes : guarded(bytes);
  return { is: 'whole', bytes: clean, sizeBytes: clean.length, eightBit: !isAscii(bytes) };
}

function guarded(bytes: Buffer): Buffer {
  const guard = new LineGuard();
  const pieces: Buffer[] = [];
  const emit = (piece: Buffer): void => void pieces.push(piece);
  guard.push(bytes, emit);
  guard.end(emit);
  return guard.changed ? Buffer.concat(pieces) : bytes;
}

export interface TextFrom {
  readonly bodies: Bodies;
  readonly body: StoredBody;
  readonly sizeBytes: number;
  readonly bodyKind: '7bit' | '8bitmime' | 'binarymime';
  readonly smtpUtf8: boolean;
}

export function textOf(from: TextFrom): OutgoingText | Promise<OutgoingText> {
  const { bodies, body, sizeBytes, bodyKind } = from;
  const binary = bodyKind === 'binarymime';
  if (body.is === 'inline') return wholeText(asBuffer(body.bytes), binary);
  if (sizeBytes <= wholeMaxBytes)
    return bodies.read(body).then((bytes) => wholeText(asBuffer(bytes), binary));
  return longText(from);
}

async function longText({ bodies, body, sizeBytes, bodyKind, smtpUtf8 }: TextFrom): Promise<LongText> {
  const eightBitHeader = smtpUtf8 && hasEightBitHeader(asBuffer(await bodies.read(body, 0, headerMaxBytes)));
  const pieces = (): AsyncIterable<Uint8Array> => bodies.stream(body);
  return { is: 'long', sizeBytes, eightBit: bodyKind !== '7bit', eightBitHeader, pieces };
}

export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The same with these fields on top. */
export function withFieldsOnTop(text: OutgoingText, fields: Buffer): OutgoingText {
  const sizeBytes = text.sizeBytes + fields.length;
  const eightBit = text.eightBit || !isAscii(fields);
  if (text.is === 'whole')
    return { is: 'whole', bytes: Buffer.concat([fields, text.bytes]), sizeBytes, eightBit };
  return {
    is: 'long',
    sizeBytes,
    eightBit,
    eightBitHeader: text.eightBitHeader || !isAscii(fields),
    async *pieces() {
      yield fields;
      yield* text.pieces();
    },
  };
}
