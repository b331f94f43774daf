/**
 * MAIL and RCPT as this server can take them, or why it cannot: SIZE (RFC 1870), 8BITMIME (RFC 6152), BINARYMIME (RFC 3030), SMTPUTF8
 * (RFC 6531), DSN (RFC 3461), REQUIRETLS (RFC 8689), MT-PRIORITY (RFC 6710), DELIVERBY (RFC 2852).
 */
import type { TlsInfo } from '../../events/event.ts';
import { domainToAscii } from '../../proto/smtp/domain.ts';
import type { Extensions } from '../../proto/smtp/extensions.ts';
import { formatMailbox, isAsciiText, splitAddress } from '../../proto/smtp/path.ts';
import { encodeUtf8Xtext, encodeXtext } from '../../proto/smtp/xtext.ts';
import type { AttemptRecipient } from '../../queue/attempt.ts';
import type { DeliverBy, QueuedMessage } from '../../queue/message.ts';
import { asSevenBit, hasEightBitHeader } from './seven-bit.ts';
import { wholeText, type OutgoingText } from './text.ts';

/** What a server can do that matters here, worked out once for each connection. */
export interface Abilities {
  readonly extensions: Extensions;
  readonly dsn: boolean;
  readonly eightBit: boolean;
  readonly binary: boolean;
  readonly utf8: boolean;
  readonly size: boolean;
  readonly sizeMax: number | undefined;
  /** Whether REQUIRETLS mail may go over this connection: it is offered, and the server has proved its name. */
  readonly requireTls: boolean;
  readonly priority: boolean;
  /** The shortest time in seconds that it can keep; undefined without DELIVERBY. */
  readonly deliverByMin: number | undefined;
}

export function abilitiesOf(extensions: Extensions, tls: TlsInfo | null): Abilities {
  return {
    extensions,
    dsn: extensions.has('DSN'),
    eightBit: extensions.has('8BITMIME'),
    binary: extensions.has('BINARYMIME') && extensions.has('CHUNKING'),
    utf8: extensions.has('SMTPUTF8'),
    size: extensions.has('SIZE'),
    sizeMax: extensions.sizeMaxBytes,
    requireTls: extensions.has('REQUIRETLS') && tls?.verified === true,
    priority: extensions.has('MT-PRIORITY'),
    deliverByMin: extensions.has('DELIVERBY')
      ? Number(extensions.params('DELIVERBY')[0] ?? 0) || 0
      : undefined,
  };
}

/** `text` is what is sent. `binary` needs BDAT. */
export interface Fit {
  readonly mail: string;
  readonly utf8: boolean;
  readonly text: OutgoingText;
  readonly binary: boolean;
  /** The server is told by when it is to be delivered. */
  readonly keepsTime: boolean;
}

export interface FitTo {
  readonly can: Abilities;
  /** Wall time. */
  readonly clock: { nowMs(): number };
  readonly eightBitAnyway: boolean;
}

/** Our own finding, in the form of a reply: the message cannot go to this server. */
export class Misfit {
  readonly reply: string;
  constructor(reply: string) {
    this.reply = reply;
  }
}

/** Fits the message to the server. What does not fit is a permanent failure. */
export function fit(message: QueuedMessage, text: OutgoingText, to: FitTo): Fit | Misfit {
  const { can, clock } = to;
  if (can.sizeMax !== undefined && text.sizeBytes > can.sizeMax) {
    return new Misfit(
      `552 5.3.4 Message of ${text.sizeBytes} bytes is larger than the ${can.sizeMax} the server takes`,
    );
  }
  if (message.requireTls && !can.requireTls) {
    return new Misfit('550 5.7.30 The server does not support REQUIRETLS, which the sender asks for');
  }
  const utf8 = message.smtpUtf8 && can.utf8;
  if (message.smtpUtf8 && !can.utf8 && hasInternationalHeader(text)) {
    return new Misfit('550 5.6.7 The server does not take international headers (SMTPUTF8)');
  }
  const body = bodyFor(message, text, to);
  if (body instanceof Misfit) return body;
  const sender = wireAddress(message.sender, utf8);
  if (sender === undefined)
    return new Misfit('550 5.6.7 The server does not take international addresses (SMTPUTF8)');
  let mail = `MAIL FROM:<${sender}>`;
  if (can.size) mail += ` SIZE=${body.text.sizeBytes}`;
  mail += body.param;
  if (utf8) mail += ' SMTPUTF8';
  if (message.requireTls) mail += ' REQUIRETLS';
  if (can.dsn) mail += dsnOfMessage(message);
  if (can.priority && message.priority !== 0) mail += ` MT-PRIORITY=${message.priority}`;
  const by = message.deliverBy === undefined ? '' : byParam(message.deliverBy, can, clock.nowMs());
  return { mail: `${mail}${by}\r\n`, utf8, text: body.text, binary: body.binary, keepsTime: by !== '' };
}

