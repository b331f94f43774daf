/**
 * Every reply there is, with enhanced codes (RFC 3463, RFC 5248).
 *
 * The domain throws a `Refusal` with a reason; the table for reasons does not compile when one is missing. What this server itself
 * finds wrong with a command has a row in `own`. Texts say what to do, name no internals, and are ASCII.
 */
import { Refusal, type Reason } from '../base/refusal.ts';
import { JudgedRefusal } from '../intake/judged-refusal.ts';
import type { Fault } from '../proto/smtp/command.ts';

type TryLater = 421 | 450 | 451 | 452 | 454;
type GiveUp = 500 | 501 | 502 | 503 | 504 | 530 | 534 | 535 | 538 | 550 | 552 | 553 | 554 | 555;

/** The enhanced code without its first digit: that digit always comes from the code. */
type Row = readonly [code: TryLater | GiveUp, detail: `${number}.${number}`, text: string];

const reasons = {
  mailboxUnknown: [550, '1.1', 'No such mailbox here'],
  mailboxDisabled: [550, '2.1', 'This mailbox is switched off'],
  mailboxFull: [452, '2.2', 'Mailbox is full, try again later'],
  mailboxNotFound: [550, '1.1', 'No such mailbox here'],
  mailboxExists: [550, '3.0', 'That exists already'],
  mailboxNameInvalid: [550, '3.0', 'That name cannot be used'],
  domainUnknown: [550, '1.2', 'No such domain'],
  addressInvalid: [553, '1.3', 'That is not an address mail can be sent to'],
  senderNotAllowed: [550, '7.1', 'You may not send as this address'],
  relayDenied: [550, '7.1', 'Relay denied: log in on the submission port to send to other domains'],
  messageTooLarge: [552, '3.4', 'Message is larger than this server accepts'],
  messageMalformed: [554, '6.0', 'Message does not follow RFC 5322'],
  tooManyRecipients: [452, '5.3', 'Too many recipients in one message, send the rest in another'],
  mailLoop: [554, '4.6', 'Message goes in a circle: too many hops'],
  authenticationFailed: [535, '7.8', 'User name or password is wrong'],
  authenticationRequired: [530, '7.0', 'Log in first (AUTH)'],
  encryptionRequired: [530, '7.0', 'Start TLS first (STARTTLS)'],
  accountLocked: [454, '7.0', 'Too many failed logins, try again later'],
  rateLimited: [451, '7.1', 'Too much in too short a time, try again later'],
  sendingLimit: [452, '7.1', 'More mail than you may send in a day is waiting already, try again later'],
  suppressed: [550, '7.1', 'This address is on your suppression list: take it off the list to send there'],
  sendingPaused: [
    450,
    '7.1',
    'Sending with this login is paused, somebody else seems to use it: ask your administrator',
  ],
  notAllowed: [550, '7.1', 'Refused by policy'],
  notFound: [550, '3.0', 'Not found'],
  conflict: [451, '3.0', 'Something else changed it meanwhile, try again'],
  keyUsed: [554, '5.0', 'Idempotency key was used for another message'],
  invalid: [554, '5.0', 'That cannot be done with this message'],
  limitReached: [452, '3.1', 'A limit is reached, try again later'],
  storageBusy: [451, '3.0', 'Cannot take the message now, try again later'],
  storageFull: [452, '3.1', 'No room to store the message now, try again later'],
  shuttingDown: [421, '3.2', 'Server is going down, try again soon'],
} as const satisfies Record<Reason, Row>;

const faults = {
  unknownCommand: [500, '5.1', 'Unknown command, HELP tells what there is'],
  notText: [500, '5.2', 'Commands are text in ASCII or UTF-8'],
  syntax: [501, '5.4', 'Syntax:'],
  senderSyntax: [501, '1.7', 'Syntax of the sender:'],
  recipientSyntax: [501, '1.3', 'Syntax of the recipient:'],
  paramUnknown: [555, '5.4', 'Parameter is not known here:'],
  paramSyntax: [501, '5.4', 'Wrong value or given twice:'],
} as const satisfies Record<Fault, Row>;

