/**
 * Mail for our own mailboxes: one placement for each recipient, deduplicated by message, account and subaddress, so that whatever is
 * tried twice, or comes by two ways, is stored once.
 */
import type { Clock } from '../../base/clock.ts';
import { entryIndex } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import { Refusal, type Reason } from '../../base/refusal.ts';
import type { Directory } from '../../directory/directory.ts';
import type { MailEvent } from '../../events/event.ts';
import { Expansion } from '../../directory/expansion.ts';
import type { Resolution } from '../../directory/resolution.ts';
import { prepareEmail, prepareStored, type EmailFacts } from '../../mailbox/email-facts.ts';
import type { Account } from '../../directory/account.ts';
import { place, type Placement } from '../../mailbox/place.ts';
import { domainToAscii } from '../../proto/smtp/domain.ts';
import { splitAddress } from '../../proto/smtp/path.ts';
import {
  localDestination,
  type Attempt,
  type AttemptRecipient,
  type AttemptResult,
  type Outcome,
} from '../../queue/attempt.ts';
import type { QueuedMessage, QueuedRecipient, Submission } from '../../queue/message.ts';
import { inlineBodyMaxBytes, type StoredBody } from '../../store/body.ts';
import type { Store } from '../../store/store.ts';
import type { ScriptLibrary } from '../../sieve/library.ts';
import type { DeliveryOptions } from '../options.ts';
import type { ReportEar } from '../report-ear.ts';
import type { Arrival } from '../sieve/arrival.ts';
import type { Filter } from '../sieve/filter.ts';
import { asBuffer } from '../smtp/text.ts';
import { cameRound, deferred, deferredBy, failed, leadsNowhere, withCopy } from './local-outcomes.ts';
import { deliveryStamp, hasComeRound, traceHeaderMaxBytes, withoutReturnPath } from '../trace-fields.ts';

export interface LocalParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly directory: Pick<Directory, 'resolve' | 'account' | 'orgOf'>;
  readonly options: Pick<DeliveryOptions, 'detailMailbox'>;
  /** Scripts of accounts; absent where there are none. */
  readonly filters?: { readonly library: ScriptLibrary; readonly filter: Filter };
  readonly reports?: ReportEar;
}

/** Reports that were read lie here, where they are in nobody's way. */
const reportsMailbox = 'Reports';

/** Recipients that a message may become over all. */
const recipientsMax = 10_000;
const expansionLimits = { expandedRecipientsMax: recipientsMax, expansionDepthMax: 10 };

type Expanded = Extract<Resolution, { is: 'expanded' }>;
type OurAccount = Pick<Extract<Resolution, { is: 'account' }>, 'account' | 'org' | 'mailboxDetail'>;

export class LocalDelivery {
  readonly #parts: LocalParts;

  constructor(parts: LocalParts) {
    this.#parts = parts;
  }

