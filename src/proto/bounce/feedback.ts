/**
 * Complaints: feedback reports (RFC 5965, RFC 6591, RFC 6692), and those that providers write in forms of their own (Outlook.com's junk mail reporting programme returns
 * the mail that was complained of as an attachment, with the recipient in a field of its own).
 */
import { addressIn, decodeUtf8Address } from './typed-address.ts';
import type { Pieces } from './pieces.ts';
import type { ComplaintReason } from './reasons.ts';

export interface Complaint {
  readonly reason: ComplaintReason;
  /** Whom it was sent to, as far as it is told; providers hide it often. */
  readonly recipients: readonly string[];
  readonly originalSender: string;
  readonly sourceIp: string;
  readonly userAgent: string;
  /** Which rule saw it. */
  readonly rule: string;
}

const types: Readonly<Record<string, ComplaintReason>> = {
  abuse: 'abuse',
  fraud: 'fraud',
  virus: 'virusReport',
  'not-spam': 'notSpam',
  'opt-out': 'optOut',
  'opt-out-list': 'optOut',
  'auth-failure': 'authFailure',
  dmarc: 'authFailure',
  complaint: 'abuse',
  other: 'other',
};

export function complaintOf(pieces: Pieces): Complaint | undefined {
  if (pieces.feedback !== '') return fromReport(pieces);
  return fromJunkReport(pieces);
}

function fromReport(pieces: Pieces): Complaint {
  const field = (name: string): string[] =>
    [...pieces.feedback.matchAll(new RegExp(String.raw`^${name}[ \t]*:[ \t]*(.*)$`, 'gim'))].map((m) =>
      m[1]!.trim(),
    );
  const type = (field('feedback-type')[0] ?? field('abuse-type')[0] ?? '').toLowerCase();
  const told = [...field('original-rcpt-to'), ...field('removal-recipient')]
    .map(decodeUtf8Address)
    .filter((one) => one !== '');
  return {
    reason: types[type] ?? 'other',
    recipients: told.length > 0 ? [...new Set(told)] : originalRecipients(pieces.original),
    originalSender: addressIn(field('original-mail-from')[0] ?? ''),
    sourceIp: field('source-ip')[0] ?? '',
    userAgent: field('user-agent')[0] ?? '',
    rule: 'RFC 5965',
  };
}

function fromJunkReport(pieces: Pieces): Complaint | undefined {
  const from = addressIn(pieces.header('from')).toLowerCase();
  const outlook =
    /^staff@(?:hotmail|outlook|msn|live)\.com$/.test(from) ||
    /^x-hmxmroriginalrecipient:/im.test(pieces.original);
  const forwarded = /^complaint about message from /i.test(pieces.header('subject'));
  if (!outlook && !forwarded) return undefined;
  const hidden = /^x-hmxmroriginalrecipient:[ \t]*(.*)$/im.exec(pieces.original)?.[1] ?? '';
  const recipient = addressIn(hidden);
  return {
    reason: 'abuse',
    recipients: recipient === '' ? originalRecipients(pieces.original) : [recipient],
    originalSender: addressIn(/^return-path:[ \t]*(.*)$/im.exec(pieces.original)?.[1] ?? ''),
    sourceIp: /^x-originating-ip:[ \t]*\[?([\da-f.:]+)/im.exec(pieces.original)?.[1] ?? '',
    userAgent: 'Outlook.com',
    rule: 'junk mail report',
  };
}

/** To of the mail that came back, when it names one address. */
export function originalRecipients(original: string): string[] {
  const head = original.split(/\n\s*\n/, 1)[0] ?? '';
  const unfolded = head.replace(/\n[ \t]+/g, ' ');
  const to = /^(?:to|x-envelope-to|x-original-to|delivered-to):[ \t]*(.*)$/im.exec(unfolded)?.[1] ?? '';
  const address = addressIn(to);
  return address === '' ? [] : [address];
}
