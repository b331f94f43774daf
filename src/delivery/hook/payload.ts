/** A message as a program is told of it: the envelope, the header, texts decoded, files with their contents as far as the route wants them. */
import { displayName, flatten, formatAddrSpec, type Address } from '../../proto/mime/address.ts';
import { bodyLists, partName } from '../../proto/mime/body-list.ts';
import { decodeWords } from '../../proto/mime/encoded-word.ts';
import { fieldText, parseHeaders } from '../../proto/mime/headers.ts';
import { indexMessage, type Part } from '../../proto/mime/structure.ts';
import { partContent, partText } from '../../proto/mime/text.ts';
import type { QueuedMessage } from '../../queue/message.ts';

/** Bytes of a text, and fields of a header, that are told. */
const textMaxBytes = 2 * 1024 * 1024;
const fieldsMax = 500;
const attachmentsMax = 200;

export interface HookFacts {
  readonly route: string;
  /** As its sender wrote it. */
  readonly recipient: string;
  readonly message: QueuedMessage;
  readonly atMs: number;
  readonly raw: boolean;
  readonly attachmentsMaxBytes: number;
}

export function hookPayload(bytes: Buffer, facts: HookFacts): string {
  const index = indexMessage(bytes);
  const lists = bodyLists(index.root);
  const { envelope } = index;
  const text = textOf(bytes, lists.textBody, 'plain');
  const html = textOf(bytes, lists.htmlBody, 'html');
  const { message } = facts;
  return JSON.stringify({
    type: 'message.received',
    timestamp: new Date(facts.atMs).toISOString(),
    data: {
      id: message.id,
      route: facts.route,
      recipient: facts.recipient,
      sender: message.sender,
      receivedAt: new Date(message.acceptedAtMs).toISOString(),
      from: told(envelope.from),
      to: told(envelope.to),
      cc: told(envelope.cc),
      replyTo: told(envelope.replyTo),
      subject: decodeWords(envelope.subject ?? ''),
      date: envelope.date ?? null,
      messageId: envelope.messageId ?? null,
      inReplyTo: envelope.inReplyTo ?? null,
      headers: headersOf(bytes.subarray(0, index.root.bodyStart)),
      ...(text !== undefined && { text, replyText: replyText(text) }),
      ...(html !== undefined && { html }),
      attachments: attachmentsOf(
        bytes,
        lists.attachments.map(({ part }) => part),
        facts.attachmentsMaxBytes,
      ),
      spam: { junk: message.junkFor?.includes(message.org) === true, percent: percentOf(message) },
      sizeBytes: bytes.length,
      ...(facts.raw && { raw: bytes.toString('base64') }),
    },
  });
}

const told = (addresses: readonly Address[] = []): { address: string; name: string | null }[] =>
  flatten(addresses).map((one) => ({ address: formatAddrSpec(one), name: displayName(one) ?? null }));

const percentOf = ({ spam, org }: QueuedMessage): number | null =>
  spam?.find(([whose]) => whose === org)?.[1] ?? null;

function textOf(
  bytes: Buffer,
  parts: readonly { readonly part: Part }[],
  subtype: string,
): string | undefined {
  const found = parts.filter(({ part }) => part.type === 'text' && part.subtype === subtype);
  if (found.length === 0) return undefined;
  const options = { bytesMax: textMaxBytes, unflow: true };
  return found.map(({ part }) => partText(bytes, part, options).text).join('\n');
}

function headersOf(bytes: Buffer): [name: string, value: string][] {
  const block = parseHeaders(bytes);
  return block.fields.slice(0, fieldsMax).map((field) => {
    const end = bytes.indexOf(0x3a, field.start);
    return [bytes.toString('latin1', field.start, end).trim(), fieldText(bytes, field).trim()];
  });
}

interface ToldFile {
  readonly filename: string | null;
  readonly contentType: string;
  readonly contentId: string | null;
  readonly sizeBytes: number;
  /** Base64; absent where the route wants no more. */
  readonly content?: string;
}

/** In their order, as long as there is room. */
function attachmentsOf(bytes: Buffer, parts: readonly Part[], maxBytes: number): ToldFile[] {
  let room = maxBytes;
  return parts.slice(0, attachmentsMax).map((part) => {
    const content = partContent(bytes, part);
    const fits = content.length <= room;
    if (fits) room -= content.length;
    return {
      filename: partName(part) ?? null,
      contentType: `${part.type}/${part.subtype}`,
      contentId: part.id?.replace(/^<|>$/g, '') ?? null,
      sizeBytes: content.length,
      ...(fits && { content: content.toString('base64') }),
    };
  });
}

/** Lines with which mailers begin what they quote. */
const quoteHeads =
  /^(?:On .{5,200} wrote:|.{5,200}(?:<[^<>\s]+@[^<>\s]+>|さん).{0,20}(?:wrote|のメール|が書きました).*:?|-{2,}\s*(?:Original Message|Forwarded message|元のメッセージ|転送されたメッセージ)\s*-{2,}|_{20,}|From: .+|差出人: .+)$/;

/** What is new in an answer: without what it quotes below, and without the signature. */
export function replyText(text: string): string {
  const lines = text.split('\n');
  const end = lines.findIndex((line, i) => i > 0 && (quoteHeads.test(line.trim()) || line === '-- '));
  const own = end === -1 ? lines : lines.slice(0, end);
  return own
    .filter((line) => !line.startsWith('>'))
    .join('\n')
    .trim();
}