  async deliver(attempt: Attempt): Promise<AttemptResult> {
    const startedMs = this.#parts.clock.monotonicMs();
    const body = await attempt.body();
    const head = asBuffer(
      body.is === 'inline' ? body.bytes : await this.#parts.store.bodies.read(body, 0, traceHeaderMaxBytes),
    );
    const letter: Letter = { attempt, body, head, startedMs };
    const outcomes = await Promise.all(attempt.recipients.map((recipient) => this.#one(letter, recipient)));
    return { outcomes, conversations: [] };
  }

  /**
   * Mail for one mailbox, with nothing to decide on its way, is placed by the transaction that takes it in: it is on disk once and never in the
   * queue. False: nothing is done, the queue takes it. Where that is not known (the store did not answer), the key sees to it that it is not
   * placed again.
   */
  async placeAtOnce(submission: Submission, events: readonly MailEvent[]): Promise<boolean> {
    const { clock, directory, log, reports } = this.#parts;
    const { message, body } = submission;
    const recipient = onlyRecipient(submission, clock.nowMs());
    if (recipient === undefined || body.is !== 'inline') return false;
    if (reports?.isAt([recipient.address]) === true) return false;
    const startedMs = clock.monotonicMs();
    const attempt = firstAttempt(message, recipient, body);
    const letter: Letter = { attempt, body, head: asBuffer(body.bytes), startedMs };
    try {
      const to = await directory.resolve(recipient.address);
      if (to.is !== 'account' || to.org !== message.org || hasComeRound(letter.head, [recipient.address]))
        return false;
      const { arrived, scripts } = await this.#arrive(letter, attempt.recipients[0]!, to);
      if (scripts.length > 0) return false;
      await this.#store(arrived, events);
      return true;
    } catch (error) {
      if (!(error instanceof Refusal))
        log.warn({ error, message: message.id }, 'mail could not be placed at once');
      return false;
    }
  }

  async #one(letter: Letter, recipient: AttemptRecipient): Promise<Outcome> {
    let org: string | undefined;
    try {
      const resolution = await this.#parts.directory.resolve(recipient.address);
      org = await this.#orgOf(recipient, resolution);
      return { ...(await this.#resolved(letter, recipient, resolution)), ...(org !== undefined && { org }) };
    } catch (error) {
      return { ...this.#deferred(error, letter.attempt), ...(org !== undefined && { org }) };
    }
  }

  /** Whose the address is, or was. */
  #orgOf(
    { address }: AttemptRecipient,
    resolution: Resolution,
  ): string | undefined | Promise<string | undefined> {
    if ('org' in resolution) return resolution.org;
    return this.#parts.directory.orgOf(splitAddress(address)?.domain ?? '');
  }

  async #resolved(letter: Letter, recipient: AttemptRecipient, resolution: Resolution): Promise<Outcome> {
    switch (resolution.is) {
      case 'account':
        return hasComeRound(letter.head, [recipient.address])
          ? cameRound()
          : this.#place(letter, recipient, resolution);
      case 'expanded':
        return this.#redirect(letter, recipient, resolution);
      case 'disabled':
        return failed('550 5.2.1 The mailbox is switched off');
      case 'remote':
        return this.#sendOn(recipient);
      default:
        return failed('550 5.1.1 No such mailbox here');
    }
  }

  async #place(letter: Letter, recipient: AttemptRecipient, to: OurAccount): Promise<Outcome> {
    const { arrived, known, domain, scripts } = await this.#arrive(letter, recipient, to);
    const { filters } = this.#parts;
    if (filters && scripts.length > 0)
      return filters.filter.deliver(this.#arrival(arrived, known, domain), scripts);
    await this.#store(arrived, []);
    return { is: 'delivered', notice: 'final' };
  }

  async #arrive(letter: Letter, recipient: AttemptRecipient, to: OurAccount): Promise<AtTheDoor> {
    const { clock, directory, filters } = this.#parts;
    const { account, org } = to;
    const stored = await this.#stamped(letter, recipient);
    const known = await directory.account(account);
    const domain = domainToAscii(splitAddress(recipient.address)?.domain ?? '') ?? '';
    const scripts = (await filters?.library.for({ account, org, domain })) ?? [];
    const isReport = await this.#isReport(letter, recipient, to);
    const nowMs = clock.nowMs();
    const quotaBytes = known?.quotaBytes;
    const arrived = { letter, recipient, to, isReport, stored, quotaBytes, nowMs };
    return { arrived, known, domain, scripts };
  }

  async #isReport(
    { attempt, body }: Letter,
    recipient: AttemptRecipient,
    { org }: OurAccount,
  ): Promise<boolean> {
    const { reports, store } = this.#parts;
    if (reports === undefined || attempt.message.junkFor?.includes(org) === true) return false;
    return reports.hear({
      addresses: [recipient.address, ...(recipient.through?.addresses ?? [])],
      org,
      sizeBytes: attempt.message.sizeBytes,
      body: () => store.bodies.read(body),
    });
  }

