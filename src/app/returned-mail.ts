/**
 * What comes back to return paths of ours (VERP) and to complaint addresses (CFBL): read, and told in the journey of the message that it is about. It goes into no mailbox; what is
 * no report, but a mail of somebody, goes on to the sender.
 *
 * And the way out: mail of programs leaves with a return path for each recipient, where the organisation has a domain for them.
 */
import type { Clock } from '../base/clock.ts';
import type { MessageId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { Directory } from '../directory/directory.ts';
import { returnedDomain } from '../directory/return-paths.ts';
import type { EventData, MailEvent } from '../events/event.ts';
import { ofMessage } from '../events/ledger.ts';
import { recordEvents } from '../events/operations.ts';
import type { ReturnedRecipient } from '../proto/bounce/judge.ts';
import { readReturned, type Returned } from '../proto/bounce/read-returned.ts';
import { domainToAscii } from '../proto/smtp/domain.ts';
import { splitAddress } from '../proto/smtp/path.ts';
import {
  localDestination,
  type Attempt,
  type AttemptRecipient,
  type AttemptResult,
  type Deliver,
  type Outcome,
} from '../queue/attempt.ts';
import type { Store } from '../store/store.ts';
import type { Suppressions } from '../suppression/suppressions.ts';
import { unsubscribe } from './unsubscribing.ts';

/** Of a report; behind it comes the mail that came back. */
const readMaxBytes = 512 * 1024;
const replyMax = 1000;

export interface ReturnedParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly directory: Pick<
    Directory,
    'readReturn' | 'reportAddress' | 'isLocalDomain' | 'readUnsubscribe' | 'unsubscribeLinks'
  >;
  readonly suppressions: Pick<Suppressions, 'put'>;
}

export function returnedMail(parts: ReturnedParts): { readonly site: string; readonly deliver: Deliver } {
  return { site: returnedDomain, deliver: (attempt) => deliver(parts, attempt) };
}

async function deliver(parts: ReturnedParts, attempt: Attempt): Promise<AttemptResult> {
  const body = await attempt.body();
  const bytes = body.is === 'inline' ? body.bytes : await parts.store.bodies.read(body, 0, readMaxBytes);
  const returned = readReturned(Buffer.from(bytes.subarray(0, readMaxBytes)));
  const outcomes = await Promise.all(
    attempt.recipients.map((one) => take(parts, { attempt, returned, to: one })),
  );
  return { outcomes, conversations: [] };
}

interface Taken {
  readonly attempt: Attempt;
  readonly returned: Returned;
  readonly to: AttemptRecipient;
}

async function take(parts: ReturnedParts, { attempt, returned, to }: Taken): Promise<Outcome> {
  const token = await parts.directory.readReturn(to.address);
  if (token === undefined) return refused('550 5.1.1 No such return path here');
  if (token.is === 'unsubscribe') return wantsNoMore(parts, attempt, to);
  const about = await originOf(parts, token.message);
  if (about === undefined) return read(to, 'The message it is about is no longer known');
  const recipient = about.recipients.find((one) => token.isOf(one)) ?? named(returned, about.recipients);
  const events = eventsOf(returned, {
    ...about,
    recipient,
    atMs: parts.clock.nowMs(),
    notice: attempt.message,
  });
  if (events.length === 0) return sentOn(parts, about.sender);
  await parts.store.write(recordEvents, events);
  return read(to, returned.is === 'complaint' ? 'Read as a complaint' : 'Read as a report');
}

/** The subject is what the link said; a mailer may have put something around it. */
async function wantsNoMore(parts: ReturnedParts, attempt: Attempt, to: AttemptRecipient): Promise<Outcome> {
  const token = /[\w-]{20,}\.[\w-]{16}/.exec(attempt.message.subject)?.[0] ?? '';
  const about = await unsubscribe(parts, token, 'by mail');
  return about === undefined
    ? refused('550 5.7.1 The subject does not say who wants no more')
    : read(to, 'Taken off');
}

interface Origin {
  readonly message: MessageId;
  readonly org: string;
  readonly sender: string;
  readonly recipients: readonly string[];
}

