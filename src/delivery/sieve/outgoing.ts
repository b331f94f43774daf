/** Messages that scripts send, ready for the queue: with the null sender, so that nobody answers them (RFC 3834, 3.3), or sent on as they came. */
import { isAscii } from 'node:buffer';
import type { Clock } from '../../base/clock.ts';
import { newEntryId, newMessageId } from '../../base/ids.ts';
import { domainToAscii } from '../../proto/smtp/domain.ts';
import { splitAddress } from '../../proto/smtp/path.ts';
import type { WrittenMail } from '../../proto/sieve/reply-facts.ts';
import { localDestination } from '../../queue/attempt.ts';
import type { Notify, QueuedMessage, QueuedRecipient } from '../../queue/message.ts';
import type { Notice } from '../../queue/notice.ts';
import type { StoredBody } from '../../store/body.ts';
import type { Arrival } from './arrival.ts';

/** What is on its way for so long is given up (queue/options.ts has the same for all mail). */
const lifetimeMs = 5 * 24 * 3600 * 1000;
const secondMs = 1000;

export interface OutgoingParts {
  readonly clock: Clock;
  readonly isLocal: (domain: string) => Promise<boolean>;
  /** Signs what we write ourselves. */
  readonly sign?: ((message: Buffer) => Promise<Buffer>) | undefined;
  /** The sender under which mail is sent on by `via`. */
  readonly returnPath?: ((sender: string, via: string) => Promise<string>) | undefined;
}

interface Outgoing {
  readonly sender: string;
  readonly to: readonly string[];
  readonly body: StoredBody;
  readonly sizeBytes: number;
  readonly subject: string;
  readonly headerMessageId: string;
  readonly eightBit: boolean;
  readonly notify?: readonly Notify[];
  readonly copies?: number;
  readonly more?: Partial<QueuedMessage>;
}

/** A reply, notification or refusal. */
export async function written(
  parts: OutgoingParts,
  arrival: Arrival,
  { mail, messageId, subject }: { mail: WrittenMail; messageId: string; subject: string },
): Promise<Notice> {
  const bytes = parts.sign ? await parts.sign(mail.bytes) : mail.bytes;
  return outgoing(parts, arrival, {
    sender: '',
    to: mail.to,
    body: { is: 'inline', bytes },
    sizeBytes: bytes.length,
    subject,
    headerMessageId: messageId,
    eightBit: !isAscii(mail.bytes),
    notify: ['never'],
  });
}

export interface PassedOn {
  readonly address: string;
  /** Edited, or as it came. */
  readonly body: StoredBody;
  readonly sizeBytes: number;
  /** How many more may follow from it (queue/message.ts). */
  readonly copies: number;
  readonly notify?: readonly string[];
  readonly ret?: 'full' | 'hdrs';
  readonly deliverBy?: {
    readonly seconds: number;
    readonly mode: 'notify' | 'return';
    readonly trace: boolean;
  };
}

/** A redirect that is not just another recipient of the same message: it was edited, or asks for notices of its own (RFC 6009). */
export async function passedOn(parts: OutgoingParts, arrival: Arrival, given: PassedOn): Promise<Notice> {
  const { message } = arrival.attempt;
  const via = arrival.recipient.address;
  const { notify, ret, deliverBy } = given;
  const nowMs = parts.clock.nowMs();
  return outgoing(parts, arrival, {
    sender: (await parts.returnPath?.(message.sender, via)) ?? message.sender,
    to: [given.address],
    body: given.body,
    sizeBytes: given.sizeBytes,
    copies: given.copies,
    subject: message.subject,
    headerMessageId: message.headerMessageId,
    eightBit: message.bodyKind !== '7bit',
    ...(notify === undefined ? {} : { notify: notify as readonly Notify[] }),
    more: {
      bodyKind: message.bodyKind,
      smtpUtf8: message.smtpUtf8,
      envid: message.envid,
      ret: ret ?? message.ret,
      ...(deliverBy && {
        deliverBy: {
          atMs: nowMs + deliverBy.seconds * secondMs,
          mode: deliverBy.mode,
          trace: deliverBy.trace,
        },
      }),
    },
  });
}

async function outgoing(parts: OutgoingParts, arrival: Arrival, given: Outgoing): Promise<Notice> {
  const { clock } = parts;
  const id = newMessageId(clock);
  const nowMs = clock.nowMs();
  const cause = arrival.attempt.message;
  const message: QueuedMessage = {
    id,
    org: arrival.org,
    account: '',
    stream: 'transactional',
    campaign: '',
    sender: given.sender,
    language: arrival.language,
    envid: '',
    ret: 'hdrs',
    bodyKind: given.eightBit ? '8bitmime' : '7bit',
    smtpUtf8: given.to.some((address) => !isAscii(Buffer.from(address))),
    // What is written because of a message may tell of it (RFC 8689, 6).
    requireTls: cause.requireTls,
    ...(cause.tlsOptional === true && { tlsOptional: true }),
    priority: 0,
    acceptedAtMs: nowMs,
    notBeforeMs: nowMs,
    expiresAtMs: nowMs + lifetimeMs,
    sizeBytes: given.sizeBytes,
    headerMessageId: given.headerMessageId,
    subject: given.subject.slice(0, 200),
    ...given.more,
  };
  const recipients = await Promise.all(
    given.to.map(
      async (address, index): Promise<QueuedRecipient> => ({
        id: newEntryId(id, index),
        address,
        orcpt: '',
        notify: given.notify ?? [],
        ...(given.copies !== undefined && { copies: given.copies }),
        destination: await destinationOf(parts, address),
      }),
    ),
  );
  return {
    submission: { message, recipients, body: given.body },
    events: [acceptedEvent(message, given.to)],
  };
}

export async function destinationOf(
  { isLocal }: Pick<OutgoingParts, 'isLocal'>,
  address: string,
): Promise<string> {
  const domain = domainToAscii(splitAddress(address)?.domain ?? '');
  return domain === undefined || (await isLocal(domain)) ? localDestination : domain;
}

function acceptedEvent(message: QueuedMessage, to: readonly string[]): Notice['events'][number] {
  return {
    is: 'accepted',
    atMs: message.acceptedAtMs,
    message: message.id,
    org: message.org,
    recipient: '',
    data: {
      via: 'system',
      sender: message.sender,
      recipients: to,
      sizeBytes: message.sizeBytes,
      headerMessageId: message.headerMessageId,
      subject: message.subject,
      account: '',
      peer: '',
      helo: '',
      tls: null,
      reply: '',
    },
  };
}