  /** `before`: events of what led here. */
  async #store(arrived: Arrived, before: readonly MailEvent[]): Promise<void> {
    const { letter, recipient, to, stored, quotaBytes, nowMs } = arrived;
    const { attempt, startedMs } = letter;
    const { account, org } = to;
    await this.#write({
      account,
      mailbox: this.#mailboxFor(arrived),
      ...(quotaBytes === undefined ? {} : { quotaBytes }),
      key: keyOf(attempt, to),
      flags: 0,
      keywords: [],
      receivedAtMs: nowMs,
      ...stored,
      events: [
        ...before,
        {
          is: 'stored',
          atMs: nowMs,
          message: attempt.message.id,
          org,
          recipient: recipient.address,
          data: {
            account,
            mailbox: '',
            uid: 0,
            ms: Math.round(this.#parts.clock.monotonicMs() - startedMs),
          },
        },
      ],
    });
  }

  /** What filters are told. */
  #arrival(arrived: Arrived, known: Account | undefined, domain: string): Arrival {
    const { letter, recipient, to, stored, quotaBytes, nowMs } = arrived;
    const { attempt, startedMs } = letter;
    return {
      attempt,
      recipient,
      account: to.account,
      org: to.org,
      domain,
      name: known?.name ?? recipient.address,
      displayName: known?.displayName ?? '',
      language: known?.language ?? attempt.message.language,
      ...stored,
      key: keyOf(attempt, to),
      mailbox: this.#mailboxFor(arrived),
      quotaBytes,
      nowMs,
      elapsedMs: () => this.#parts.clock.monotonicMs() - startedMs,
    };
  }

  #mailboxFor({ letter, to, isReport }: Arrived): Placement['mailbox'] {
    const { detailMailbox } = this.#parts.options;
    const { message } = letter.attempt;
    const { org, mailboxDetail: detail } = to;
    if (isReport) return { name: reportsMailbox, create: true };
    if (message.junkFor?.includes(org)) return { role: 'junk' };
    if (detail === '' || detailMailbox === 'none') return { role: 'inbox' };
    return { name: detail, create: detailMailbox === 'create' };
  }

  /** A subaddress whose mailbox is not there, or cannot be, is no reason to refuse mail. */
  async #write(placement: Placement): Promise<void> {
    const { store } = this.#parts;
    try {
      await store.write(place, placement);
    } catch (error) {
      const inbox = 'name' in placement.mailbox && error instanceof Refusal && noMailbox.has(error.reason);
      if (!inbox) throw error;
      await store.write(place, { ...placement, mailbox: { role: 'inbox' } });
    }
  }

  async #stamped(
    letter: Letter,
    recipient: AttemptRecipient,
  ): Promise<{ body: StoredBody; email: EmailFacts }> {
    const stamp = deliveryStamp(letter.attempt.message.sender, recipient);
    const { body } = letter;
    if (body.is === 'inline') {
      const bytes = Buffer.concat([stamp, withoutReturnPath(asBuffer(body.bytes))]);
      if (bytes.length <= inlineBodyMaxBytes)
        return { body: { is: 'inline', bytes }, email: prepareEmail(bytes) };
    }
    const stored = await this.#writeBody(stamp, letter);
    return { body: stored, email: await prepareStored(this.#parts.store.bodies, stored) };
  }

  /** A large body is read and written in pieces. */
  async #writeBody(stamp: Buffer, { body, head }: Letter): Promise<StoredBody> {
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

  /**
   * An address that stands for others. A message that has come round to it from another server goes no further (RFC 5321, 6.3); a circle
   * of ours is cut by the expansion and, where copies are kept, by the queue, which reaches no address twice.
   */
  async #redirect(letter: Letter, recipient: AttemptRecipient, resolution: Expanded): Promise<Outcome> {
    const { alsoAccount: account, org, mailboxDetail, why } = resolution;
    const { address, id } = recipient;
    if (hasComeRound(letter.head, [address])) return cameRound();
    if (entryIndex(id) >= recipientsMax)
      return failed('554 5.4.6 The address leads to too many others', 'loop');
    const { directory, log } = this.#parts;
    const expansion = new Expansion(directory, expansionLimits, log);
    const wrong = await expansion.expandMembers(address, resolution).catch(leadsNowhere);
    const kept = account && (await this.#place(letter, recipient, { account, org, mailboxDetail }));
    if (wrong) return kept || wrong;
    if (kept && expansion.targets.length === 0) return kept;
    const to = expansion.targets.map((target) => ({
      address: target.address,
      destination: target.destination,
    }));
    return withCopy({ is: 'redirected', to, why }, kept);
  }

  /** The domain is no longer ours. */
  async #sendOn(recipient: AttemptRecipient): Promise<Outcome> {
    const there = await this.#addressed(recipient.address);
    if (there.destination === localDestination) return failed('550 5.1.1 No such mailbox here');
    return { is: 'redirected', to: [there], why: 'forward' };
  }

  async #addressed(address: string): Promise<{ address: string; destination: string }> {
    const domain = domainToAscii(splitAddress(address)?.domain ?? '');
    const local = domain === undefined || (await this.#parts.directory.orgOf(domain)) !== undefined;
    return { address, destination: local ? localDestination : domain };
  }

  #deferred(error: unknown, attempt: Attempt): Outcome {
    const reply = deferredBy(error);
    if (reply === undefined)
      this.#parts.log.error({ error, message: attempt.message.id }, 'local delivery failed inside');
    return deferred(reply);
  }
}

