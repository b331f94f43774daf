/**
 * Reads a mail that came back: is it a report of delivery, a complaint, a reply by a machine, or none of these, and what does it say of whom.
 *
 * A bounce is what a mail system says, not what looks like one: a person who attaches a bounce has written a mail. Pure and total: never throws, bounded work.
 */
import { autoReplyOf } from './auto-reply.ts';
import { complaintOf, originalRecipients } from './feedback.ts';
import { type FreeRecipient, freeRecipients } from './free-form.ts';
import { type Pieces, splitAtOriginal, takeApart } from './pieces.ts';
import { replyCodes, saysNothing } from './reply-codes.ts';
import { readStatusReport, type StatusRecipient } from './status-fields.ts';
import { serviceNotification } from './service-notification.ts';
import { addressIn } from './typed-address.ts';
import { judged, type ReturnedRecipient, type Told } from './judge.ts';

export interface Returned {
  readonly is: 'bounce' | 'complaint' | 'autoReply' | 'none';
  readonly recipients: readonly ReturnedRecipient[];
  /** Message-ID of the mail that came back, with its brackets, or `''`. */
  readonly originalMessageId: string;
  /** Subject of it, as it was written, or `''`. */
  readonly originalSubject: string;
  readonly reportingMta: string;
  readonly envelopeId: string;
}

export function readReturned(message: Buffer): Returned {
  const pieces = unquoted(takeApart(message));
  const about = {
    originalMessageId: originalField(pieces.original, 'message-id'),
    originalSubject: originalField(pieces.original, 'subject'),
    reportingMta: '',
    envelopeId: '',
  };
  const complaint = complaintOf(pieces);
  if (complaint) {
    const addresses = complaint.recipients.length > 0 ? complaint.recipients : [''];
    const said = {
      class: 'complaint',
      reason: complaint.reason,
      rule: complaint.rule,
      confidence: 95,
    } as const;
    return {
      is: 'complaint',
      recipients: addresses.map((address) => ({ ...silent, ...said, address })),
      ...about,
    };
  }
  const reported = statusRecipients(pieces);
  if (reported) return { is: 'bounce', ...about, ...reported };
  const noticed = serviceNotification(pieces.text);
  if (noticed) return { is: 'bounce', recipients: noticed.map((one) => judged(one, pieces)), ...about };
  const reply = autoReplyOf(pieces);
  if (reply && !daemons.test(pieces.header('from'))) {
    const address = addressIn(pieces.header('from'));
    const said = { class: 'autoReply', reason: reply, rule: 'RFC 3834', confidence: 90 } as const;
    return { is: 'autoReply', recipients: [{ ...silent, ...said, address }], ...about };
  }
  const recipients = freeFormRecipients(pieces);
  return { is: recipients.length > 0 ? 'bounce' : 'none', recipients, ...about };
}

/** A report that a person sends on, quoted. */
function unquoted(pieces: Pieces): Pieces {
  if (!forwardedSubject.test(pieces.header('subject'))) return pieces;
  const { before, after } = splitAtOriginal(pieces.text.replace(/^> ?/gm, ''));
  return { ...pieces, text: before, original: pieces.original || after };
}

const forwardedSubject = /^(?:fwd?|転送)\s*:\s*(?:returned mail|undeliver|failure notice|delivery|mail )/i;

const silent = {
  address: '',
  originalAddress: '',
  phase: '',
  code: '',
  status: '',
  diagnostic: '',
  remoteMta: '',
} as const satisfies Partial<ReturnedRecipient>;

type Reported = Pick<Returned, 'recipients' | 'reportingMta' | 'envelopeId'>;

function statusRecipients(pieces: Pieces): Reported | undefined {
  const sources = pieces.statuses.length > 0 ? pieces.statuses : inText(pieces);
  const reports = sources.map(readStatusReport);
  const told = reports.flatMap((report) => report.recipients);
  if (told.length === 0) return undefined;
  const free = freeRecipients(pieces.text, ownAddresses(pieces));
  const recipients = told.map((one) => judged(toldOf(one, free, told.length, pieces.text), pieces));
  return { recipients, reportingMta: reports[0]!.reportingMta, envelopeId: reports[0]!.envelopeId };
}

/** Fields of a status in the middle of a text. */
function inText(pieces: Pieces): string[] {
  const at = pieces.text.search(/^[ \t>]*(?:final|original)-recipient[ \t]*:/im);
  if (at === -1 || !(isDaemon(pieces) || pieces.reportType === 'delivery-status')) return [];
  const before = pieces.text.lastIndexOf('Reporting-MTA', at);
  return [pieces.text.slice(before === -1 ? at : before)];
}

