/** From what scripts decided to a plan: who gets what, with the rules that no script may break (loops, replies to programs, addresses that are not the owner's). */
import type { Clock } from '../../base/clock.ts';
import { newMessageId, newSecret } from '../../base/ids.ts';
import type { Directory } from '../../directory/directory.ts';
import type { Mailboxes } from '../../mailbox/mailboxes.ts';
import type { Action, Fcc, Notify, Redirect, Reject, Vacation } from '../../proto/sieve/action.ts';
import { writeNotification } from '../../proto/sieve/notification.ts';
import { ScriptError } from '../../proto/sieve/problem.ts';
import { writeRejection } from '../../proto/sieve/rejection.ts';
import type { ReplyFacts, WrittenMail } from '../../proto/sieve/reply-facts.ts';
import { addressedTo, oneLine, silenceFor, subjectOf, writeReply } from '../../proto/sieve/vacation-reply.ts';
import { machineZone } from '../../sieve/machine-zone.ts';
import type { Taken, Verdict } from '../../sieve/run-scripts.ts';
import type { Bodies } from '../../store/body.ts';
import { hasComeRound } from '../trace-fields.ts';
import type { Arrival } from './arrival.ts';
import { destinationOf, passedOn, written } from './outgoing.ts';
import { OwnAddresses } from './own-addresses.ts';
import { Editions, storeBytes, targetOf } from './placements.ts';
import { Plan, type Source } from './plan.ts';

export interface PlannerParts {
  readonly clock: Clock;
  readonly bodies: Bodies;
  readonly directory: Pick<Directory, 'resolve' | 'orgOf' | 'maySendAs'>;
  readonly mailboxes: Pick<Mailboxes, 'list'>;
  readonly hostname: string;
  readonly sign?: ((message: Buffer) => Promise<Buffer>) | undefined;
  readonly returnPath?: ((sender: string, via: string) => Promise<string>) | undefined;
}

/** How often a message may be sent on within this server. */
const throughMax = 10;
/**
 * How many changed copies may be sent on because of one message, by all whom it comes to by scripts. Each redirect of a script gets its share of those that are left,
 * and a changed copy takes one of them: accounts that send all they get on to each other make no more of it.
 */
const copiesMax = 100;
/** Of the message that goes back with a refusal. */
const returnedMaxBytes = 50 * 1024;

export class Planner {
  readonly #parts: PlannerParts;
  readonly #arrival: Arrival;
  readonly #verdict: Verdict;
  readonly #plan: Plan;
  readonly #editions: Editions;
  readonly #own: OwnAddresses;

  constructor(parts: PlannerParts, arrival: Arrival, verdict: Verdict) {
    this.#parts = parts;
    this.#arrival = arrival;
    this.#verdict = verdict;
    this.#plan = new Plan(arrival);
    this.#editions = new Editions(parts.bodies, arrival);
    this.#own = new OwnAddresses(parts.directory, arrival);
  }