/** Who it is for when that is one mailbox, now, and nobody is to be told. */
function onlyRecipient(
  { message, recipients, quarantine = [] }: Submission,
  nowMs: number,
): QueuedRecipient | undefined {
  const [recipient] = recipients;
  const plain = recipients.length === 1 && recipient?.destination === localDestination;
  if (!plain || quarantine.length > 0 || message.deliverBy !== undefined || message.notBeforeMs > nowMs)
    return undefined;
  return recipient.through === undefined && !recipient.notify.includes('success') ? recipient : undefined;
}

const firstAttempt = (message: QueuedMessage, recipient: QueuedRecipient, body: StoredBody): Attempt => ({
  message,
  recipients: [{ ...recipient, try: 1 }],
  site: localDestination,
  connectionsMax: 1,
  body: () => body,
  leaseValid: () => true,
});

interface AtTheDoor {
  readonly arrived: Arrived;
  readonly known: Account | undefined;
  readonly domain: string;
  readonly scripts: Awaited<ReturnType<ScriptLibrary['for']>>;
}

/** A message on the doorstep of an account. */
interface Arrived {
  readonly letter: Letter;
  readonly recipient: AttemptRecipient;
  readonly to: OurAccount;
  /** It has been read and kept as well. */
  readonly isReport: boolean;
  readonly stored: { readonly body: StoredBody; readonly email: EmailFacts };
  readonly quotaBytes: number | undefined;
  readonly nowMs: number;
}

/** An account that a message reaches in several ways gets it once, and a circle of forwards comes to an end. */
const keyOf = ({ message }: Attempt, { mailboxDetail }: OurAccount): string =>
  mailboxDetail === '' ? message.id : `${message.id}/${mailboxDetail}`;

interface Letter {
  readonly attempt: Attempt;
  readonly body: StoredBody;
  /** The first bytes: the whole of an inline body. */
  readonly head: Buffer;
  readonly startedMs: number;
}

/** Why a mailbox by the name of a subaddress cannot be used. */
const noMailbox: ReadonlySet<Reason> = new Set([
  'mailboxNotFound',
  'mailboxNameInvalid',
  'limitReached',
  'mailboxExists',
]);
