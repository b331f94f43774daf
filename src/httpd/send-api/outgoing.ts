/**
 * One mail of the send API on its way in: read, rendered, written, and handed to intake like any other mail. Its answer is made before it is accepted, for an
 * idempotency key keeps it in the same transaction.
 */
import type { MessageId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { kindOf } from '../../directory/application.ts';
import type { Principal, StreamKind } from '../../directory/principal.ts';
import type { Envelope, MailTransaction } from '../../intake/intake.ts';
import type { SessionInfo } from '../../intake/session-info.ts';
import type { Unsent } from '../../intake/program-mail.ts';
import { onceScope } from '../../intake/submitted-once.ts';
import { decodeBase64 } from '../../proto/mime/base64.ts';
import { displayName, formatAddrSpec, type Mailbox } from '../../proto/mime/address.ts';
import { withCrlf } from '../../proto/mime/compose.ts';
import { fieldText, findField, parseHeaders } from '../../proto/mime/headers.ts';
import { isAsciiMailbox, type Mailbox as PathMailbox } from '../../proto/smtp/path.ts';
import type { HttpParts } from '../parts.ts';
import { readAddress, readAddresses } from './addresses.ts';
import { attachedFiles } from './attachments.ts';
import type { SendCaller } from './caller.ts';
import { scheduledMaxDays, type Accepted, type NewMessage, type RecipientResult } from './contract.ts';
import { composeLetter, givenMessageId, type Letter } from './draft.ts';
import { answeredOnce, checkSame, type AskedOnce } from './once.ts';
import { textsOf } from './render.ts';
import { isoTime } from './status.ts';

export type OutgoingParts = Pick<HttpParts, 'directory' | 'clock' | 'send'>;

/** What is to be sent, checked as far as that goes without beginning. */
export interface Outgoing {
  readonly caller: SendCaller;
  readonly asked: NewMessage;
  readonly from: Mailbox;
  readonly principal: Principal;
  readonly stream: string;
  readonly kind: StreamKind;
  readonly recipients: readonly { readonly mailbox: PathMailbox; readonly at: string }[];
  readonly letter: Letter | undefined;
  /** A message as it is given. */
  readonly raw: Buffer | undefined;
  readonly notBeforeMs: number | undefined;
}

const dayMs = 86_400_000;

export async function prepare(
  parts: OutgoingParts,
  caller: SendCaller,
  asked: NewMessage,
): Promise<Outgoing> {
  const from = readAddress(asked.from, 'from');
  const wish = { domain: from.domain, ...(asked.stream !== undefined && { stream: asked.stream }) };
  const principal = await caller.principal(parts.directory, wish);
  const { application } = principal;
  const stream = application?.stream ?? asked.stream ?? 'transactional';
  const kind = application?.kind ?? kindOf(stream, await parts.directory.streams(principal.org));
  const to = readAddresses(asked.to, 'to');
  const cc = readAddresses(asked.cc, 'cc');
  const bcc = readAddresses(asked.bcc, 'bcc');
  const recipients = [...placed(to, 'to'), ...placed(cc, 'cc'), ...placed(bcc, 'bcc')];
  if (recipients.length === 0) throw new Refusal('invalid', 'nobody to send to', { at: 'to' });
  const common = {
    caller,
    asked,
    from,
    principal,
    stream,
    kind,
    recipients,
    notBeforeMs: sendTime(parts, asked),
  };
  if (asked.raw !== undefined) return { ...common, letter: undefined, raw: rawOf(asked) };
  const texts = await textsOf(parts.send, principal.org, asked);
  if (texts.text === undefined && texts.html === undefined && asked.attachments === undefined)
    throw new Refusal('invalid', 'needs text, html, attachments, template or raw', { at: 'text' });
  const letter: Letter = {
    from,
    sender: asked.sender === undefined ? undefined : readAddress(asked.sender, 'sender'),
    to,
    cc,
    replyTo: readAddresses(asked.replyTo, 'replyTo'),
    subject: oneLine(texts.subject ?? ''),
    text: texts.text,
    html: texts.html,
    attachments: await attachedFiles(parts.send.fetchLink, asked.attachments),
    given: asked,
  };
  return { ...common, letter, raw: undefined };
}

const placed = (mailboxes: readonly Mailbox[], at: string): Outgoing['recipients'] =>
  mailboxes.map((mailbox, i) => ({ mailbox, at: mailboxes.length === 1 ? at : `${at}.${i}` }));

function oneLine(subject: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  if (/[\r\n\0]/.test(subject)) throw new Refusal('invalid', 'must be one line', { at: 'subject' });
  return subject;
}

export function momentOf(text: string, at: string): number {
  const ms = Date.parse(text);
  if (Number.isFinite(ms) && /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/i.test(text))
    return ms;
  throw new Refusal('invalid', 'is not a time of RFC 3339', { at });
}

function sendTime({ clock }: OutgoingParts, { sendAt }: NewMessage): number | undefined {
  if (sendAt === undefined) return undefined;
  const ms = momentOf(sendAt, 'sendAt');
  checkAhead(ms, clock.nowMs());
  return ms > clock.nowMs() ? ms : undefined;
}

export function checkAhead(ms: number, nowMs: number): void {
  if (ms > nowMs + scheduledMaxDays * dayMs)
    throw new Refusal('invalid', `is more than ${scheduledMaxDays} days ahead`, { at: 'sendAt' });
}

const notWithRaw = [
  'sender',
  'replyTo',
  'subject',
  'text',
  'html',
  'headers',
  'attachments',
  'template',
  'data',
] as const;

function rawOf(asked: NewMessage): Buffer {
  const both = notWithRaw.find((name) => asked[name] !== undefined);
  if (both !== undefined) throw new Refusal('invalid', 'stands in `raw` already', { at: both });
  const bytes = decodeBase64(asked.raw!);
  if (bytes.length === 0) throw new Refusal('invalid', 'is empty', { at: 'raw' });
  return withCrlf(bytes);
}

/** The text of the message, and its Message-ID. */
function written(parts: OutgoingParts, out: Outgoing, id: MessageId): { bytes: Buffer; messageId: string } {
  if (out.raw) {
    const block = parseHeaders(out.raw);
    const field = findField(block, 'message-id');
    const own = field === undefined ? '' : fieldText(out.raw, field).trim();
    return { bytes: out.raw, messageId: own || `<${id}@${parts.send.hostName}>` };
  }
  const messageId = givenMessageId(out.asked.headers) ?? `<${id}@${out.from.domain}>`;
  return { bytes: composeLetter(out.letter!, { messageId, dateMs: parts.clock.nowMs() }), messageId };
}

/** Sender, recipients and text are with intake; it only has to be finished. */
interface HandedIn {
  readonly transaction: MailTransaction;
  readonly bytes: Buffer;
  readonly messageId: string;
  /** Recipients on the suppression list. */
  readonly unsent: readonly Unsent[];
}

async function handIn(parts: OutgoingParts, out: Outgoing, once?: Envelope['once']): Promise<HandedIn> {
  const { asked, from, stream } = out;
  const sender = asked.returnPath === undefined ? from : readAddress(asked.returnPath, 'returnPath');
  const utf8 = !out.recipients.every(({ mailbox }) => isAsciiMailbox(mailbox));
  const labels = {
    stream,
    ...(asked.tags && { tags: [...new Set(asked.tags)] }),
    ...(asked.metadata && { metadata: asked.metadata }),
  };
  const transaction = await parts.send.intake.begin(sessionOf(out), {
    sender: { local: sender.local, domain: sender.domain },
    params: {
      ...(out.notBeforeMs !== undefined && { holdUntilMs: out.notBeforeMs }),
      ...(asked.requireTls === true && { requireTls: true }),
      ...((utf8 || out.raw) && { smtpUtf8: true }),
    },
    stream: out.kind,
    labels,
    ...(asked.campaign !== undefined && { campaign: asked.campaign }),
    ...(asked.unsubscribe?.scope !== undefined && { unsubscribe: asked.unsubscribe.scope }),
    ...(asked.expiresIn !== undefined && { lifetimeMs: asked.expiresIn * 1000 }),
    ...(once && { once }),
  });
  const unsent: Unsent[] = [];
  try {
    for (const { mailbox, at } of out.recipients)
      await transaction
        .recipient({ local: mailbox.local, domain: mailbox.domain }, {})
        .catch((error: unknown) => {
          // The others get it; who does not is told with the answer.
          if (!(error instanceof Refusal) || error.reason !== 'suppressed') throw error;
          unsent.push({ address: formatAddrSpec(mailbox), why: detailOf(error) });
        })
        .catch(namingField(at));
    if (transaction.recipientCount === 0) throw allUnsent(unsent);
    const { bytes, messageId } = written(parts, out, transaction.id);
    await transaction.write(bytes);
    return { transaction, bytes, messageId, unsent };
  } catch (error) {
    transaction.abort();
    throw error;
  }
}

function allUnsent(unsent: readonly Unsent[]): Refusal {
  const named = unsent.slice(0, unsentToldMax).map(({ address, why }) => `${address}: ${why}`);
  const more = unsent.length > unsentToldMax ? `; ${unsent.length - unsentToldMax} more` : '';
  return new Refusal('suppressed', named.join('; ') + more, { at: 'to' });
}

/** Without the reason in front, and the address. */
const detailOf = ({ reason, message }: Refusal): string =>
  message.slice(reason.length + 2).replace(/^\S+@\S+: /, '');

/** Addresses that are named in one refusal. */
const unsentToldMax = 20;

/** Which recipient it was: the domain rule does not know. */
const namingField =
  (at: string) =>
  (error: unknown): never => {
    if (error instanceof Refusal && error.at === undefined)
      throw new Refusal(error.reason, error.message.slice(error.reason.length + 2), { at, cause: error });
    throw error;
  };

const sessionOf = ({ caller, principal }: Outgoing): SessionInfo => ({
  via: 'http',
  ip: caller.ip,
  helo: '',
  protocol: 'HTTP',
  tls: null,
  principal,
  trusted: false,
});

export interface Sent {
  /** JSON of the answer. */
  readonly answer: string;
  readonly repeated: boolean;
}

/** Sends it. `asked`: with a key, which is taken in the same transaction. */
export async function send(
  parts: OutgoingParts,
  out: Outgoing,
  asked?: Omit<AskedOnce, 'scope'> & { readonly scope?: string },
): Promise<Sent> {
  const once = asked && { ...asked, scope: asked.scope ?? onceScope(out.principal) };
  const kept = once && (await parts.send.kept(once.scope, once.key));
  if (kept) {
    checkSame(kept, once);
    return { answer: kept.answer, repeated: true };
  }
  let messageId = '';
  let unsent: readonly Unsent[] = [];
  const answerFor = (id: MessageId): string => JSON.stringify(answerOf(out, { id, messageId, unsent }));
  const claim = once && ((id: MessageId) => answeredOnce(once, answerFor(id), parts.clock.nowMs()));
  const handed = await handIn(parts, out, claim);
  ({ messageId, unsent } = handed);
  const { id, repeated } = await handed.transaction.finish();
  return { answer: repeated ?? answerFor(id), repeated: repeated !== undefined };
}

interface Handed {
  readonly id: MessageId;
  readonly messageId: string;
  readonly unsent: readonly Unsent[];
}

function answerOf(out: Outgoing, { id, messageId, unsent }: Handed): Accepted {
  const { notBeforeMs, stream, principal } = out;
  const status = notBeforeMs === undefined ? 'queued' : 'scheduled';
  return {
    id,
    messageId,
    status,
    stream,
    ...whoGetsIt(out, unsent, status),
    ...(notBeforeMs !== undefined && { sendAt: isoTime(notBeforeMs) }),
    ...(principal.application?.test === true && { test: true as const }),
  };
}

function whoGetsIt(
  out: Outgoing,
  unsent: readonly Unsent[],
  status: 'queued' | 'scheduled',
): Pick<Accepted, 'recipients' | 'results'> {
  const why = new Map(unsent.map((one) => [one.address, one.why]));
  const results = addressesOf(out).map((address): RecipientResult => {
    const detail = why.get(address);
    return detail === undefined ? { address, status } : { address, status: 'suppressed', detail };
  });
  const recipients = results.filter((one) => one.status !== 'suppressed').map(({ address }) => address);
  return { recipients, results };
}

const addressesOf = ({ recipients }: Outgoing): string[] => [
  ...new Set(recipients.map(({ mailbox }) => formatAddrSpec(mailbox))),
];

/** What would be sent; intake has looked at all of it, and nothing is kept. */
export async function dryRun(parts: OutgoingParts, out: Outgoing): Promise<object> {
  const { transaction, bytes, unsent } = await handIn(parts, out);
  const { refusal } = transaction;
  transaction.abort();
  if (refusal !== undefined) throw refusal;
  const { letter } = out;
  return {
    dryRun: true,
    from:
      displayName(out.from) === undefined
        ? formatAddrSpec(out.from)
        : `${displayName(out.from)} <${formatAddrSpec(out.from)}>`,
    ...whoGetsIt(out, unsent, 'queued'),
    subject: letter?.subject ?? '',
    ...(letter?.text !== undefined && { text: letter.text }),
    ...(letter?.html !== undefined && { html: letter.html }),
    stream: out.stream,
    sizeBytes: bytes.length,
    raw: bytes.toString('base64'),
  };
}