  /** Rejects with a ScriptError or Refusal when it cannot be carried out: then the message is to be kept. */
  async plan(): Promise<Plan> {
    const { taken, keep, tracked, followed } = this.#verdict;
    this.#plan.track(tracked);
    for (const rule of followed) this.#plan.hit(rule);
    let self = false;
    for (const each of taken) {
      const source = sourceOf(each);
      if ((await this.#act(each.action, source)) === 'self') self = true;
    }
    if (keep) {
      if (keep.taken) this.#plan.tell(sourceOf(keep.taken), 'kept', '');
      this.#plan.copy(this.#arrival.mailbox, await this.#editions.of(keep.letter), keep.flags);
    } else if (self)
      this.#plan.copy(this.#arrival.mailbox, await this.#editions.of(this.#verdict.letter), []);
    return this.#plan;
  }

  async #act(action: Action, source: Source): Promise<'self' | void> {
    switch (action.is) {
      case 'fileinto': {
        const target = await targetOf(this.#parts.mailboxes, this.#arrival, action);
        this.#plan.copy(target, await this.#editions.of(action.letter), action.flags);
        return this.#plan.tell(source, 'filed', action.mailbox);
      }
      case 'redirect':
        return this.#redirect(action, source);
      case 'discard':
        return this.#plan.tell(source, 'discarded', '');
      case 'reject':
        return this.#reject(action, source);
      case 'vacation':
        return this.#reply(action, source);
      case 'notify':
        return this.#notify(action, source);
    }
  }

  // --- Sending on

  /** To oneself is a keep. In a circle it would never end: an error (RFC 5228, 4.2). */
  async #redirect(action: Redirect, source: Source): Promise<'self' | void> {
    const { address, letter } = action;
    const { directory } = this.#parts;
    const { recipient, account, body } = this.#arrival;
    const found = await directory.resolve(address);
    if (found.is === 'account' && found.account === account) return 'self';
    const through = [...(recipient.through?.addresses ?? []), recipient.address];
    const head = Buffer.concat(letter.fields.map((field) => field.bytes));
    const round = through.some((each) => each.toLowerCase() === address.toLowerCase());
    if (round || through.length > throughMax || hasComeRound(head, [address]))
      throw new ScriptError(action.at ?? start, 'redirectLoop', address);
    const parts = this.#outgoing();
    const copies = this.#share();
    const plain =
      !letter.edited && action.notify === undefined && action.ret === undefined && !action.deliverBy;
    if (plain)
      this.#plan.redirects.push({ address, destination: await destinationOf(parts, address), copies });
    else {
      if (copies < 1) throw new ScriptError(action.at ?? start, 'copiesLimit', address);
      const edition = await this.#editions.of(letter);
      const what = letter.edited ? edition : { body, email: this.#arrival.email };
      const given = { ...action, body: what.body, sizeBytes: what.email.sizeBytes, copies: copies - 1 };
      this.#plan.send(await passedOn(parts, this.#arrival, given));
    }
    this.#plan.tell(source, 'redirected', address);
  }

  /** Changed copies that one of the redirects may lead to. */
  #share(): number {
    const redirects = this.#verdict.taken.filter(({ action }) => action.is === 'redirect').length;
    return Math.floor((this.#arrival.recipient.copies ?? copiesMax) / redirects);
  }

  #outgoing() {
    const { clock, directory, sign, returnPath } = this.#parts;
    const isLocal = async (domain: string): Promise<boolean> => (await directory.orgOf(domain)) !== undefined;
    return { clock, sign, returnPath, isLocal };
  }

  // --- Answering

  async #reject(action: Reject, source: Source): Promise<void> {
    const { sender } = this.#arrival.attempt.message;
    const reason = oneLine(action.reason);
    this.#plan.tell(source, 'rejected', reason);
    if (action.extended) this.#plan.refusal = reason;
    else if (sender !== '') {
      const facts = await this.#facts();
      const returned = await this.#returned();
      const rejected = {
        letter: this.#verdict.letter,
        returned,
        sender,
        recipient: this.#arrival.recipient.address,
      };
      await this.#send(writeRejection(action, rejected, facts), facts);
    }
  }

  async #returned(): Promise<Buffer> {
    const { letter } = this.#verdict;
    const { body, email } = this.#arrival;
    if (email.sizeBytes > returnedMaxBytes) return Buffer.concat(letter.fields.map((field) => field.bytes));
    return Buffer.from(await this.#parts.bodies.read(body));
  }

  async #reply(action: Vacation, source: Source): Promise<void> {
    const { letter } = this.#verdict;
    const { sender } = this.#arrival.attempt.message;
    const own = await this.#own.among([...addressedTo(letter), sender]);
    const silence = silenceFor({ letter, sender, own: [...own, ...action.addresses] });
    if (silence !== undefined) return this.#plan.tell(source, 'silent', silence);
    const facts = await this.#facts();
    const from = await this.#own.allowed(action.from);
    const { from: _, ...rest } = action;
    const mail = writeReply({ ...rest, ...(from === undefined ? {} : { from }) }, letter, sender, facts);
    const claim = this.#plan.claim(sender, action.handle, action.seconds);
    await this.#send(mail, facts, { claim });
    if (action.fcc) await this.#fileCopy(action.fcc, mail, { claim });
    this.#plan.tell(source, 'replied', sender, { claim });
    this.#plan.tell(source, 'silent', 'lately', { claim, granted: false });
  }

  async #notify(action: Notify, source: Source): Promise<void> {
    const facts = await this.#facts();
    const from = await this.#own.allowed(action.from);
    const { from: _, ...rest } = action;
    const given = { ...rest, ...(from === undefined ? {} : { from }) };
    const mail = writeNotification(given, this.#verdict.letter, facts);
    if (mail === undefined) return this.#plan.tell(source, 'silent', 'autoSubmitted');
    await this.#send(mail, facts);
    if (action.fcc) await this.#fileCopy(action.fcc, mail);
    this.#plan.tell(source, 'notified', mail.to.join(', '));
  }

  async #send(
    mail: WrittenMail,
    { messageId }: ReplyFacts,
    when?: { readonly claim: number },
  ): Promise<void> {
    const subject = subjectOf(this.#verdict.letter);
    this.#plan.send(await written(this.#outgoing(), this.#arrival, { mail, messageId, subject }), when);
  }

  /** RFC 8580: what is sent is filed, too. */
  async #fileCopy(fcc: Fcc, mail: WrittenMail, when?: { readonly claim: number }): Promise<void> {
    const target = await targetOf(this.#parts.mailboxes, this.#arrival, fcc);
    const stored = await storeBytes(this.#parts.bodies, mail.bytes);
    this.#plan.sentCopy(target, stored, { flags: fcc.flags, ...(when === undefined ? {} : { when }) });
  }

  /** The owner signs with the address that the message was sent to. */
  async #facts(): Promise<ReplyFacts> {
    const { clock, hostname } = this.#parts;
    const { displayName, recipient, nowMs, language } = this.#arrival;
    const addressed = addressedTo(this.#verdict.letter);
    const [mine = recipient.address] = (await this.#own.among(addressed)).filter((each) =>
      addressed.includes(each),
    );
    return {
      nowMs,
      zoneMinutes: machineZone(nowMs),
      messageId: `<${newMessageId(clock)}@${hostname}>`,
      ownAddress: signature(displayName, mine),
      hostname,
      boundary: `=_${newSecret()}`,
      language,
    };
  }
}

const start = { line: 1, column: 1 };

const sourceOf = ({ action, script, rule }: Taken): Source => ({ script, line: action.rule, rule });

/** As a header field has it. */
export function signature(displayName: string, address: string): string {
  return displayName === '' ? address : `"${displayName.replaceAll(/["\\]/g, '\\$&')}" <${address}>`;
}
