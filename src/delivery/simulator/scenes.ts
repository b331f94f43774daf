/**
 * What the simulator can play: for each name before the `@` how the attempt ends, with the texts that real servers answer with. Addresses of docomo and au are told
 * apart by phase: after the text the same reply means a filter, not a user who is gone.
 */
import type { SmtpPhase } from '../../events/event.ts';

export type Sends = 'complaint' | 'autoReply' | 'lateBounce' | 'mailboxFullLater';

export type Scene =
  | { readonly is: 'delivered'; readonly afterMs?: number; readonly sends?: Sends }
  /** For good. */
  | { readonly is: 'failed'; readonly host: string; readonly phase: SmtpPhase; readonly reply: string }
  /** For the first `times` attempts; then it is delivered. */
  | {
      readonly is: 'deferred';
      readonly host: string;
      readonly phase: SmtpPhase;
      readonly reply: string;
      readonly times: number;
      readonly siteDown?: true;
    }
  /** The final dot was sent and no answer came; the second attempt is delivered. */
  | { readonly is: 'unknown'; readonly host: string };

const gmail = 'gmail-smtp-in.l.google.com';
const outlook = 'outlook-com.olc.protection.outlook.com';
const yahoo = 'mta5.am0.yahoodns.net';
const yahooJp = 'mx1.mail.yahoo.co.jp';
const docomo = 'mfsmax.docomo.ne.jp';
const au = 'lsean.ezweb.ne.jp';
const softbank = 'mx.softbank.ne.jp';
const icloud = 'mx01.mail.icloud.com';
const here = 'mx.simulator.test';
const always = Infinity;

const failed = (host: string, phase: SmtpPhase, reply: string): Scene => ({
  is: 'failed',
  host,
  phase,
  reply,
});
const deferred = (host: string, phase: SmtpPhase, reply: string, times = 1): Scene => ({
  is: 'deferred',
  host,
  phase,
  reply,
  times,
});

