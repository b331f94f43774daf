/**
 * Mail that comes back: a bounce (RFC 3464), a complaint (RFC 5965) or an automatic reply (RFC 3834), made from the header of the mail it answers.
 * Pure: time and randomness come in.
 */
import { compose, type Draft, type DraftField } from '../proto/mime/compose.ts';
import { formatMailbox, parseMailbox, type Mailbox } from '../proto/smtp/path.ts';
import { filled } from './receiver.ts';
import type { ReturnRule } from './options.ts';

export interface Returned {
  readonly rule: ReturnRule;
  /** To whom the mail was. */
  readonly recipient: Mailbox;
  readonly sender: Mailbox | null;
  /** Of the mail, in latin1. */
  readonly header: string;
  /** Where it came from. */
  readonly ip: string;
  readonly hostname: string;
  readonly atMs: number;
  /** Random. */
  readonly token: string;
}

export interface ReturnMail {
  /** Reverse-path: none for reports (RFC 3464, 2). */
  readonly sender: Mailbox | null;
  readonly to: Mailbox;
  readonly bytes: Buffer;
}

/** Undefined where there is nobody to tell: a mail without a sender gets no answer (RFC 5321, 6.1; RFC 3834, 2). */
export function returnMail(of: Returned): ReturnMail | undefined {
  const { rule, recipient, sender, header } = of;
  if (rule.kind === 'bounce') return sender ? made(of, sender, null, bounce(of)) : undefined;
  if (rule.kind === 'complaint') {
    const to = parseMailbox(rule.to) ?? feedbackAddress(header) ?? sender;
    return to ? made(of, to, recipient, complaint(of)) : undefined;
  }
  // RFC 3834, 2: no answer to what was sent by a program or to a list.
  const automatic = /^(?:Auto-Submitted:(?!\s*no\b)|Precedence:\s*(?:bulk|list|junk)|List-Id:)/im.test(
    header,
  );
  return sender && !automatic ? made(of, sender, recipient, autoReply(of)) : undefined;
}

type Content = Pick<Draft, 'body'> & { readonly subject: string; readonly more?: readonly DraftField[] };

function made(of: Returned, to: Mailbox, sender: Mailbox | null, content: Content): ReturnMail {
  const id = fieldOf(of.header, 'Message-ID');
  const thread = /^<[!-;=?-~]{3,200}>$/.test(id)
    ? [
        { name: 'In-Reply-To', raw: id },
        { name: 'References', raw: id },
      ]
    : [];
  const from = sender ?? { local: 'MAILER-DAEMON', domain: of.hostname };
  const bytes = compose({
    headers: [
      { name: 'From', addresses: [from] },
      { name: 'To', addresses: [to] },
      { name: 'Subject', text: content.subject },
      { name: 'Date', dateMs: of.atMs },
      { name: 'Message-ID', raw: `<${of.token}@${of.hostname}>` },
      ...(content.more ?? []),
      ...thread,
    ],
    body: content.body,
  });
  return { sender: of.rule.kind === 'autoReply' ? null : sender, to, bytes };
}

function bounce(of: Returned): Content {
  const address = formatMailbox(of.recipient);
  const reply = filled(of.rule.reply || '550 5.1.1 <{address}>: User unknown', of.recipient);
  const status = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})/.exec(reply)?.[1] ?? `${reply[0]}.0.0`;
  const fields = [
    `Reporting-MTA: dns; ${of.hostname}`,
    '',
    `Final-Recipient: rfc822; ${address}`,
    'Action: failed',
    `Status: ${status}`,
    `Diagnostic-Code: smtp; ${reply}`,
    '',
  ];
  return {
    subject: 'Undelivered Mail Returned to Sender',
    more: [{ name: 'Auto-Submitted', raw: 'auto-replied' }],
    body: report(of, 'delivery-status', {
      words: `Your message to ${address} could not be delivered:\n\n    ${reply}\n`,
      fields,
      original: 'text/rfc822-headers',
    }),
  };
}

function complaint(of: Returned): Content {
  const address = formatMailbox(of.recipient);
  const fields = [
    'Feedback-Type: abuse',
    'User-Agent: hikyaku-sink/1',
    'Version: 1',
    `Original-Mail-From: <${of.sender ? formatMailbox(of.sender) : ''}>`,
    `Original-Rcpt-To: <${address}>`,
    `Arrival-Date: ${new Date(of.atMs).toUTCString().replace('GMT', '+0000')}`,
    `Source-IP: ${of.ip}`,
    `Reporting-MTA: dns; ${of.hostname}`,
    '',
  ];
  return {
    subject: `FW: ${fieldOf(of.header, 'Subject').slice(0, 200)}`,
    body: report(of, 'feedback-report', {
      words: `This is an email abuse report for an email message received from ${of.ip}.\n`,
      fields,
      original: 'text/rfc822-headers',
    }),
  };
}

function autoReply(of: Returned): Content {
  const subject = fieldOf(of.header, 'Subject').slice(0, 200);
  return {
    subject: `Auto: ${subject}`,
    more: [{ name: 'Auto-Submitted', raw: 'auto-replied' }],
    body: { is: 'text', text: `${of.rule.reply || 'I am away and read your mail when I am back.'}\n` },
  };
}

interface ReportParts {
  readonly words: string;
  readonly fields: readonly string[];
  readonly original: string;
}

function report(of: Returned, type: string, { words, fields, original }: ReportParts): Draft['body'] {
  return {
    is: 'multipart',
    subtype: 'report',
    params: [['report-type', type]],
    boundary: `=_${of.token}`,
    parts: [
      { is: 'text', text: words },
      { is: 'verbatim', type: `message/${type}`, bytes: Buffer.from(fields.join('\r\n'), 'latin1') },
      { is: 'verbatim', type: original, bytes: Buffer.from(of.header, 'latin1') },
    ],
  };
}

/** RFC 9477, 3.2: where complaints about this mail are wanted. */
function feedbackAddress(header: string): Mailbox | undefined {
  const field = fieldOf(header, 'CFBL-Address').split(';')[0]!.trim();
  return parseMailbox(field.replace(/^<|>$/g, ''));
}

/** Unfolded; empty when absent. Without what may not stand in a header. */
export function fieldOf(header: string, name: string): string {
  const found = new RegExp(`^${RegExp.escape(name)}:((?:.|\\r\\n[ \\t])*)`, 'im').exec(header)?.[1] ?? '';
  return found
    .replace(/\r\n(?=[ \t])/g, '')
    .replace(/[\u0000-\u001f\u007f]/g, ' ')
    .trim();
}