/** What is left of the time (RFC 2852, 4); nothing for a server that keeps none, or none so short. */
function byParam({ atMs, mode, trace }: DeliverBy, { deliverByMin }: Abilities, nowMs: number): string {
  const seconds = Math.ceil((atMs - nowMs) / 1000);
  if (deliverByMin === undefined || (deliverByMin > 0 && seconds < deliverByMin)) return '';
  const bounded = Math.max(-byMax, Math.min(byMax, seconds));
  return ` BY=${bounded};${mode === 'return' ? 'R' : 'N'}${trace ? 'T' : ''}`;
}

/** Nine digits (RFC 2852, 4). */
const byMax = 999_999_999;

interface Body {
  readonly text: OutgoingText;
  readonly param: string;
  readonly binary: boolean;
}

function bodyFor(message: QueuedMessage, text: OutgoingText, { can, eightBitAnyway }: FitTo): Body | Misfit {
  const isBinary = message.bodyKind === 'binarymime';
  if (isBinary && can.binary) return { text, param: ' BODY=BINARYMIME', binary: true };
  if (isBinary || (text.eightBit && !can.eightBit)) {
    // A long text would have to be held whole for this.
    const converted = text.is === 'whole' ? asSevenBit(text.bytes) : undefined;
    if (converted) return { text: wholeText(converted), param: '', binary: false };
    if (eightBitAnyway && !isBinary) return { text, param: '', binary: false };
    return new Misfit('550 5.6.3 The server takes 7-bit mail only, and this message cannot be converted');
  }
  return { text, param: text.eightBit && can.eightBit ? ' BODY=8BITMIME' : '', binary: false };
}

const hasInternationalHeader = (text: OutgoingText): boolean =>
  text.is === 'long' ? text.eightBitHeader : hasEightBitHeader(text.bytes);

/** What the sender asked for, and nothing else (RFC 3461, 5.2.1). */
function dsnOfMessage(message: QueuedMessage): string {
  const ret = message.ret === '' ? '' : ` RET=${message.ret.toUpperCase()}`;
  const envid = message.envid === '' ? '' : ` ENVID=${encodeXtext(message.envid)}`;
  return `${ret}${envid}`;
}

/** A whole RCPT line, or why this recipient cannot be named to the server. */
export function rcptCommand(recipient: AttemptRecipient, can: Abilities, utf8: boolean): string | Misfit {
  const address = wireAddress(recipient.address, utf8);
  if (address === undefined)
    return new Misfit('550 5.6.7 The server does not take international addresses (SMTPUTF8)');
  if (!can.dsn) return `RCPT TO:<${address}>\r\n`;
  const notify = recipient.notify.length === 0 ? '' : ` NOTIFY=${recipient.notify.join(',').toUpperCase()}`;
  return `RCPT TO:<${address}>${notify}${orcpt(recipient, utf8)}\r\n`;
}

/** RFC 3461, 4.2; RFC 6533, 3 for the `utf-8` type. Without one we name the address we were given, where a notice may come of it. */
function orcpt(recipient: AttemptRecipient, utf8: boolean): string {
  const semicolon = recipient.orcpt.indexOf(';');
  if (semicolon === -1) return '';
  const type = recipient.orcpt.slice(0, semicolon);
  const address = recipient.orcpt.slice(semicolon + 1);
  if (!/^[A-Za-z0-9-]+$/.test(type)) return '';
  if (type.toLowerCase() !== 'utf-8') return ` ORCPT=${type};${encodeXtext(address)}`;
  // utf-8-addr-unitext stands for itself only without blanks, controls and the characters that escapes begin with.
  const plain = utf8 && !/[\u0000-\u0020\u007f-\u009f\\+=]/.test(address);
  return ` ORCPT=utf-8;${plain ? address : encodeUtf8Xtext(address)}`;
}

/** The address as it is written between the brackets; undefined when it needs SMTPUTF8 and that is not there. */
export function wireAddress(address: string, utf8: boolean): string | undefined {
  if (plainAddress.test(address)) return address;
  const mailbox = splitAddress(address);
  if (mailbox === null) return '';
  if (controls.test(address)) return undefined;
  if (utf8) return formatMailbox(mailbox);
  if (!isAsciiText(mailbox.local)) return undefined;
  const domain = mailbox.domain === '' ? '' : domainToAscii(mailbox.domain);
  return domain === undefined ? undefined : formatMailbox({ local: mailbox.local, domain });
}

/** Intake lets none of these in; none may leave either. */
const controls = /[\u0000-\u001f\u007f-\u009f]/;

/** Nearly all addresses: nothing to quote, nothing international. */
const plainAddress = /^[A-Za-z0-9_+=-]+(?:\.[A-Za-z0-9_+=-]+)*@[A-Za-z0-9.-]+$/;