/** The message as it was handed in by a program. */
async function originOf({ store }: ReturnedParts, message: string): Promise<Origin | undefined> {
  for (const event of await store.read(() => ofMessage(message))) {
    if (event.is !== 'accepted' || event.data.credential === undefined) continue;
    const { sender, recipients } = event.data;
    return { message: message as MessageId, org: event.org, sender, recipients };
  }
  return undefined;
}

/** Who it was, as the report tells it, among those it was sent to; the only one in any case. */
function named({ recipients }: Returned, sent: readonly string[]): string {
  const told = recipients.flatMap(({ address, originalAddress }) =>
    [address, originalAddress].map((one) => one.toLowerCase()),
  );
  return sent.find((one) => told.includes(one.toLowerCase())) ?? (sent.length === 1 ? sent[0]! : '');
}

interface About extends Origin {
  readonly recipient: string;
  readonly atMs: number;
  readonly notice: Attempt['message'];
}

function eventsOf(returned: Returned, about: About): MailEvent[] {
  const { message, org, recipient, atMs, notice } = about;
  const common = { atMs, message, org, recipient };
  const [first] = returned.recipients;
  if (returned.is === 'none' || first === undefined) return [];
  if (returned.is === 'complaint')
    return [
      {
        ...common,
        is: 'complained',
        data: { reason: first.reason, by: returned.reportingMta, notice: notice.id },
      },
    ];
  if (returned.is === 'autoReply')
    return [
      {
        ...common,
        is: 'autoReplied',
        data: { reason: first.reason, subject: notice.subject, notice: notice.id },
      },
    ];
  const ours = returned.recipients.find(({ address, originalAddress }) =>
    [address, originalAddress].some((one) => one.toLowerCase() === recipient.toLowerCase()),
  );
  return [{ ...common, is: 'bouncedLater', data: reportOf(ours ?? first, notice.id) }];
}

const reportOf = (told: ReturnedRecipient, notice: string): EventData['bouncedLater'] => ({
  class: told.class === 'complaint' || told.class === 'autoReply' ? 'unknown' : told.class,
  reason: told.reason,
  reply: told.diagnostic.slice(0, replyMax),
  status: told.status,
  host: told.remoteMta,
  rule: told.rule,
  confidence: told.confidence,
  notice,
});

const read = ({ try: attempt }: AttemptRecipient, what: string): Outcome => ({
  is: 'delivered',
  notice: 'final',
  event: { host: '', ip: '', reply: `250 2.1.5 ${what}`, ms: 0, tls: null, try: attempt },
});

const refused = (reply: string): Outcome => ({
  is: 'failed',
  why: 'refused',
  answer: { phase: 'dns', host: '', ip: '', reply },
});

/** Somebody has written to it: their mail is for whoever sent the first. */
async function sentOn({ directory }: ReturnedParts, sender: string): Promise<Outcome> {
  const domain = domainToAscii(splitAddress(sender)?.domain ?? '');
  if (domain === undefined || domain === '') return refused('550 5.7.1 Only reports come to this address');
  const destination = (await directory.isLocalDomain(domain)) ? localDestination : domain;
  return { is: 'redirected', why: 'returnPath', to: [{ address: sender, destination }] };
}

/** Mail of programs leaves with a return path for each recipient. */
export function withReturnPaths(
  { directory }: Pick<ReturnedParts, 'directory'>,
  deliverer: Deliver,
): Deliver {
  return async (attempt) => {
    const { message, recipients, site } = attempt;
    if (message.program !== true || message.sender === '' || site === localDestination)
      return deliverer(attempt);
    const mail = { message: message.id, sender: message.sender, org: message.org };
    const senders = await Promise.all(
      recipients.map(({ address }) => directory.reportAddress(mail, address)),
    );
    if (senders[0] === undefined) return deliverer(attempt);
    const results = await Promise.all(
      recipients.map((one, i) =>
        deliverer({
          ...attempt,
          message: { ...message, sender: senders[i] ?? message.sender },
          recipients: [one],
        }),
      ),
    );
    return {
      outcomes: results.flatMap(({ outcomes }) => outcomes),
      conversations: results.flatMap(({ conversations }) => conversations),
    };
  };
}