function toldOf(one: StatusRecipient, free: readonly FreeRecipient[], count: number, text: string): Told {
  const address = one.finalRecipient || one.originalRecipient;
  const same = free.find((other) =>
    [address, one.originalRecipient].some((name) => name.toLowerCase() === other.address.toLowerCase()),
  );
  const said = same?.said ?? (count === 1 ? text : '');
  const { originalRecipient: originalAddress, action, status, remoteMta: host, diagnostic } = one;
  return { address, originalAddress, action, status, said, host, diagnostic };
}

function freeFormRecipients(pieces: Pieces): ReturnedRecipient[] {
  if (!isDaemon(pieces) && !saysReturned(pieces)) return [];
  const failed = [
    ...pieces.header('x-failed-recipients').split(','),
    ...pieces.header('x-failed-recipient').split(','),
  ]
    .map(addressIn)
    .filter((one) => one !== '');
  const strict = freeRecipients(pieces.text, ownAddresses(pieces));
  // Who writes to themselves is the recipient, too.
  const free = strict.length > 0 ? strict : freeRecipients(pieces.text, new Set());
  if (failed.length > 0) {
    const byAddress = new Map(free.map((one) => [one.address.toLowerCase(), one.said]));
    return [...new Set(failed)].map((address) =>
      judged({ address, said: byAddress.get(address.toLowerCase()) || pieces.text }, pieces),
    );
  }
  const found = free.filter((one) => !isSystem(one.address));
  const told =
    found.length > 0
      ? found.map((one) => withTranscript(one, found.length, pieces.text))
      : fallback(pieces, free);
  return told.map((one) => judged(one, pieces));
}

/** With one recipient the whole text is about it; with several, what names it in the transcript. */
function withTranscript({ address, said }: FreeRecipient, count: number, text: string): Told {
  if (replyCodes(said).code !== '' || !saysNothing(replyCodes(said).status)) return { address, said };
  return { address, said: count === 1 ? text : said };
}

function fallback(pieces: Pieces, free: readonly FreeRecipient[]): Told[] {
  if (free.length > 0) return free.map(({ address }) => ({ address, said: pieces.text }));
  return originalRecipients(pieces.original).map((address) => ({ address, said: pieces.text }));
}

const isSystem = (address: string): boolean =>
  /^(?:mailer-daemon|postmaster|abuse|support|help|noc|hostmaster|security)@/i.test(address);

/** Addresses that a report names and that are not the recipient: who wrote it, whom it was written to. */
function ownAddresses({ header, original }: Pieces): Set<string> {
  const own = [
    header('from'),
    header('to'),
    header('reply-to'),
    header('return-path'),
    originalField(original, 'from'),
    originalField(original, 'return-path'),
  ];
  const set = new Set(own.map((text) => addressIn(text).toLowerCase()));
  set.delete('');
  for (const one of originalRecipients(original)) set.delete(one.toLowerCase());
  return set;
}

/** Who writes reports. Replies of machines have the null sender, too. */
function isDaemon({ header, reportType }: Pieces): boolean {
  if (reportType === 'delivery-status' || header('x-failed-recipients') !== '') return true;
  return daemons.test(header('from')) || /^<>$/.test(header('return-path')) || daemons.test(header('sender'));
}

const daemons =
  /(?:mailer|mail)[-_. ]?(?:daemon|deliver\w*|system)|post[-_ .]?master|\bmail delivery|delivery (?:subsystem|system|agent|status)|no-?reply@.*(?:dion|auone|ezweb)|interscan|^\s*<>|delivery@|antispam|mailmarshal|\bbounces?@|-admin@|mail administrator|system administrator|returned mail/i;

function saysReturned({ header }: Pieces): boolean {
  const subject = header('subject');
  if (forwardedSubject.test(subject)) return true;
  return bounceSubjects.test(subject) && header('in-reply-to') === '' && header('references') === '';
}

const bounceSubjects =
  /^(?:(?:re|fwd?)\s*:\s*)?(?:undeliver(?:able|ed)|returned mail|failure notice|delivery (?:status )?(?:notification|failure|has failed|report)|mail (?:could not be delivered|delivery|system error|not delivered|failure)|message (?:could not be delivered|delivery|undeliverable)|permanent delivery failure|unzustellbar|non remis|nondeliverable|não entregue|no se puede entregar|не доставлено|(?:メール|配信|送信).{0,12}(?:エラー|不能|失敗|できません)|配達不能|配信不能|送信エラー|email (?:delivery|not)|warning: (?:could not send|message))/iu;

function originalField(original: string, name: string): string {
  const head = original.split(/\n\s*\n/, 1)[0] ?? '';
  const found =
    new RegExp(String.raw`^[ >]*${name}[ \t]*:[ \t]*(.*(?:\n[ \t]+\S.*)*)`, 'im').exec(head)?.[1] ?? '';
  return found
    .replace(/\n[ \t]+/g, ' ')
    .trim()
    .slice(0, 998);
}
