/**
 * One mail on its way in: envelope, then text, then acceptance. The rules of each are elsewhere (recipients.ts, mail-text.ts,
 * submitted-header.ts); here they meet.
 */
import { isAscii } from 'node:buffer';
import { newMessageId, type MessageId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import type { Principal } from '../directory/principal.ts';
import type { CheckedMail } from '../policy/check.ts';
import type { MilterMail, MilterOutcome } from '../policy/milters.ts';
import type { Signed } from '../policy/signer.ts';
import type { TextFlags } from '../proto/smtp/dot-stuffing.ts';
import { LineGuard } from '../proto/smtp/line-guard.ts';
import { parseHeaders, type HeaderBlock } from '../proto/mime/headers.ts';
import type { RcptParams } from '../proto/smtp/params.ts';
import { joinAddress, parseMailbox, type Mailbox } from '../proto/smtp/path.ts';
import type { OnceKey, QueuedMessage } from '../queue/message.ts';
import type { StoredBody } from '../store/body.ts';
import { acceptedEvents } from './accepted-events.ts';
import { EightBitLabel } from './eight-bit-label.ts';
import { withoutForged } from './forged-fields.ts';
import { readHeaderFacts, type HeaderFacts } from './header-facts.ts';
import type { Accepted, Door, Envelope, IntakeParts, Kept, MailTransaction } from './intake.ts';
import { judgedAs } from './judged-as.ts';
import { mailParamTexts } from './mail-param-texts.ts';
import { MailText, type Opened } from './mail-text.ts';
import { bodyKindOf, needsUtf8 } from './message-needs.ts';
import { messageTimes } from './message-times.ts';
import { MilterStage } from './milter-stage.ts';
import { complaintAddressFor, SuppressionCheck, unsubscribeFieldsFor, type Unsent } from './program-mail.ts';
import { putOffEvents, putOffFor } from './put-off.ts';
import { receivedField } from './received.ts';
import { Recipients } from './recipients.ts';
import { SameText } from './same-text.ts';
import { quarantineOf, rulingEvents, type AllFound } from './ruling-events.ts';
import type { SessionInfo } from './session-info.ts';
import { submittedOnce } from './submitted-once.ts';
import { mendSubmitted, type Mended } from './submitted-header.ts';
import type { Revision, Written } from './text-revision.ts';
import {
  ExaminedText,
  SignedText,
  together,
  WatchedBySeveral,
  watchFieldsMaxBytes,
  type Accepting,
  type TextWatch,
} from './text-watch.ts';

export interface Sender {
  /** The envelope's, after canonical rewriting, as in rows. */
  readonly address: string;
  readonly language: 'en' | 'ja';
}

export class Mail implements MailTransaction {
  readonly id: MessageId;
  readonly #parts: IntakeParts;
  readonly #session: SessionInfo;
  readonly #envelope: Envelope;
  #sender: Sender;
  readonly #recipients: Recipients;
  readonly #suppression: SuppressionCheck;
  readonly #atMs: number;
  /** Mail that our own users and networks hand in. */
  readonly #isSigned: boolean;
  #text: MailText | undefined;
  #facts: HeaderFacts | undefined;
  #ruling: Accepting | undefined;
  #signed: Signed | undefined;
  #milters: MilterStage | undefined;
  #examination: TextWatch | undefined;
  /** Of a mail with an idempotency key in its header. */
  #same: SameText | undefined;
  #messageId = '';
  #utf8Header = false;
  #over = false;

  constructor(parts: IntakeParts, session: SessionInfo, envelope: Envelope, sender: Sender) {
    this.#parts = parts;
    this.#session = session;
    this.#envelope = envelope;
    this.#sender = sender;
    this.#atMs = parts.clock.nowMs();
    this.id = newMessageId(parts.clock);
    this.#suppression = new SuppressionCheck(parts, session.principal, envelope);
    const mayRelay = session.trusted || session.principal !== undefined;
    this.#isSigned = mayRelay && parts.sign?.active === true;
    this.#recipients = new Recipients(parts, {
      id: this.id,
      mayRelay,
      org: session.principal?.org ?? '',
      sizeBytes: envelope.params.sizeBytes ?? 0,
      localIp: session.localIp ?? '',
      simulated: session.principal?.application?.test === true,
      admit: (recipient, org) => this.#admit(recipient, org),
      suppressed: (recipient) => this.#suppression.check(recipient),
      sender: () => this.#sender.address,
    });
  }

  /** Asks whoever wants to hear of a mail from its beginning on. Refusal: theirs. */
  async begin(): Promise<void> {
    const { via } = this.#session;
    // What LMTP brings has been filtered by whoever hands it over; what we write ourselves needs no filter.
    if (via === 'lmtp' || via === 'system') return;
    const run = this.#parts.milters?.begin(this.#announced());
    if (run === undefined) return;
    this.#milters = new MilterStage(run);
    await this.#milters.sender(this.#sender.address, mailParamTexts(this.#envelope.params));
  }

  get recipientCount(): number {
    return this.#recipients.named.length;
  }

  get unsent(): readonly Unsent[] {
    return this.#suppression.unsent;
  }

  get refusal(): unknown {
    return this.#text?.refusal;
  }

  recipient(to: Mailbox, params: RcptParams): Promise<void> {
    return this.#recipients.add(to, params);
  }

  readBy(flags: TextFlags): void {
    this.#openText().readBy(flags);
  }

  write(chunk: Buffer): Promise<void> | undefined {
    return this.#openText().write(chunk);
  }

  async finish(): Promise<Accepted> {
    if (this.#over) throw new Refusal('conflict', 'this mail is over');
    const text = this.#openText();
    const { queued, events } = this.#recipients;
    let body: StoredBody;
    let putOff: Awaited<ReturnType<typeof putOffFor>>;
    try {
      if (this.recipientCount === 0) throw new Refusal('invalid', 'no recipients');
      body = await text.finish();
      putOff = await putOffFor(this.#parts.sending, this.#session, queued);
    } catch (error) {
      this.abort();
      throw error;
    }
    const message = this.#message(text, putOff?.untilMs);
    const once = this.#once(message);
    let before: Kept | undefined;
    try {
      const kept = quarantineOf(message, this.#found);
      before = await this.#parts.accept(
        { message, recipients: queued, body, ...kept, ...(once && { once }) },
        [
          ...acceptedEvents(this.#session, message, { ...this.#named, labels: this.#envelope.labels }),
          ...rulingEvents(message, this.#found),
          ...putOffEvents(message, putOff),
          ...this.#suppression.events(message),
          ...events,
        ],
      );
    } catch (error) {
      // A commit that failed in the middle may have come to pass: a row may name the body. One that nobody names is swept later.
      if (error instanceof Refusal && error.reason === 'storageFull') this.abort();
      this.#end();
      throw error;
    }
    if (before) return this.#repeated(before, once?.digest);
    this.#end();
    return { id: this.id };
  }

  get #named(): Pick<Recipients, 'named' | 'namedByOrg'> {
    const { named, namedByOrg } = this.#recipients;
    return { named, namedByOrg };
  }

  /** Only one mail is made of a key; this one goes. */
  #repeated({ digest, message, answer }: Kept, ours: string | undefined): Accepted {
    this.abort();
    if (digest !== ours) throw new Refusal('keyUsed', `for ${message}`);
    return { id: message as MessageId, repeated: answer };
  }

  /** The key of the request, or of the header of what a program submits. */
  #once({ sender }: QueuedMessage): OnceKey | undefined {
    const { principal } = this.#session;
    if (this.#envelope.once) return this.#envelope.once(this.id);
    const key = this.#facts?.onceKey ?? '';
    if (principal === undefined || key === '') return undefined;
    const to = this.#recipients.named.map((one) => joinAddress(one));
    const text = this.#same?.digest() ?? '';
    return submittedOnce({ principal, key, sender, to, text, nowMs: this.#atMs });
  }

  abort(): void {
    if (this.#over) return;
    this.#end();
    this.#text?.abort().catch((error: unknown) => {
      this.#parts.log.warn({ message: this.id, error }, 'the body of a refused message could not be removed');
    });
  }

  [Symbol.dispose](): void {
    this.abort();
  }

  #end(): void {
    this.#over = true;
    this.#milters?.[Symbol.dispose]();
  }

  #openText(): MailText {
    if (this.#text) return this.#text;
    const { options, bodies } = this.#parts;
    const own = this.#session.principal !== undefined;
    const binary = this.#envelope.params.body === 'binarymime';
    const { messageMaxBytes, headerMaxBytes } = options;
    const fixesLineEnds = own && !binary && options.submissionLineEnds === 'fix';
    const textOptions = { messageMaxBytes, headerMaxBytes, fixesLineEnds, binary };
    const room = this.#isExamined || this.#isSigned ? { topMaxBytes: watchFieldsMaxBytes } : undefined;
    this.#text = new MailText(bodies.writer(room), textOptions, (header) => this.#open(header));
    return this.#text;
  }

  /** Reads the header, has it examined, and mends it. Only mail of our own users makes it take time. */
  #open(header: Buffer): Opened | Promise<Opened> {
    const facts = readHeaderFacts(header);
    this.#facts = facts;
    this.#messageId = facts.messageId;
    const { receivedMax } = this.#parts.options;
    if (facts.received >= receivedMax) throw new Refusal('mailLoop', `${facts.received} Received fields`);
    const { principal } = this.#session;
    if (principal !== undefined) return this.#openOwn(header, facts, principal);
    if (!this.#isExamined) {
      const asIs = { top: '', header };
      return this.#isSigned ? this.#openSigned(asIs) : this.#opened(asIs);
    }
    const watch = this.#examined(header, facts.block);
    const clean = withoutForged(header, facts.block, this.#parts.options.authservId);
    return this.#opened({ top: '', header: clean }, watch);
  }

  async #openOwn(header: Buffer, facts: HeaderFacts, principal: Principal): Promise<Opened> {
    const { directory, options } = this.#parts;
    const mail = { message: this.id, sender: this.#sender.address };
    const to = this.#recipients.named.map((one) => joinAddress(one));
    const mended = await mendSubmitted(directory, header, facts, {
      id: this.id,
      hostName: options.hostName,
      atMs: this.#atMs,
      principal,
      sender: this.#sender.address,
      smtpUtf8: this.#envelope.params.smtpUtf8 === true,
      complaints: await complaintAddressFor(this.#parts, principal, mail),
      unsubscribe: await unsubscribeFieldsFor(this.#parts, principal, {
        ...mail,
        envelope: this.#envelope,
        to,
      }),
    });
    this.#messageId = mended.messageId;
    if (facts.onceKey !== '' && this.#envelope.once === undefined)
      this.#same = new SameText(header, facts.block);
    const watches = [this.#isExamined ? this.#examined(...whole(mended)) : undefined, this.#same];
    const examined = together(watches.filter((one) => one !== undefined));
    if (!this.#isSigned) return this.#opened(mended, examined);
    return this.#openSigned(mended, examined);
  }

  #examined(header: Buffer, block: HeaderBlock): TextWatch {
    this.#examination = new ExaminedText(
      this.#parts.examine!(this.#checked(header, block)),
      (ruling) => {
        this.#ruling = ruling;
      },
      () => this.#milters?.outcome,
    );
    return this.#examination;
  }

  async #openSigned(mended: Pick<Mended, 'top' | 'header'>, examined?: TextWatch): Promise<Opened> {
    const signs = await this.#signedText(Buffer.concat([Buffer.from(mended.top), mended.header]));
    if (signs === undefined) return this.#opened(mended, examined);
    const opened = this.#opened(mended, examined ? new WatchedBySeveral([examined, signs]) : signs);
    return this.#mendsLines(this.#facts!) ? { ...opened, guard: new LineGuard() } : opened;
  }

  async #signedText(header: Buffer): Promise<TextWatch | undefined> {
    const start = await this.#parts.sign!.for(header);
    if (start === undefined) return undefined;
    const { headerMaxBytes } = this.#parts.options;
    const onSigned = (signed: Signed): void => void (this.#signed = signed);
    return new SignedText({ start, header, headerMaxBytes, onSigned });
  }

  #mendsLines({ sealedBody, dkim }: HeaderFacts): boolean {
    return !sealedBody && !dkim && this.#envelope.params.body !== 'binarymime';
  }

  #opened({ top, header }: Pick<Mended, 'top' | 'header'>, watch?: TextWatch): Opened {
    const { dkim, sealedBody, block } = this.#facts!;
    this.#utf8Header = !isAscii(header);
    const labelled =
      this.#session.principal !== undefined && !dkim && this.#envelope.params.body !== 'binarymime';
    const received = this.#received();
    return {
      top: received + top,
      header,
      label: labelled ? EightBitLabel.for(block) : undefined,
      sealedBody: sealedBody || dkim,
      watch,
      revise: this.#milters && ((written) => this.#revise(written, received)),
    };
  }

  /** The text as milters have it, and the envelope. */
  async #revise(written: Written, received: string): Promise<Revision | undefined> {
    const { bodies, options } = this.#parts;
    const begin = Buffer.byteLength(received);
    const text = await this.#milters!.text(written, begin, options.headerMaxBytes + watchFieldsMaxBytes);
    await this.#readdress(this.#milters!.outcome!);
    if (text === undefined) return undefined;
    const { top, header, body } = text;
    const facts = readHeaderFacts(header);
    this.#facts = facts;
    this.#messageId = facts.messageId;
    this.#utf8Header = !isAscii(header);
    const watch = this.#isSigned ? await this.#signedText(Buffer.concat([top, header])) : undefined;
    const mends = watch !== undefined && this.#mendsLines(facts);
    return {
      head: Buffer.concat([top, Buffer.from(received), header]),
      body,
      writer: bodies.writer({ topMaxBytes: watchFieldsMaxBytes }),
      kept: this.#examination,
      watch,
      guard: mends ? new LineGuard() : undefined,
    };
  }

  async #readdress({ sender, added, deleted }: MilterOutcome): Promise<void> {
    if (sender !== undefined) this.#sender = { ...this.#sender, address: sender };
    for (const address of added) {
      const to = parseMailbox(address);
      await (to && this.#recipients.add(to, {}, 'filter'))?.catch((error: unknown) => {
        this.#parts.log.warn({ message: this.id, address, error }, 'a recipient of a milter cannot be added');
      });
    }
    const gone = new Set(deleted.map((address) => address.toLowerCase()));
    if (this.#recipients.named.every((to) => gone.has(joinAddress(to).toLowerCase())))
      this.#milters!.hold('would take away all recipients');
    else for (const address of deleted) this.#recipients.drop(address);
  }

  /** Mail that strangers bring to the MX. What LMTP brings was examined by whoever hands it over. */
  get #isStranger(): boolean {
    const { via, principal, trusted } = this.#session;
    return (via === 'mx' || via === 'relay') && principal === undefined && !trusted;
  }

  get #isExamined(): boolean {
    if (this.#parts.examine === undefined) return false;
    const own = this.#session.principal !== undefined && this.#parts.examinesOwn === true;
    return own || this.#isStranger;
  }

  async #admit(recipient: string, org: string): ReturnType<Door['admit']> {
    const { ip } = this.#session;
    const sender = this.#sender.address;
    const no = this.#isStranger ? await this.#parts.door?.admit({ ip, sender, recipient, org }) : undefined;
    return no ?? this.#milters?.recipient(recipient);
  }

  #announced(): MilterMail {
    const { via, ip, localIp = '', helo, tls, principal } = this.#session;
    const direction = this.#isStranger ? 'in' : 'out';
    return { id: this.id, direction, via, ip, localIp, helo, tls, login: principal?.address ?? '' };
  }

  #checked(header: Buffer, block: HeaderBlock): CheckedMail {
    const { ip, helo, tls, principal: login } = this.#session;
    const { envelope: to } = this.#recipients;
    const common = { id: this.id, ip, helo, tls, sender: this.#sender.address, to, header, block };
    return login === undefined ? { ...common, direction: 'in' } : { ...common, direction: 'out', login };
  }

  get #found(): AllFound {
    return {
      session: this.#session,
      recipients: this.#recipients,
      ruling: this.#ruling,
      outcome: this.#milters?.outcome,
      signed: this.#signed,
    };
  }

  #received(): string {
    const { named } = this.#recipients;
    return receivedField(this.#session, {
      id: this.id,
      hostName: this.#parts.options.hostName,
      atMs: this.#atMs,
      smtpUtf8: this.#envelope.params.smtpUtf8 === true,
      recipient: named.length === 1 ? named[0] : undefined,
    });
  }

  #message(text: MailText, earliestMs = 0): QueuedMessage {
    const { params, campaign = '' } = this.#envelope;
    const { principal } = this.#session;
    const stream = this.#envelope.stream ?? principal?.application?.kind ?? 'transactional';
    return {
      id: this.id,
      org: principal?.org ?? this.#recipients.firstOrg,
      account: principal?.account ?? '',
      ...(principal?.application && { program: true as const }),
      stream,
      campaign,
      sender: this.#sender.address,
      language: (principal ? undefined : this.#facts?.language) ?? this.#sender.language,
      envid: params.envid ?? '',
      ret: params.ret ?? '',
      bodyKind: bodyKindOf(params, text.flags),
      smtpUtf8: params.smtpUtf8 === true && needsUtf8(this.#utf8Header, this.#addresses),
      requireTls: params.requireTls === true,
      ...(this.#facts?.tlsOptional === true && { tlsOptional: true }),
      ...judgedAs(this.#ruling),
      priority: params.priority ?? 0,
      ...messageTimes(this.#atMs, params, { lifetimeMs: this.#lifetimeMs, earliestMs }),
      sizeBytes: text.storedBytes,
      headerMessageId: this.#messageId,
      subject: this.#facts?.subject ?? '',
    };
  }

  get #addresses(): readonly string[] {
    return [this.#sender.address, ...this.#recipients.queued.map((to) => to.address)];
  }

  get #lifetimeMs(): number {
    const { lifetimeMs } = this.#parts.options;
    return Math.min(lifetimeMs, this.#envelope.lifetimeMs ?? lifetimeMs);
  }
}

/** The header as it goes on from here. */
function whole({ top, header }: Pick<Mended, 'top' | 'header'>): [header: Buffer, block: HeaderBlock] {
  const bytes = Buffer.concat([Buffer.from(top), header]);
  return [bytes, parseHeaders(bytes)];
}