const own = {
  tooManyErrors: [421, '7.0', 'Too many errors, good-bye'],
  tooManyIdle: [421, '7.0', 'Too many commands without a message, good-bye'],
  tooManyMessages: [421, '7.0', 'Enough messages for one connection, connect again'],
  tooManyLogins: [421, '7.0', 'Too many failed logins, good-bye'],
  tooManyConnections: [421, '7.0', 'Too many connections, try again later'],
  tooOften: [421, '7.0', 'Your network connects too often, try again later'],
  banned: [421, '7.0', 'Your network has asked for too many addresses that do not exist, try again later'],
  guessing: [421, '7.0', 'Too many addresses that do not exist, good-bye'],
  timeout: [421, '4.2', 'Nothing heard for too long, good-bye'],
  shuttingDown: [421, '3.2', 'Server is going down, try again soon'],
  notSmtp: [421, '5.0', 'This is a mail server, not a web server'],
  pipelining: [554, '5.0', 'You sent on without waiting for the answer'],
  lineTooLong: [500, '5.2', 'Line is too long'],
  authLineTooLong: [500, '5.6', 'Line is too long'],
  bareCommandEnd: [500, '5.2', 'Lines end with CR LF, not with one of them'],
  notHere: [502, '5.1', 'Command is not offered here'],
  helloFirst: [503, '5.1', 'Say EHLO first'],
  lhloFirst: [503, '5.1', 'Say LHLO first'],
  lhloOnly: [500, '5.1', 'This is LMTP: say LHLO'],
  smtpOnly: [500, '5.1', 'This is SMTP: say EHLO'],
  mailFirst: [503, '5.1', 'Say MAIL first'],
  mailGiven: [503, '5.1', 'MAIL was given already, RSET forgets it'],
  rcptFirst: [503, '5.1', 'Say RCPT first'],
  noRecipients: [554, '5.1', 'No recipient was accepted'],
  chunksBegun: [503, '5.1', 'BDAT has begun: go on with it, or RSET'],
  binaryNeedsBdat: [503, '5.1', 'BINARYMIME mail is sent with BDAT'],
  bdatRefused: [503, '5.1', 'BDAT has no mail to belong to'],
  tlsFirst: [530, '7.0', 'Start TLS first (STARTTLS)'],
  requireTlsFirst: [530, '7.10', 'REQUIRETLS needs TLS: start it first (STARTTLS)'],
  tlsGiven: [503, '5.1', 'TLS is on already'],
  authFirst: [530, '7.0', 'Log in first (AUTH)'],
  authGiven: [503, '5.1', 'You are logged in already'],
  authInMail: [503, '5.1', 'Not within a mail'],
  authMechanism: [504, '5.4', 'Mechanism is not offered here'],
  authSyntax: [501, '5.2', 'That is not base64'],
  authCancelled: [501, '7.0', 'Login cancelled'],
  paramNotOffered: [555, '5.4', 'Parameter is not offered here:'],
  holdTooLong: [501, '5.4', 'Cannot hold mail for so long'],
  holdBeyondTime: [501, '5.4', 'It would be held until after the time by which it is to be delivered'],
  holdTwice: [501, '5.4', 'Either HOLDFOR or HOLDUNTIL'],
  needsUtf8: [553, '6.7', 'Address is not ASCII: add SMTPUTF8 to MAIL'],
  bareLineEnd: [550, '6.11', 'Message has a CR or LF on its own; lines end with CR LF (RFC 5321, 2.3.8)'],
  nul: [554, '6.0', 'Message has a NUL octet, which text may not have'],
  textLineTooLong: [554, '6.0', 'Message has a line longer than this server accepts'],
  swallowed: [421, '3.4', 'Far more than this server accepts, good-bye'],
  expnNotOffered: [502, '7.0', 'Lists are not shown'],
  vrfySyntax: [501, '5.4', 'Syntax: VRFY address'],
} as const satisfies Record<string, Row>;

export type OwnReply = keyof typeof own;

const wire = (rows: Readonly<Record<string, Row>>): Record<string, string> =>
  Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, formatRow(row)]));

function formatRow([code, detail, text]: Row, more = ''): string {
  return `${code} ${Math.trunc(code / 100)}.${detail} ${text}${more === '' ? '' : ` ${more}`}\r\n`;
}

/** Made once: whole reply lines with CRLF. */
const reasonLines = wire(reasons) as Readonly<Record<Reason, string>>;

/** What this server itself says no with. */
export const replies = wire(own) as Readonly<Record<OwnReply, string>>;

/** The reply line for whatever was thrown. Total: an unknown error is a 451, and its text stays here. */
export function replyFor(thrown: unknown): string {
  if (thrown instanceof JudgedRefusal) {
    const { code, enhanced } = thrown.status ?? { code: thrown.temporary ? 451 : 550, enhanced: '' };
    return `${code} ${enhanced || `${Math.trunc(code / 100)}.7.1`} ${oneLine(thrown.reply)}\r\n`;
  }
  return reasonLines[thrown instanceof Refusal ? thrown.reason : 'storageBusy'];
}

export function faultReply(fault: Fault, hint: string): string {
  return formatRow(faults[fault], hint);
}

export function paramNotOffered(keyword: string): string {
  return formatRow(own.paramNotOffered, keyword);
}

/** A judge's words, fit for a reply: ASCII without controls, not longer than a line. */
function oneLine(text: string): string {
  return (
    text
      .replace(/[^ -~]+/g, ' ')
      .trim()
      .slice(0, 400) || 'Refused by policy'
  );
}
