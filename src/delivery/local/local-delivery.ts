/**
 * Mail for our own mailboxes: one placement for each recipient, deduplicated by message and recipient, so that whatever is tried
 * twice is stored once.
 *
 * Final delivery adds Return-Path (RFC 5321, 4.4), and Delivered-To by which a message that comes round again is known.
 */
import type { Clock } from '../../base/clock.ts';
import type { AccountId } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import { Refusal, type Reason } from '../../base/refusal.ts';
import type { Directory } from '../../directory/directory.ts';
import type { Resolution } from '../../directory/resolution.ts';
import { prepareEmail, prepareStored, type EmailFacts } from '../../mailbox/email-facts.ts';
import { place } from '../../mailbox/place.ts';
import { fieldText, findFields, parseHeaders } from '../../proto/mime/headers.ts';
import { domainToAscii } from '../../proto/smtp/domain.ts';
import { formatPath, splitAddress } from '../../proto/smtp/path.ts';
import {
  localDestination,
  type Answer,
  type Attempt,
  type AttemptRecipient,
  type AttemptResult,
  type Outcome,
} from '../../queue/attempt.ts';
import { inlineBodyMaxBytes, type StoredBody } from '../../store/body.ts';
import type { Store } from '../../store/store.ts';
import { asBuffer } from '../smtp/text.ts';

export interface LocalParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly directory: Pick<Directory, 'resolve' | 'account' | 'isLocalDomain'>;
}

/** How much of a message is looked at for its header. */
const headerMaxBytes = 64 * 1024;
/** A message that has been delivered this often goes in circles (RFC 5321, 6.3 asks for a large number). */
const deliveredToMax = 20;

type Expanded = Extract<Resolution, { is: 'expanded' }>;

export class LocalDelivery {
  readonly #parts: LocalParts;

  constructor(parts: LocalParts) {
    this.#parts = parts;
  }

  async deliver(attempt: Attempt): Promise<AttemptResult> {
    const startedMs = this.#parts.clock.monotonicMs();
    const body = await attempt.body();
    const head = asBuffer(
      body.is === 'inline' ? body.bytes : await this.#parts.store.bodies.read(body, 0, headerMaxBytes),
    );
    const letter: Letter = { attempt, body, head, startedMs };
    const outcomes = await Promise.all(attempt.recipients.map((recipient) => this.#one(letter, recipient)));
    return { outcomes, conversations: [] };
  }

  async #one(letter: Letter, recipient: AttemptRecipient): Promise<Outcome> {
    try {
      const resolution = await this.#parts.directory.resolve(recipient.address);
      switch (resolution.is) {
        case 'account':
          return await this.#place(letter, recipient, resolution.account);
        case 'expanded':
          return await this.#redirect(letter, recipient, resolution);
        case 'disabled':
          return failed('550 5.2.1 The mailbox is switched off');
        case 'remote':
          return await this.#sendOn(recipient);
        default:
          return failed('550 5.1.1 No such mailbox here');
      }
    } catch (error) {
      return this.#deferred(error, letter.attempt);
    }
  }

  async #place(letter: Letter, recipient: AttemptRecipient, account: AccountId): Promise<Outcome> {
    const { attempt, head, startedMs } = letter;
    const { store, clock, directory } = this.#parts;
    const seen = deliveredTo(head);
    if (seen.includes(recipient.address.toLowerCase()) || seen.length >= deliveredToMax) {
      return {
        ...failed('554 5.4.6 The message has been delivered here before: it goes in circles'),
        why: 'loop',
      };
    }
    const { body, email } = await this.#stamped(letter, recipient);
    const quotaBytes = (await directory.account(account))?.quotaBytes;
    const nowMs = clock.nowMs();
    await store.write(place, {
      account,
      mailbox: { role: 'inbox' },
      ...(quotaBytes === undefined ? {} : { quotaBytes }),
      key: `${attempt.message.id}/${recipient.id.slice(attempt.message.id.length + 1)}`,
      flags: 0,
      keywords: [],
      receivedAtMs: nowMs,
      body,
      email,
      events: [
        {
          is: 'stored',
          atMs: nowMs,
          message: attempt.message.id,
          org: attempt.message.org,
          recipient: recipient.address,
          data: { account, mailbox: '', uid: 0, ms: Math.round(clock.monotonicMs() - startedMs) },
        },
      ],
    });
    return { is: 'delivered', notice: 'final' };
  }

