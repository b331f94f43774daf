/**
 * One session on one connection: the shell around session.ts. It has no rules of the protocol in it; it reads, asks and writes.
 *
 * All complete commands of a chunk are handled in one turn, stopping only where an answer needs I/O (`#busy`); the
 * connection sends the replies of a turn in one call. What the client sends while we are busy waits, and above `waitingMax` is not read
 * from the socket at all.
 *
 * A client that is silent is cut off by the connection's idle limit; one that drips, by the time its line or text has taken.
 */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { Refusal } from '../base/refusal.ts';
import type { Directory } from '../directory/directory.ts';
import type { Principal } from '../directory/principal.ts';
import { acceptedReply } from '../intake/accepted-reply.ts';
import type { Intake, MailTransaction, Refused } from '../intake/intake.ts';
import type { SessionInfo } from '../intake/session-info.ts';
import type { Connection } from '../net/connection.ts';
import type { TlsContexts } from '../net/tls-contexts.ts';
import type { ChannelBinding, CredentialStore } from '../proto/sasl/mechanism.ts';
import { offeredMechanisms, startMechanism } from '../proto/sasl/server.ts';
import { parseCommand } from '../proto/smtp/command.ts';
import { TextReader } from '../proto/smtp/dot-stuffing.ts';
import { joinAddress, type Mailbox } from '../proto/smtp/path.ts';
import { Input } from './input.ts';
import { Login, type LoginStep } from './login.ts';
import { replies, replyFor } from './replies.ts';
import type { Service } from './service.ts';
import {
  onAnswer,
  onBadLine,
  onChunk,
  onCommand,
  onLogin,
  onSecure,
  onText,
  parting,
  startSession,
  type Ask,
  type Asking,
  type Circumstances,
  type InChunk,
  type InLogin,
  type InText,
  type Ready,
  type Session,
  type Step,
} from './session.ts';

export interface ConversationParts {
  readonly service: Service;
  readonly intake: Intake;
  readonly directory: Pick<Directory, 'credentials'>;
  readonly tls: TlsContexts | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** The mail in hand, beside what the session knows of it. */
interface InHand {
  readonly transaction: MailTransaction;
  readonly sender: Mailbox | null;
  reader: TextReader | undefined;
  /** Octets of text so far. */
  bytes: number;
  /** A write that has not been taken in yet. */
  wait: Promise<void> | undefined;
}

/** What a step that says no is about. */
interface No {
  /** What was thrown. */
  readonly why?: unknown;
  readonly sender?: Mailbox | null;
  readonly recipient?: Mailbox;
}

export class Conversation {
  readonly #connection: Connection;
  readonly #parts: ConversationParts;
  readonly #input = new Input();
  #now: Session;
  #busy = false;
  #mail: InHand | undefined;
  #principal: Principal | undefined;
  #login: Login | undefined;
  #chunkLeft = 0;
  #chunkBytes = 0;
  /** When the present line or text began, on the monotonic clock. */
  #sinceMs = 0;
  #leaving = false;
  #peerEnded = false;
  #greeted = false;

  constructor(connection: Connection, parts: ConversationParts) {
    this.#connection = connection;
    this.#parts = parts;
    const trusted = parts.service.trusts(connection.peer.ip);
    this.#now = startSession({ secure: connection.tls !== null, trusted });
  }