/** By the name before the `@`; `{}` in a reply is the address. What is behind a `+` is free. */
export const scenes: Readonly<Record<string, Scene>> = {
  delivered: { is: 'delivered' },
  slow: { is: 'delivered', afterMs: 5000 },
  complaint: { is: 'delivered', sends: 'complaint' },
  'auto-reply': { is: 'delivered', sends: 'autoReply' },
  'late-bounce': { is: 'delivered', sends: 'lateBounce' },
  'late-mailbox-full': { is: 'delivered', sends: 'mailboxFullLater' },
  'unknown-user': failed(here, 'rcpt', '550 5.1.1 <{}>: Recipient address rejected: User unknown'),
  'bad-domain': failed(here, 'rcpt', '550 5.1.2 <{}>: Recipient address rejected: Domain not found'),
  disabled: failed(here, 'rcpt', '550 5.2.1 <{}>: Mailbox disabled, not accepting messages'),
  moved: failed(here, 'rcpt', '551 5.1.6 <{}>: The user has moved and left no forwarding address'),
  'over-quota': failed(here, 'rcpt', '552 5.2.2 <{}>: Mailbox full'),
  'too-large': failed(here, 'data', '552 5.3.4 Message size exceeds fixed limit'),
  'relay-denied': failed(here, 'rcpt', '554 5.7.1 <{}>: Relay access denied'),
  spam: failed(here, 'data', '550 5.7.1 Message content rejected as spam'),
  virus: failed(here, 'data', '550 5.7.1 Message refused: virus found'),
  blocked: failed(here, 'rcpt', '554 5.7.1 Service unavailable; Client host blocked using zen.spamhaus.org'),
  'dmarc-reject': failed(here, 'data', '550 5.7.1 Rejected by the DMARC policy of the sender'),
  'mailbox-full': deferred(here, 'rcpt', '452 4.2.2 <{}>: Mailbox full', always),
  greylisted: deferred(here, 'rcpt', '451 4.7.1 <{}>: Greylisted, please try again later'),
  'rate-limited': deferred(here, 'mail', '421 4.7.0 Too many messages from your address, try again later', 2),
  busy: deferred(here, 'connect', '421 4.3.2 System not accepting network messages'),
  timeout: {
    is: 'deferred',
    host: '',
    phase: 'connect',
    reply: '451 4.4.1 Connection timed out',
    times: always,
    siteDown: true,
  },
  reset: deferred(here, 'data', '451 4.4.2 Connection lost', 1),
  'no-answer': { is: 'unknown', host: here },
  'gmail-unknown-user': failed(
    gmail,
    'rcpt',
    "550-5.1.1 The email account that you tried to reach does not exist. Please try / 550-5.1.1 double-checking the recipient's email address for typos or / 550 5.1.1 unnecessary spaces.",
  ),
  'gmail-over-quota': failed(
    gmail,
    'rcpt',
    "552-5.2.2 The recipient's inbox is out of storage space and inactive. Please / 552 5.2.2 direct the recipient to free space.",
  ),
  'gmail-rate': deferred(
    gmail,
    'data',
    '421-4.7.28 Gmail has detected an unusual rate of unsolicited mail originating / 421 4.7.28 from your IP address. To protect our users from spam, mail sent from your IP address has been temporarily rate limited.',
    2,
  ),
  'gmail-spam': failed(
    gmail,
    'data',
    '550-5.7.1 Our system has detected that this message is likely unsolicited mail. To / 550 5.7.1 reduce the amount of spam sent to Gmail, this message has been blocked.',
  ),
  'gmail-unauthenticated': failed(
    gmail,
    'data',
    '550-5.7.26 Your email has been blocked because the sender is unauthenticated. Gmail / 550 5.7.26 requires all senders to authenticate with either SPF or DKIM.',
  ),
  'outlook-unknown-user': failed(
    outlook,
    'rcpt',
    '550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302).',
  ),
  'outlook-blocked': failed(
    outlook,
    'mail',
    "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3140).",
  ),
  'outlook-busy': deferred(
    outlook,
    'mail',
    '451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation (S775).',
    2,
  ),
  'outlook-authentication': failed(
    outlook,
    'data',
    '550 5.7.515 Access denied, sending domain does not meet the required authentication level.',
  ),
  'yahoo-unknown-user': failed(
    yahoo,
    'data',
    "554 delivery error: dd This user doesn't have a yahoo.com account (0)",
  ),
  'yahoo-deferred': deferred(
    yahoo,
    'mail',
    '421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints',
    2,
  ),
  'yahoo-jp-unknown-user': failed(yahooJp, 'rcpt', '553 5.3.0 <{}>... No such user here'),
  'yahoo-jp-busy': deferred(yahooJp, 'connect', '421 4.4.5 Too many connections, try again later', 2),
  'icloud-over-quota': failed(icloud, 'rcpt', '552 5.2.2 <{}>: user is over quota'),
  'docomo-unknown-user': failed(docomo, 'rcpt', '550 Unknown user {}'),
  'docomo-filtered': failed(docomo, 'data', '550 Unknown user {}'),
  'docomo-busy': deferred(docomo, 'connect', '421 Service not available, closing transmission channel', 2),
  'au-unknown-user': failed(au, 'rcpt', '550 <{}>: User unknown'),
  'au-filtered': failed(au, 'data', '550 : User unknown'),
  'au-reset': {
    ...deferred(au, 'connect', '451 4.4.2 Connection reset by peer', 2),
    siteDown: true,
  } as Scene,
  'softbank-unknown-user': failed(softbank, 'rcpt', '550 Invalid recipient: <{}>'),
  'softbank-busy': deferred(softbank, 'mail', '421 4.7.0 Too many messages, try again later', 2),
};

/** The scene of an address: any other name, and every address elsewhere that a test key sends to, is delivered. */
export function sceneOf(address: string, domain: string): Scene {
  const at = address.lastIndexOf('@');
  if (address.slice(at + 1).toLowerCase() !== domain) return scenes['delivered']!;
  const name = address.slice(0, at).toLowerCase().split('+', 1)[0]!;
  return (Object.hasOwn(scenes, name) ? scenes[name] : undefined) ?? scenes['delivered']!;
}
