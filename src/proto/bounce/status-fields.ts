/**
 * The fields of a delivery status notification (RFC 3464, RFC 6533), strict where they are right, and forgiving where mail programs write them otherwise: no blank
 * line between recipients, addresses without a type, remarks behind codes, fields in the middle of a text.
 */
import { decodeUtf8Address } from './typed-address.ts';

export interface StatusReport {
  /** Reporting-MTA without its type, or `''`. */
  readonly reportingMta: string;
  /** Original-Envelope-Id, or `''`. */
  readonly envelopeId: string;
  readonly recipients: readonly StatusRecipient[];
}

export interface StatusRecipient {
  readonly finalRecipient: string;
  readonly originalRecipient: string;
  /** Lower case, without remarks: `failed`, `delayed`, `delivered`, `relayed`, `expanded`; or `''`. */
  readonly action: string;
  readonly status: string;
  /** Without its type. */
  readonly diagnostic: string;
  readonly remoteMta: string;
}

/** Of one report. */
const recipientsMax = 200;
const fieldLine = /^[ \t>]{0,4}([A-Za-z][A-Za-z-]{2,60})[ \t]*:[ \t]*(.*)$/;

export function readStatusReport(text: string): StatusReport {
  const message = new Map<string, string>();
  const recipients: Map<string, string>[] = [];
  let open: Map<string, string> = message;
  for (const [name, value] of fieldsOf(text)) {
    if (recipients.length > recipientsMax) break;
    const begins =
      name === 'final-recipient' || name === 'original-recipient' || name === 'x-actual-recipient';
    if (
      begins &&
      (open === message || (open.has(name) && open.has('final-recipient')) || closed(open, name))
    ) {
      open = new Map();
      recipients.push(open);
    } else if (open === message && perRecipient.has(name)) {
      open = new Map();
      recipients.push(open);
    }
    if (!open.has(name)) open.set(name, value);
  }
  return {
    reportingMta: untyped(message.get('reporting-mta') ?? ''),
    envelopeId: message.get('original-envelope-id') ?? '',
    recipients: recipients
      .map(recipientOf)
      .filter((one) => one.finalRecipient !== '' || one.originalRecipient !== ''),
  };
}

const perRecipient = new Set(['action', 'status', 'diagnostic-code', 'remote-mta']);

/** A block that has its action already ends where the next recipient begins. */
function closed(block: ReadonlyMap<string, string>, name: string): boolean {
  return name === 'final-recipient'
    ? block.has('final-recipient')
    : block.has('original-recipient') && block.has('action');
}

function* fieldsOf(text: string): Generator<readonly [name: string, value: string]> {
  let open: [string, string] | undefined;
  for (const line of text.split('\n')) {
    const field = fieldLine.exec(line);
    const folded = /^[ \t]+\S/.test(line) && open !== undefined;
    if (folded && !(field && known.has(field[1]!.toLowerCase()))) {
      open![1] += ` ${line.trim()}`;
      continue;
    }
    if (open) yield open;
    open = field ? [field[1]!.toLowerCase(), field[2]!.trim()] : undefined;
  }
  if (open) yield open;
}

const known = new Set([
  'reporting-mta',
  'original-envelope-id',
  'arrival-date',
  'final-recipient',
  'original-recipient',
  'action',
  'status',
  'remote-mta',
  'diagnostic-code',
  'last-attempt-date',
]);

function recipientOf(fields: ReadonlyMap<string, string>): StatusRecipient {
  const [status, remark] = statusOf(fields.get('status') ?? '');
  const said = untyped(fields.get('diagnostic-code') ?? '');
  return {
    finalRecipient: decodeUtf8Address(
      fields.get('final-recipient') ?? fields.get('x-actual-recipient') ?? '',
    ),
    originalRecipient: decodeUtf8Address(fields.get('original-recipient') ?? ''),
    action: /^[a-z]+/i.exec(fields.get('action') ?? '')?.[0].toLowerCase() ?? '',
    status,
    diagnostic: said === '' ? remark : said,
    remoteMta: /^[^\s(]+/.exec(untyped(fields.get('remote-mta') ?? ''))?.[0] ?? '',
  };
}

/** The code, and what some write behind it. */
function statusOf(text: string): [status: string, remark: string] {
  const [, status = '', remark = ''] = /([245]\.\d{1,3}\.\d{1,3})\s*\(?([^)]*)\)?/.exec(text) ?? [];
  return [status, remark.trim()];
}

/** `smtp; 550 …` → `550 …`; what has no type is taken as it is. */
function untyped(text: string): string {
  return text.replace(/^(?:smtp|dns|x-[\w-]+|unknown|local|lmtp|rfc822|mta|http)\s*;\s*/i, '').trim();
}
