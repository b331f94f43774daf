/** What simulated recipients send back: complaints (RFC 5965), vacation answers (RFC 3834), bounces that come late (RFC 3464). */
import type { Clock } from '../../base/clock.ts';
import { newSecret } from '../../base/ids.ts';
import { compose, type DraftBody, type DraftField } from '../../proto/mime/compose.ts';
import { splitAddress } from '../../proto/smtp/path.ts';
import { simulatorDomain } from '../../queue/attempt.ts';
import type { QueuedMessage } from '../../queue/message.ts';
import type { Sends } from './scenes.ts';

export interface Answered {
  /** `''`: the null sender. */
  readonly from: string;
  readonly to: string;
  readonly bytes: Buffer;
}

interface Facts {
  readonly message: QueuedMessage;
  readonly address: string;
  readonly hostname: string;
  readonly clock: Pick<Clock, 'nowMs'>;
}

const postmaster = `mailer-daemon@${simulatorDomain}`;
const abuse = `complaints@${simulatorDomain}`;

export function answerTo(what: Sends, facts: Facts): Answered {
  const { sender } = facts.message;
  switch (what) {
    case 'complaint':
      return {
        from: abuse,
        to: sender,
        bytes: letter(facts, abuse, 'complaint about your message', complaint(facts)),
      };
    case 'autoReply':
      return { from: '', to: sender, bytes: vacation(facts) };
    case 'lateBounce':
      return { from: '', to: sender, bytes: bounce(facts, '5.1.1', '550 5.1.1 User unknown') };
    default:
      return { from: '', to: sender, bytes: bounce(facts, '4.2.2', '452 4.2.2 Mailbox full') };
  }
}

function letter(
  facts: Facts,
  from: string,
  subject: string,
  body: DraftBody,
  more: DraftField[] = [],
): Buffer {
  const { message, clock } = facts;
  const address = (text: string) => [splitAddress(text)!];
  return compose({
    headers: [
      { name: 'From', addresses: address(from) },
      { name: 'To', addresses: address(message.sender) },
      { name: 'Subject', text: subject },
      { name: 'Date', dateMs: clock.nowMs() },
      { name: 'Message-ID', raw: `<${newSecret(12)}@${simulatorDomain}>` },
      ...more,
    ],
    body,
  });
}

const report = (type: string, parts: DraftBody[]): DraftBody => ({
  is: 'multipart',
  subtype: 'report',
  params: [['report-type', type]],
  boundary: `=_${newSecret(18)}`,
  parts,
});

function header({ message, address }: Facts): Buffer {
  return Buffer.from(
    `From: <${message.sender}>\r\nTo: <${address}>\r\nMessage-ID: ${message.headerMessageId}\r\nX-Message: ${message.id}\r\n\r\n`,
  );
}

function complaint(facts: Facts): DraftBody {
  const { message, address, clock } = facts;
  const fields = [
    'Feedback-Type: abuse',
    'User-Agent: Hikyaku-Simulator/1',
    'Version: 1',
    `Original-Mail-From: <${message.sender}>`,
    `Original-Rcpt-To: <${address}>`,
    `Arrival-Date: ${new Date(clock.nowMs()).toUTCString().replace('GMT', '+0000')}`,
    'Source-IP: 192.0.2.1',
  ];
  return report('feedback-report', [
    { is: 'text', text: 'This is a simulated complaint about a message of yours.\n' },
    { is: 'verbatim', type: 'message/feedback-report', bytes: Buffer.from(`${fields.join('\r\n')}\r\n`) },
    { is: 'verbatim', type: 'message/rfc822', bytes: header(facts) },
  ]);
}

function vacation(facts: Facts): Buffer {
  const text =
    'I am away and will read your mail when I am back. This answer is simulated.\n不在にしております（シミュレーター）。\n';
  return letter(facts, facts.address, `Out of office: ${facts.message.subject}`, { is: 'text', text }, [
    { name: 'Auto-Submitted', raw: 'auto-replied' },
    ...(facts.message.headerMessageId === ''
      ? []
      : [{ name: 'In-Reply-To', text: facts.message.headerMessageId }]),
  ]);
}

function bounce(facts: Facts, status: string, diagnostic: string): Buffer {
  const { address } = facts;
  const fields = [
    `Reporting-MTA: dns; mx.${simulatorDomain}`,
    '',
    `Final-Recipient: rfc822; ${address}`,
    'Action: failed',
    `Status: ${status}`,
    `Diagnostic-Code: smtp; ${diagnostic}`,
  ];
  const body = report('delivery-status', [
    { is: 'text', text: `Your message to ${address} could not be delivered. This bounce is simulated.\n` },
    { is: 'verbatim', type: 'message/delivery-status', bytes: Buffer.from(`${fields.join('\r\n')}\r\n`) },
    { is: 'verbatim', type: 'text/rfc822-headers', bytes: header(facts) },
  ]);
  return letter(facts, postmaster, 'Undelivered Mail Returned to Sender', body, [
    { name: 'Auto-Submitted', raw: 'auto-replied' },
  ]);
}