  async #stamped(
    letter: Letter,
    recipient: AttemptRecipient,
  ): Promise<{ body: StoredBody; email: EmailFacts }> {
    const stamp = stampFor(letter.attempt.message.sender, recipient.address);
    const { body } = letter;
    if (body.is === 'inline') {
      const bytes = Buffer.concat([stamp, withoutReturnPath(asBuffer(body.bytes))]);
      if (bytes.length <= inlineBodyMaxBytes)
        return { body: { is: 'inline', bytes }, email: prepareEmail(bytes) };
    }
    const stored = await this.#write(stamp, letter);
    return { body: stored, email: await prepareStored(this.#parts.store.bodies, stored) };
  }

  /** A large body is read and written in pieces. */
  async #write(stamp: Buffer, { body, head }: Letter): Promise<StoredBody> {
    const { bodies } = this.#parts.store;
    const writer = bodies.writer();
    try {
      const kept = withoutReturnPath(head);
      await writer.write(stamp);
      await writer.write(kept);
      for await (const chunk of bodies.stream(body, head.length)) await writer.write(chunk);
      return await writer.finish();
    } catch (error) {
      await writer.abort();
      throw error;
    }
  }

  /** It has become an alias since it was accepted. Who keeps a copy gets it under the key of this entry: once, however often this is tried. */
  async #redirect(letter: Letter, recipient: AttemptRecipient, resolution: Expanded): Promise<Outcome> {
    if (resolution.alsoAccount) await this.#place(letter, recipient, resolution.alsoAccount);
    const to = await Promise.all(resolution.to.map((address) => this.#addressed(address)));
    return { is: 'redirected', to, why: resolution.why };
  }

  /** The domain is no longer ours. */
  async #sendOn(recipient: AttemptRecipient): Promise<Outcome> {
    const there = await this.#addressed(recipient.address);
    if (there.destination === localDestination) return failed('550 5.1.1 No such mailbox here');
    return { is: 'redirected', to: [there], why: 'forward' };
  }

  async #addressed(address: string): Promise<{ address: string; destination: string }> {
    const domain = domainToAscii(splitAddress(address)?.domain ?? '');
    const local = domain === undefined || (await this.#parts.directory.isLocalDomain(domain));
    return { address, destination: local ? localDestination : domain };
  }

  #deferred(error: unknown, attempt: Attempt): Outcome {
    const refusal = error instanceof Refusal ? refusals[error.reason] : undefined;
    if (!refusal)
      this.#parts.log.error({ error, message: attempt.message.id }, 'local delivery failed inside');
    return {
      is: 'deferred',
      siteDown: false,
      answer: answer(refusal ?? '451 4.3.0 Internal error, trying again later'),
    };
  }
}

interface Letter {
  readonly attempt: Attempt;
  readonly body: StoredBody;
  /** The first bytes: the whole of an inline body. */
  readonly head: Buffer;
  readonly startedMs: number;
}

/** All of these may pass. */
const refusals: Partial<Record<Reason, string>> = {
  mailboxFull: '452 4.2.2 The mailbox is full',
  limitReached: '452 4.2.0 The account has reached a limit',
  storageFull: '452 4.3.1 No room at the moment',
  storageBusy: '451 4.3.0 The store is busy',
  shuttingDown: '421 4.3.2 Shutting down',
};

function answer(reply: string): Answer {
  return { phase: 'dot', host: '', ip: '', reply };
}

function failed(reply: string): Extract<Outcome, { is: 'failed' }> {
  return { is: 'failed', why: 'refused', answer: answer(reply) };
}

function stampFor(sender: string, address: string): Buffer {
  return Buffer.from(`Return-Path: ${formatPath(splitAddress(sender))}\r\nDelivered-To: ${address}\r\n`);
}

function deliveredTo(head: Buffer): readonly string[] {
  if (!mayHave(head, 'elivered-')) return [];
  return findFields(parseHeaders(head), 'delivered-to').map((field) =>
    fieldText(head, field).trim().toLowerCase(),
  );
}

/** A Return-Path that came with the message is not ours (RFC 5321, 4.4). */
function withoutReturnPath(bytes: Buffer): Buffer {
  if (!mayHave(bytes, 'eturn-')) return bytes;
  const fields = findFields(parseHeaders(bytes), 'return-path');
  if (fields.length === 0) return bytes;
  const pieces: Buffer[] = [];
  let at = 0;
  for (const field of fields) {
    pieces.push(bytes.subarray(at, field.start));
    at = field.end;
  }
  pieces.push(bytes.subarray(at));
  return Buffer.concat(pieces);
}

/** Quicker than a look at every field, and nearly always no. */
const mayHave = (bytes: Buffer, text: string): boolean =>
  bytes.includes(text, 0, 'latin1') || bytes.includes(text.toUpperCase(), 0, 'latin1');
