/**
 * TNEF, the wrapping that Outlook and Exchange put around a message as `winmail.dat` (application/ms-tnef; [MS-OXTNEF]): attributes of the
 * message and its attachments, each with properties, messages within them.
 *
 * Promises: never throws; what can be read before the damage is there, and `damaged` tells; messages nest as deep as `depthMax`, attachments
 * are bounded, and their bytes are views of the given ones.
 */
import { decodeCharset } from '../mime/charset.ts';
import { ByteCursor } from './byte-cursor.ts';
import { expandRtf } from './compressed-rtf.ts';
import { isUnicode, type Properties, type Property, readProperties } from './properties.ts';

const signature = 0x223e9f78;
/** Messages within each other. */
const depthMax = 10;
/** Attachments of a message. */
const attachmentsMax = 1000;

export interface TnefAttachment {
  /** As the sender called it, without a path; `''` when nothing tells. */
  readonly name: string;
  /** `type/subtype` when the sender told. */
  readonly mediaType?: string;
  readonly contentId?: string;
  readonly bytes: Buffer;
  /** The message that it is. */
  readonly message?: TnefMessage;
}

export interface TnefMessage {
  readonly subject?: string;
  readonly text?: string;
  readonly html?: string;
  /** Expanded. */
  readonly rtf?: Buffer;
  readonly attachments: readonly TnefAttachment[];
  /** Something did not fit the format. */
  readonly damaged: boolean;
}

/** Undefined when the bytes are no TNEF at all. */
export function readTnef(bytes: Buffer): TnefMessage | undefined {
  return readNested(bytes, 0);
}

/** Attributes by the low half of their ids; those not named here tell nothing to a reader. */
const attribute = {
  subject: 0x8004,
  body: 0x800c,
  attachmentTitle: 0x8010,
  attachmentData: 0x800f,
  attachmentStart: 0x9002,
  messageProperties: 0x9003,
  attachmentProperties: 0x9005,
  codePage: 0x9007,
} as const;

const property = {
  subject: 0x0037,
  body: 0x1000,
  rtf: 0x1009,
  html: 0x1013,
  displayName: 0x3001,
  data: 0x3701,
  shortName: 0x3704,
  longName: 0x3707,
  mediaType: 0x370e,
  contentId: 0x3712,
  codePage: 0x3fde,
} as const;

interface Raw {
  title?: Buffer;
  data?: Buffer;
  properties: Properties;
}

interface RawMessage {
  subject?: Buffer;
  body?: Buffer;
  codePage: number;
  properties: Properties;
  readonly attachments: Raw[];
  damaged: boolean;
}

function readNested(bytes: Buffer, depth: number): TnefMessage | undefined {
  const cursor = new ByteCursor(bytes);
  if (cursor.u32() !== signature) return undefined;
  cursor.u16();
  return finish(readAttributes(cursor), depth);
}

function readAttributes(cursor: ByteCursor): RawMessage {
  const message: RawMessage = { codePage: 1252, properties: new Map(), attachments: [], damaged: false };
  while (cursor.left > 0) {
    const level = cursor.u8();
    const id = cursor.u32();
    const size = cursor.u32();
    if (size === undefined || id === undefined || (level !== 1 && level !== 2)) {
      message.damaged = true;
      break;
    }
    if (size > cursor.left) message.damaged = true;
    const value = cursor.takeUpTo(size);
    if (!isSum(value, cursor.u16())) message.damaged = true;
    if (level === 1) takeOfMessage(message, id & 0xffff, value);
    else takeOfAttachment(message.attachments, id & 0xffff, value);
  }
  return message;
}

/** The sum of the bytes, modulo 65536. A wrong one is no reason to throw a file away. */
function isSum(value: Buffer, sum: number | undefined): boolean {
  let own = 0;
  for (const byte of value) own = (own + byte) & 0xffff;
  return own === sum;
}

function takeOfMessage(message: RawMessage, id: number, value: Buffer): void {
  if (id === attribute.subject) message.subject = value;
  else if (id === attribute.body) message.body = value;
  else if (id === attribute.codePage && value.length >= 4) message.codePage = value.readUInt32LE();
  else if (id === attribute.messageProperties) message.properties = readProperties(value);
}

function takeOfAttachment(attachments: Raw[], id: number, value: Buffer): void {
  if (id === attribute.attachmentStart && attachments.length < attachmentsMax)
    attachments.push({ properties: new Map() });
  const last = attachments.at(-1);
  if (last === undefined) return;
  if (id === attribute.attachmentTitle) last.title = value;
  else if (id === attribute.attachmentData) last.data = value;
  else if (id === attribute.attachmentProperties) last.properties = readProperties(value);
}

function finish(raw: RawMessage, depth: number): TnefMessage {
  const { properties } = raw;
  const charset = `cp${raw.codePage}`;
  const text = (id: number): string | undefined => textOf(properties.get(id), charset);
  const subject = text(property.subject) ?? (raw.subject && decoded(raw.subject, charset));
  const body = text(property.body) ?? (raw.body && decoded(raw.body, charset));
  const html = htmlOf(properties, charset);
  const rtf = properties.get(property.rtf);
  const attachments = raw.attachments.map((each) => finishAttachment(each, charset, depth));
  return {
    ...(subject !== undefined && { subject }),
    ...(body !== undefined && body !== '' && { text: body }),
    ...(html !== undefined && { html }),
    ...(rtf !== undefined && { rtf: expandRtf(rtf.value) }),
    attachments,
    damaged: raw.damaged || attachments.some(({ message }) => message?.damaged),
  };
}

/** Bytes in the code page of the message, or text. */
function htmlOf(properties: Properties, charset: string): string | undefined {
  const html = properties.get(property.html);
  if (html === undefined) return undefined;
  const page = properties.get(property.codePage)?.value;
  return textOf(html, page === undefined || page.length < 4 ? charset : `cp${page.readUInt32LE()}`);
}

function finishAttachment(raw: Raw, charset: string, depth: number): TnefAttachment {
  const text = (id: number): string | undefined => textOf(raw.properties.get(id), charset) || undefined;
  const title = raw.title && decoded(raw.title, charset);
  const name =
    text(property.longName) ?? (title || (text(property.shortName) ?? text(property.displayName) ?? ''));
  const mediaType = text(property.mediaType);
  const contentId = text(property.contentId);
  const bytes = contentOf(raw);
  const message = depth < depthMax ? readNested(bytes, depth + 1) : undefined;
  return {
    name: name.slice(Math.max(name.lastIndexOf('\\'), name.lastIndexOf('/')) + 1),
    ...(mediaType !== undefined && { mediaType }),
    ...(contentId !== undefined && { contentId }),
    bytes,
    ...(message !== undefined && { message }),
  };
}

const objectType = 0x0d;
const interfaceIdBytes = 16;

/** An object in the properties (a message, a drawing) is more than the word for it in the data. In front of it stands the id of its interface. */
function contentOf({ data, properties }: Raw): Buffer {
  const object = properties.get(property.data);
  if (object?.type === objectType) return object.value.subarray(interfaceIdBytes);
  return data ?? object?.value ?? Buffer.alloc(0);
}

function textOf(value: Property | undefined, charset: string): string | undefined {
  return value && decoded(value.value, isUnicode(value) ? 'utf-16le' : charset);
}

/** Text ends at the first NUL. */
function decoded(bytes: Buffer, charset: string): string {
  const { text } = decodeCharset(bytes, charset);
  const end = text.indexOf('\0');
  return end === -1 ? text : text.slice(0, end);
}
