/** Message disposition notifications (RFC 8098): what happened to a mail at its recipient, read and written. */
import { randomBytes } from 'node:crypto';
import type { DraftBody } from '../mime/compose.ts';
import { decodeWords } from '../mime/encoded-word.ts';
import { type HeaderBlock, fieldText, parseHeaders } from '../mime/headers.ts';
import { indexMessage, type Part } from '../mime/structure.ts';
import { partContent, partText } from '../mime/text.ts';

export const actionModes = ['manual-action', 'automatic-action'] as const;
export const sendingModes = ['mdn-sent-manually', 'mdn-sent-automatically'] as const;
export const dispositionTypes = ['deleted', 'dispatched', 'displayed', 'processed'] as const;

export interface Disposition {
  readonly actionMode: (typeof actionModes)[number];
  readonly sendingMode: (typeof sendingModes)[number];
  readonly type: (typeof dispositionTypes)[number];
}

export interface Mdn {
  readonly subject: string | null;
  readonly textBody: string | null;
  readonly includeOriginalMessage: boolean;
  readonly reportingUA: string | null;
  readonly disposition: Disposition;
  readonly mdnGateway: string | null;
  /** `rfc822;user@example.com`. */
  readonly originalRecipient: string | null;
  readonly finalRecipient: string | null;
  readonly originalMessageId: string | null;
  readonly error: readonly string[] | null;
  readonly extensionFields: Readonly<Record<string, string>> | null;
}

/** Fields of the report that have a property of their own. */
const known = new Set([
  'reporting-ua',
  'mdn-gateway',
  'original-recipient',
  'final-recipient',
  'original-message-id',
  'disposition',
  'error',
]);
const textMaxBytes = 256 * 1024;

/** Undefined: the message is none. */
export function readMdn(message: Buffer): Mdn | undefined {
  const { root, envelope } = indexMessage(message);
  if (root.type !== 'multipart' || root.subtype !== 'report' || root.parts === undefined) return undefined;
  const report = root.parts.find(
    ({ type, subtype }) => type === 'message' && /^(?:global-)?disposition-notification$/.test(subtype),
  );
  if (report === undefined) return undefined;
  const fields = partContent(message, report);
  // The report is a header without a body.
  const bytes = Buffer.concat([fields, Buffer.from('\r\n\r\n')]);
  const block = parseHeaders(bytes);
  const disposition = readDisposition(field(bytes, block, 'disposition') ?? '');
  if (disposition === undefined) return undefined;
  const errors = block.fields
    .filter(({ name }) => name === 'error')
    .map((each) => fieldText(bytes, each).trim());
  const extensions = block.fields
    .filter(({ name }) => !known.has(name))
    .map(
      (each) =>
        [
          bytes.toString('latin1', each.start, each.start + each.name.length),
          fieldText(bytes, each).trim(),
        ] as const,
    );
  return {
    subject: envelope.subject === undefined ? null : decodedSubject(message),
    textBody: textOf(message, root),
    includeOriginalMessage: root.parts.some(
      ({ type, subtype }) => type === 'message' && /^(?:rfc822|global)$/.test(subtype),
    ),
    reportingUA: field(bytes, block, 'reporting-ua'),
    disposition,
    mdnGateway: field(bytes, block, 'mdn-gateway'),
    originalRecipient: field(bytes, block, 'original-recipient'),
    finalRecipient: field(bytes, block, 'final-recipient'),
    originalMessageId: field(bytes, block, 'original-message-id'),
    error: errors.length === 0 ? null : errors,
    extensionFields: extensions.length === 0 ? null : Object.fromEntries(extensions),
  };
}

function field(bytes: Buffer, block: HeaderBlock, name: string): string | null {
  const found = block.fields.find((each) => each.name === name);
  return found === undefined ? null : fieldText(bytes, found).trim();
}

/** `manual-action/MDN-sent-manually; displayed`, with modifiers that are not kept (RFC 8098, 3.2.6). */
function readDisposition(text: string): Disposition | undefined {
  const [, action, sending, type] =
    /^\s*([\w-]+)\s*\/\s*([\w-]+)\s*;\s*([\w-]+)(?:\s*\/.*)?\s*$/s.exec(text.toLowerCase()) ?? [];
  const disposition = { actionMode: action, sendingMode: sending, type } as Disposition;
  return isDisposition(disposition) ? disposition : undefined;
}

export const isDisposition = ({ actionMode, sendingMode, type }: Disposition): boolean =>
  actionModes.includes(actionMode) && sendingModes.includes(sendingMode) && dispositionTypes.includes(type);

function textOf(message: Buffer, { parts = [] }: Part): string | null {
  const text = parts
    .flatMap((each) => each.parts ?? [each])
    .find(({ type, subtype }) => type === 'text' && subtype === 'plain');
  return text === undefined ? null : partText(message, text, { bytesMax: textMaxBytes, unflow: true }).text;
}

function decodedSubject(message: Buffer): string | null {
  const block = parseHeaders(message);
  const subject = field(message, block, 'subject');
  return subject === null ? null : decodeWords(subject);
}

/** The body of the notification; what goes above it, whoever sends it knows. `original`: the whole message, or its header alone. */
export function mdnBody(
  mdn: Mdn & { readonly textBody: string },
  original: { readonly message: Buffer; readonly header: Buffer } | undefined,
): DraftBody {
  const { actionMode, sendingMode, type } = mdn.disposition;
  const sent = sendingMode.replace('mdn', 'MDN');
  const lines: readonly (readonly [string, string | null])[] = [
    ['Reporting-UA', mdn.reportingUA],
    ['MDN-Gateway', mdn.mdnGateway],
    ['Original-Recipient', mdn.originalRecipient],
    ['Final-Recipient', mdn.finalRecipient],
    ['Original-Message-ID', mdn.originalMessageId],
    ['Disposition', `${actionMode}/${sent}; ${type}`],
    ...(mdn.error ?? []).map((each) => ['Error', each] as const),
    ...Object.entries(mdn.extensionFields ?? {}),
  ];
  const fields = lines
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  const isGlobal = /[^\u0000-\u007f]/.test(fields);
  const report: DraftBody = {
    is: 'verbatim',
    type: isGlobal ? 'message/global-disposition-notification' : 'message/disposition-notification',
    bytes: Buffer.from(fields),
  };
  const enclosed: DraftBody[] =
    original === undefined
      ? []
      : mdn.includeOriginalMessage
        ? [{ is: 'verbatim', type: 'message/rfc822', bytes: original.message }]
        : [{ is: 'verbatim', type: 'text/rfc822-headers', bytes: original.header }];
  return {
    is: 'multipart',
    subtype: 'report',
    params: [['report-type', 'disposition-notification']],
    boundary: `mdn-${randomBytes(12).toString('hex')}`,
    parts: [{ is: 'text', text: mdn.textBody }, report, ...enclosed],
  };
}