  /** Greets and goes on until the connection is over; resolves then. */
  serve(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { service, clock } = this.#parts;
    const connection = this.#connection;
    connection.onClose(() => {
      this.#dropMail();
      this.#now = { at: 'closed', client: this.#now.client };
      resolve();
    });
    connection.onEnd(() => {
      this.#peerEnded = true;
      if (!this.#busy) connection.end();
    });
    connection.onIdle(() => this.#onSilence());
    connection.setIdle(service.options.commandTimeoutMs);
    this.#sinceMs = clock.monotonicMs();
    const delayMs = service.kind === 'mx' ? service.options.greetDelayMs : 0;
    if (delayMs > 0) clock.after(delayMs, () => this.#greet());
    else this.#greet();
    connection.onData((chunk) => this.#onData(chunk));
    return promise;
  }

  /** Asks the client to come again later, as soon as nothing is in hand. */
  leave(): void {
    this.#leaving = true;
    if (!this.#busy && (this.#now.at === 'start' || this.#now.at === 'idle' || this.#now.at === 'mail')) {
      this.#take(parting(this.#now, 'shuttingDown'));
    }
  }

  #greet(): void {
    if (this.#now.at === 'closed') return;
    this.#greeted = true;
    this.#connection.write(this.#parts.service.greeting);
  }

  #onData(chunk: Buffer): void {
    if (this.#now.at === 'closed') return;
    if (!this.#greeted) return this.#take(parting(this.#now, 'pipelining'));
    this.#input.add(chunk);
    if (!this.#busy) return this.#pump();
    if (this.#input.unreadBytes > this.#parts.service.options.waitingMax) this.#connection.pause();
  }

  /** Handles what has come, until more is needed or an answer is waited for. */
  #pump(): void {
    while (!this.#busy && this.#step());
    if (this.#busy || this.#now.at === 'closed') return;
    if (this.#leaving && this.#now.at !== 'text' && this.#now.at !== 'chunk') return this.leave();
    if (this.#peerEnded) return this.#connection.end();
    if (this.#dripsTooLong()) this.#take(parting(this.#now, 'timeout'));
  }

  /** One command, or one piece of text. False when more bytes are needed. */
  #step(): boolean {
    const now = this.#now;
    switch (now.at) {
      case 'start':
      case 'idle':
      case 'mail':
        return this.#readCommand(now);
      case 'text':
        return this.#readText(now);
      case 'chunk':
        return this.#readChunk(now);
      case 'login':
        return this.#readLogin(now);
      default:
        return false;
    }
  }

  #readCommand(now: Ready): boolean {
    const line = this.#input.line(this.#parts.service.options.commandLineMax);
    if (line === undefined) return false;
    this.#sinceMs = this.#parts.clock.monotonicMs();
    if (line.is === 'line') this.#take(onCommand(now, parseCommand(line.bytes), this.#about()));
    else this.#take(onBadLine(now, line.is === 'bare' ? 'bareCommandEnd' : 'lineTooLong', this.#about()));
    return true;
  }

  #readText(now: InText): boolean {
    const piece = this.#input.piece();
    if (piece === undefined) return false;
    const mail = this.#mail!;
    const end = mail.reader!.push(piece.bytes, piece.at, this.#emit);
    const read = end === -1 ? piece.bytes.length : end;
    this.#input.read(read);
    mail.bytes += read - piece.at;
    if (end !== -1) this.#finish(now, mail);
    else this.#afterPiece(mail);
    return true;
  }

  #readChunk(now: InChunk): boolean {
    const piece = this.#chunkLeft === 0 ? undefined : this.#input.piece();
    if (piece === undefined && this.#chunkLeft > 0) return false;
    const mail = now.mail && this.#mail;
    if (piece !== undefined) {
      const bytes = piece.bytes.subarray(piece.at, piece.at + this.#chunkLeft);
      this.#input.read(piece.at + bytes.length);
      this.#chunkLeft -= bytes.length;
      if (mail) {
        mail.reader!.push(bytes, 0, this.#emit);
        mail.bytes += bytes.length;
        this.#afterPiece(mail);
        if (this.#chunkLeft > 0 || this.#busy || this.#now !== now) return true;
      } else if (this.#chunkLeft > 0) return true;
    }
    if (mail && now.last) this.#finish(now, mail);
    else
      this.#take(
        onChunk(now, { sizeBytes: this.#chunkBytes, no: mail && this.#refusalSoFar(mail) }, this.#about()),
      );
    return true;
  }

  /** Passed to the reader of text, once for all. */
  readonly #emit = (text: Buffer): void => {
    const mail = this.#mail!;
    const wait = mail.transaction.write(text);
    if (wait) mail.wait = wait;
  };

  #afterPiece(mail: InHand): void {
    const { service } = this.#parts;
    if (mail.bytes > service.limits.messageMaxBytes + service.options.swallowMax) {
      return this.#take(parting(this.#now, 'swallowed'));
    }
    const { wait } = mail;
    mail.wait = undefined;
    if (wait) this.#await(wait, () => undefined);
  }

  #finish(now: InText | InChunk, mail: InHand): void {
    mail.reader!.end();
    const no = this.#textFault(mail);
    const count = this.#parts.service.isLmtp ? mail.transaction.recipientCount : 1;
    if (no !== undefined) {
      this.#take(onText(now, no.repeat(count), this.#about()));
      // What follows a text with broken line ends may have been part of it for whoever relayed it.
      if (no === replies.bareLineEnd && this.#input.more) this.#take(parting(this.#now, 'pipelining'));
      return;
    }
    this.#connection.setIdle(this.#parts.service.options.commandTimeoutMs);
    this.#await(
      mail.transaction.finish().then(({ id }) => `${acceptedReply(id)}\r\n`, this.#replyTo),
      (reply) => {
        const why = mail.transaction.refusal;
        this.#take(onText(now, reply.repeat(count), this.#about()), { why });
      },
    );
  }

  /** What the text holds that it may not, as a reply; undefined when it is clean, or when intake mends it. */
  #textFault({ reader, transaction }: InHand): string | undefined {
    const { options } = this.#parts.service;
    if (transaction.refusal !== undefined) return undefined;
    const binary = this.#now.at === 'chunk' && this.#now.mail?.binary === true;
    if (binary) return undefined;
    const mends = this.#principal !== undefined && this.#parts.intake.options.submissionLineEnds === 'fix';
    if (reader!.bareLineEnd && !mends) return replies.bareLineEnd;
    if (reader!.nul) return replies.nul;
    return reader!.longestLine > options.textLineMax ? replies.textLineTooLong : undefined;
  }

  /** After a chunk that is not the last: what is wrong already. */
  #refusalSoFar(mail: InHand): string | undefined {
    const { refusal } = mail.transaction;
    return refusal === undefined ? this.#textFault(mail) : replyFor(refusal);
  }

  #readLogin(now: InLogin): boolean {
    const line = this.#input.line(this.#parts.service.options.authLineMax);
    if (line === undefined) return false;
    if (line.is === 'line') {
      this.#await(this.#login!.line(line.bytes), (step) => this.#onLoginStep(now, step));
    } else {
      this.#login = undefined;
      const no = line.is === 'bare' ? replies.bareCommandEnd : replies.authLineTooLong;
      this.#take(onLogin(now, no, this.#about()));
    }
    return true;
  }

  #onLoginStep(now: InLogin, step: LoginStep): void {
    if (step.is === 'challenge') return void this.#connection.write(step.say);
    this.#login = undefined;
    if (step.is === 'done') {
      this.#principal = step.principal;
      return this.#take(onLogin(now, undefined, this.#about()));
    }
    this.#tellRefused({ sender: '', recipient: '', phase: 'auth', reply: step.no, reason: step.reason });
    this.#take(onLogin(now, step.no, this.#about()));
  }

  /** Goes where the step leads. */
  #take(step: Step, no: No = {}): void {
    const before = this.#now;
    this.#now = step.next;
    if (step.refused !== undefined && step.say !== undefined) this.#tell(step, no);
    if (this.#mail && !('mail' in step.next && step.next.mail)) this.#dropMail();
    if (step.say !== undefined) this.#connection.write(step.say);
    if (step.ask !== undefined) this.#ask(step.ask);
    if (step.next.at === 'closed' && before.at !== 'closed') this.#connection.end();
  }

  #ask(ask: Ask): void {
    switch (ask.is) {
      case 'sender':
        return this.#askSender(ask);
      case 'recipient':
        return this.#askRecipient(ask);
      case 'text':
        return this.#beginText(true);
      case 'chunk':
        this.#chunkLeft = this.#chunkBytes = ask.sizeBytes;
        if (this.#mail?.reader === undefined) this.#beginText(false);
        return;
      case 'login':
        return this.#beginLogin(ask);
      case 'startTls':
        return this.#startTls();
    }
  }

  #askSender({ from, params }: Extract<Ask, { is: 'sender' }>): void {
    const now = this.#now as Asking;
    this.#await(
      this.#parts.intake.begin(this.#info(), { sender: from, params }).then(
        (transaction) => {
          this.#mail = { transaction, sender: from, reader: undefined, bytes: 0, wait: undefined };
        },
        (error: unknown) => error,
      ),
      (error) => {
        if (error === undefined) return this.#take(onAnswer(now, undefined, this.#about()));
        this.#take(onAnswer(now, this.#replyTo(error), this.#about()), { why: error, sender: from });
      },
    );
  }

  #askRecipient({ to, params }: Extract<Ask, { is: 'recipient' }>): void {
    const now = this.#now as Asking;
    this.#await(
      this.#mail!.transaction.recipient(to, params).then(
        () => undefined,
        (error: unknown) => error ?? new Error('refused without a reason'),
      ),
      (error) => {
        const no = error === undefined ? undefined : this.#replyTo(error);
        this.#take(onAnswer(now, no, this.#about()), { why: error, recipient: to });
      },
    );
  }

  #beginText(stuffed: boolean): void {
    const mail = this.#mail;
    if (mail === undefined) return;
    mail.reader = new TextReader({ stuffed });
    mail.transaction.readBy(mail.reader);
    this.#sinceMs = this.#parts.clock.monotonicMs();
    this.#connection.setIdle(this.#parts.service.options.textTimeoutMs);
  }

  #beginLogin({ mechanism, initial }: Extract<Ask, { is: 'login' }>): void {
    const now = this.#now as InLogin;
    const started = startMechanism(mechanism, this.#credentials(), this.#binding());
    if (started === undefined) return this.#take(onLogin(now, replies.authMechanism, this.#about()));
    this.#login = new Login(started);
    this.#await(this.#login.begin(initial), (step) => this.#onLoginStep(now, step));
  }

  /** What was sent in plaintext behind STARTTLS is not read (CVE-2011-0411). */
  #startTls(): void {
    const contexts = this.#parts.tls!;
    this.#input.clear();
    this.#await(
      this.#connection.startTls({ is: 'server', contexts }).then(
        () => true,
        (error: unknown) => {
          this.#parts.log.info({ peer: this.#connection.peer.ip, error: String(error) }, 'TLS failed');
          return false;
        },
      ),
      (done) => {
        this.#input.clear();
        this.#principal = undefined;
        if (done) this.#now = onSecure(this.#now);
        else this.#connection.destroy('TLS failed');
      },
    );
  }

  /** Waits for an answer; nothing is read meanwhile. What the answer leads to is handled by `then`, and reading goes on. */
  #await<T>(answer: Promise<T>, then: (value: T) => void): void {
    this.#busy = true;
    const resume = (value: T): void => {
      this.#busy = false;
      if (this.#now.at === 'closed') return this.#dropMail();
      then(value);
      this.#connection.resume();
      this.#pump();
    };
    answer.then(resume).catch((error: unknown) => {
      this.#parts.log.error({ error, peer: this.#connection.peer.ip }, 'a session broke');
      this.#connection.destroy('internal error');
    });
  }

  #about(): Circumstances {
    const { service, clock } = this.#parts;
    const mechanisms = service.isSubmission ? this.#mechanisms() : none;
    return { service, mechanisms, more: this.#input.more, nowMs: clock.nowMs() };
  }

  #mechanisms(): readonly string[] {
    const confidential = this.#parts.service.offersAuth(this.#now.client.secure);
    const tokens = this.#credentials().verifyToken !== undefined;
    return offeredMechanisms({ confidential, binding: this.#connection.tls !== null, tokens });
  }

  #credentials(): CredentialStore<Principal> {
    return this.#parts.directory.credentials({ service: 'smtp', ip: this.#connection.peer.ip });
  }

  #binding(): ChannelBinding | undefined {
    const { tls } = this.#connection;
    return tls === null ? undefined : (name) => tls.channelBinding(name);
  }

  #info(): SessionInfo {
    const { tls, peer } = this.#connection;
    const { client } = this.#now;
    const { kind, isLmtp } = this.#parts.service;
    return {
      via: kind === 'submissions' ? 'submission' : kind,
      ip: peer.ip,
      helo: client.helo,
      protocol: isLmtp ? 'LMTP' : client.extended ? 'ESMTP' : 'SMTP',
      tls: tls && { version: tls.version, cipher: tls.cipher, verified: tls.verified },
      principal: this.#principal,
      trusted: client.trusted,
    };
  }

  #tell(step: Step, { why, recipient, sender = this.#mail?.sender }: No): void {
    const reply = step.say!.slice(0, step.say!.indexOf('\r\n'));
    this.#tellRefused({
      sender: joinAddress(sender ?? null),
      recipient: joinAddress(recipient ?? null),
      phase: step.refused === 'data' ? 'dot' : step.refused!,
      reply,
      reason: why instanceof Refusal ? why.reason : 'protocol',
    });
  }

  #tellRefused(refused: Refused): void {
    this.#parts.intake.tellRefused(this.#info(), { ...refused, reply: refused.reply.trimEnd() });
  }

  /** The reply to what was thrown. A bug or an outage is logged with all it says; the client hears only to try later. */
  readonly #replyTo = (thrown: unknown): string => {
    if (!(thrown instanceof Refusal)) {
      this.#parts.log.error({ error: thrown, peer: this.#connection.peer.ip }, 'mail could not be taken');
    }
    return replyFor(thrown);
  };

  #dropMail(): void {
    if (this.#busy) return;
    this.#mail?.transaction.abort();
    this.#mail = undefined;
  }

  #onSilence(): void {
    if (this.#busy) return this.#connection.setIdle(this.#parts.service.options.commandTimeoutMs);
    this.#take(parting(this.#now, 'timeout'));
  }

  /** A client that sends an octet now and then, to stay within the idle limit. */
  #dripsTooLong(): boolean {
    const { options } = this.#parts.service;
    const reads = this.#now.at === 'text' || this.#now.at === 'chunk';
    if (!reads && !this.#input.unfinished) return false;
    const limitMs = reads ? options.textWholeTimeoutMs : options.commandTimeoutMs;
    return this.#parts.clock.monotonicMs() - this.#sinceMs > limitMs;
  }
}

const none: readonly string[] = [];
