/**
 * One mail on its way in: envelope, then text, then acceptance. The rules of each are elsewhere (recipients.ts, mail-text.ts,
 * submitted-header.ts); here they meet.
 */
import { isAscii } from 'node:buffer';
import { newMessageId, type MessageId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import type { Principal } from '../directory/principal.ts';
import type { CheckedMail } from '../policy/check.ts';
import type { Signed } from '../policy/signer.ts';
import type { TextFlags } from '../proto/smtp/dot-stuffing.ts';
import { LineGuard } from '../proto/smtp/line-guard.ts';
import { parseHeaders, type HeaderBlock } from '../proto/mime/headers.ts';
import type { RcptParams } from '../proto/smtp/params.ts';
import { isAsciiText, type Mailbox } from '../proto/smtp/path.ts';
import type { MailEvent } from '../events/event.ts';
import type { QueuedMessage, Submission } from '../queue/message.ts';
import type { StoredBody } from '../store/body.ts';
import { acceptedEvents } from './accepted-events.ts';
import { authenticatedEvents, signedEvents } from './authenticated-events.ts';
import { judgedEvents } from './judged-events.ts';
import { EightBitLabel } from './eight-bit-label.ts';
import { withoutForged } from './forged-fields.ts';
import { readHeaderFacts, type HeaderFacts } from './header-facts.ts';
import type { Accepted, Door, Envelope, IntakeParts, MailTransaction } from './intake.ts';
import { judgedAs } from './judged-as.ts';
import { keptBack } from './kept-back.ts';
import { MailText, type Opened } from './mail-text.ts';
import { receivedField } from './received.ts';
import { Recipients } from './recipients.ts';
import type { SessionInfo } from './session-info.ts';
import { mendSubmitted, type Mended } from './submitted-header.ts';
import {
  ExaminedText,
  SignedText,
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
  readonly #sender: Sender;
  readonly #recipients: Recipients;
  readonly #atMs: number;
  /** Mail that our own users and networks hand in. */
  readonly #isSigned: boolean;
  #text: MailText | undefined;
  #facts: HeaderFacts | undefined;
  #ruling: Accepting | undefined;
  #signed: Signed | undefined;
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
    const mayRelay = session.trusted || session.principal !== undefined;
    this.#isSigned = mayRelay && parts.sign?.active === true;
    this.#recipients = new Recipients(parts, {
      id: this.id,
      mayRelay,
      org: session.principal?.org ?? '',
      sizeBytes: envelope.params.sizeBytes ?? 0,
      localIp: session.localIp ?? '',
      ...(this.#isStranger && { admit: (recipient, org) => this.#admit(recipient, org) }),
    });
  }

  get recipientCount(): number {
    return this.#recipients.named.length;
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
    let body: StoredBody;
    try {
      if (this.recipientCount === 0) throw new Refusal('invalid', 'no recipients');
      body = await text.finish();
    } catch (error) {
      this.abort();
      throw error;
    }
    const message = this.#message(text);
    const { queued, events } = this.#recipients;
    try {
      await this.#parts.accept({ message, recipients: queued, body, ...this.#keptBack(message) }, [
        ...acceptedEvents(this.#session, message, this.#recipients),
        ...this.#rulingEvents(message),
        ...events,
      ]);
    } catch (error) {
      // A commit that failed in the middle may have come to pass: a row may name the body. One that nobody names is swept later.
      if (error instanceof Refusal && error.reason === 'storageFull') this.abort();
      this.#over = true;
      throw error;
    }
    this.#over = true;
    return { id: this.id };
  }

  abort(): void {
    if (this.#over) return;
    this.#over = true;
    this.#text?.abort().catch((error: unknown) => {
      this.#parts.log.warn({ message: this.id, error }, 'the body of a refused message could not be removed');
    });
  }

  [Symbol.dispose](): void {
    this.abort();
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
    const mended = await mendSubmitted(directory, header, facts, {
      id: this.id,
      hostName: options.hostName,
      atMs: this.#atMs,
      principal,
      sender: this.#sender.address,
      smtpUtf8: this.#envelope.params.smtpUtf8 === true,
    });
    this.#messageId = mended.messageId;
    const examined = this.#isExamined ? this.#examined(...whole(mended)) : undefined;
    if (!this.#isSigned) return this.#opened(mended, examined);
    return this.#openSigned(mended, examined);
  }

  #examined(header: Buffer, block: HeaderBlock): TextWatch {
    return new ExaminedText(this.#parts.examine!(this.#checked(header, block)), (ruling) => {
      this.#ruling = ruling;
    });
  }

  async #openSigned(mended: Pick<Mended, 'top' | 'header'>, examined?: TextWatch): Promise<Opened> {
    const header = Buffer.concat([Buffer.from(mended.top), mended.header]);
    const start = await this.#parts.sign!.for(header);
    if (start === undefined) return this.#opened(mended, examined);
    const { headerMaxBytes } = this.#parts.options;
    const onSigned = (signed: Signed): void => void (this.#signed = signed);
    const signs = new SignedText({ start, header, headerMaxBytes, onSigned });
    const opened = this.#opened(mended, examined ? new WatchedBySeveral([examined, signs]) : signs);
    const mends = !opened.sealedBody && this.#envelope.params.body !== 'binarymime';
    return { ...opened, ...(mends && { guard: new LineGuard() }) };
  }

  #opened({ top, header }: Pick<Mended, 'top' | 'header'>, watch?: TextWatch): Opened {
    const { dkim, sealedBody, block } = this.#facts!;
    this.#utf8Header = !isAscii(header);
    const labelled =
      this.#session.principal !== undefined && !dkim && this.#envelope.params.body !== 'binarymime';
    return {
      top: this.#received() + top,
      header,
      label: labelled ? EightBitLabel.for(block) : undefined,
      sealedBody: sealedBody || dkim,
      watch,
    };
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
    return this.#parts.door?.admit({
      ip: this.#session.ip,
      sender: this.#sender.address,
      recipient,
      org,
    });
  }

  #checked(header: Buffer, block: HeaderBlock): CheckedMail {
    const { ip, helo, tls, principal: login } = this.#session;
    const { envelope: to } = this.#recipients;
    const common = { id: this.id, ip, helo, tls, sender: this.#sender.address, to, header, block };
    return login === undefined ? { ...common, direction: 'in' } : { ...common, direction: 'out', login };
  }

  #keptBack(message: QueuedMessage): Pick<Submission, 'quarantine'> {
    const { judgement } = this.#ruling ?? {};
    const notes = judgement ? keptBack(message, judgement, this.#recipients) : [];
    return notes.length === 0 ? {} : { quarantine: notes };
  }

  #rulingEvents(message: QueuedMessage): MailEvent[] {
    const { proof, judgement } = this.#ruling ?? {};
    const { namedByOrg } = this.#recipients;
    return [
      ...(proof ? authenticatedEvents(message, proof, this.#recipients) : []),
      ...(judgement ? judgedEvents(message, judgement) : []),
      ...(this.#signed ? signedEvents(message, this.#signed, { ...this.#session, namedByOrg }) : []),
    ];
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

  #message(text: MailText): QueuedMessage {
    const { params, campaign = '', stream = 'transactional' } = this.#envelope;
    const { principal } = this.#session;
    const { lifetimeMs } = this.#parts.options;
    const now = this.#atMs;
    const notBeforeMs = Math.max(now, params.holdUntilMs ?? now + (params.holdForSeconds ?? 0) * 1000);
    const by = params.deliverBy;
    const lastMs = notBeforeMs + lifetimeMs;
    return {
      id: this.id,
      org: principal?.org ?? this.#recipients.firstOrg,
      account: principal?.account ?? '',
      stream,
      campaign,
      sender: this.#sender.address,
      language: (principal ? undefined : this.#facts?.language) ?? this.#sender.language,
      envid: params.envid ?? '',
      ret: params.ret ?? '',
      bodyKind: this.#bodyKind(text.flags),
      smtpUtf8: this.#needsUtf8(),
      requireTls: params.requireTls === true,
      ...(this.#facts?.tlsOptional === true && { tlsOptional: true }),
      ...judgedAs(this.#ruling),
      priority: params.priority ?? 0,
      acceptedAtMs: now,
      notBeforeMs,
      expiresAtMs: by?.mode === 'return' ? Math.min(lastMs, now + by.seconds * 1000) : lastMs,
      ...(by && { deliverBy: { atMs: now + by.seconds * 1000, mode: by.mode, trace: by.trace } }),
      sizeBytes: text.storedBytes,
      headerMessageId: this.#messageId,
      subject: this.#facts?.subject ?? '',
    };
  }

  /** What the text is, whatever the client called it: the least that the next server must be able to take. */
  #bodyKind({ bareLineEnd, nul, eightBit }: TextFlags): QueuedMessage['bodyKind'] {
    if (this.#envelope.params.body === 'binarymime' && (bareLineEnd || nul)) return 'binarymime';
    return eightBit ? '8bitmime' : '7bit';
  }

  /** Asked for, and used: a message in plain ASCII goes to servers without SMTPUTF8 as well (RFC 6531, 3.4). */
  #needsUtf8(): boolean {
    if (this.#envelope.params.smtpUtf8 !== true) return false;
    const addresses = [this.#sender.address, ...this.#recipients.queued.map((to) => to.address)];
    return this.#utf8Header || addresses.some((address) => !isAsciiText(address));
  }
}

/** The header as it goes on from here. */
function whole({ top, header }: Pick<Mended, 'top' | 'header'>): [header: Buffer, block: HeaderBlock] {
  const bytes = Buffer.concat([Buffer.from(top), header]);
  return [bytes, parseHeaders(bytes)];
}
