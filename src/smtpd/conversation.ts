/**
 * One session on one connection: the shell around session.ts. It has no rules of the protocol in it; it reads, asks and writes, one thing
 * at a time (turns.ts).
 *
 * A client that is silent is cut off by the connection's idle limit; one that drips, by the time its line or text has taken.
 */
import { sleep } from '../base/clock.ts';
import { Refusal } from '../base/refusal.ts';
import type { Principal } from '../directory/principal.ts';
import { acceptedReply } from '../intake/accepted-reply.ts';
import type { SessionInfo } from '../intake/session-info.ts';
import type { Connection } from '../net/connection.ts';
import { parseCommand } from '../proto/smtp/command.ts';
import { refusedBy, sessionInfo, type No } from './told.ts';
import type { ConversationParts } from './conversation-parts.ts';
import { recipientWaitMs, unwatched, type Visit } from './guard.ts';
import { Input } from './input.ts';
import { LoginDesk, type Login, type LoginStep } from './login.ts';
import { MailInHand, type TextRules } from './mail-in-hand.ts';
import { Pace } from './pace.ts';
import { replies, replyFor } from './replies.ts';
import {
  onAnswer,
  onBadLine,
  onChunk,
  onCommand,
  onLogin,
  onSecure,
  onVouched,
  onText,
  parting,
  startSession,
} from './session.ts';
import type {
  Ask,
  Asking,
  Circumstances,
  InChunk,
  InLogin,
  InText,
  Ready,
  Session,
  Step,
} from './session-state.ts';
import { startTls } from './start-tls.ts';
import { Turns } from './turns.ts';
import { Vouching } from './vouching.ts';

export class Conversation {
  readonly #connection: Connection;
  readonly #parts: ConversationParts;
  readonly #input = new Input();
  #now: Session;
  readonly #turns: Turns;
  #mail: MailInHand | undefined;
  readonly #desk: LoginDesk | undefined;
  #principal: Principal | undefined;
  #login: Login | undefined;
  #chunkLeft = 0;
  #chunkBytes = 0;
  readonly #pace: Pace;
  #leaving = false;
  #peerEnded = false;
  #greeted = false;
  readonly #visit: Visit;
  readonly #vouching: Vouching | undefined;

  constructor(connection: Connection, parts: ConversationParts) {
    this.#connection = connection;
    this.#parts = parts;
    this.#visit = parts.visit ?? unwatched;
    const { isSubmission, options } = parts.service;
    this.#pace = new Pace(parts.clock, options);
    this.#turns = new Turns({
      connection,
      input: this.#input,
      waitingMax: options.waitingMax,
      log: parts.log,
      step: () => this.#step(),
      isOver: () => this.#now.at === 'closed',
      onRest: () => this.#rest(),
    });
    if (isSubmission) this.#desk = new LoginDesk(connection, parts.directory, options.channelBinding);
    this.#vouching = isSubmission ? new Vouching(connection, parts.directory) : undefined;
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
      this.#visit.leave();
      resolve();
    });
    connection.onEnd(() => {
      this.#peerEnded = true;
      if (!this.#turns.busy) connection.end();
    });
    connection.onIdle(() => this.#onSilence());
    connection.setIdle(service.options.commandTimeoutMs);
    this.#pace.begin();
    const own = service.kind === 'mx' ? service.options.greetDelayMs : 0;
    const delayMs = Math.max(own, this.#visit.greetDelayMs);
    if (delayMs > 0) clock.after(delayMs, () => this.#greet());
    else this.#greet();
    connection.onData((chunk) => this.#onData(chunk));
    return promise;
  }

  /** Asks the client to come again later, as soon as nothing is in hand. */
  leave(): void {
    this.#leaving = true;
    const { at } = this.#now;
    if (this.#turns.busy || (at !== 'start' && at !== 'idle' && at !== 'mail')) return;
    this.#take(parting(this.#now, 'shuttingDown'));
  }

  #greet(): void {
    if (this.#now.at === 'closed') return;
    this.#greeted = true;
    this.#visit.greeted();
    this.#connection.write(this.#parts.service.greeting);
  }

  #onData(chunk: Buffer): void {
    if (this.#now.at === 'closed') return;
    if (!this.#greeted) return this.#take(parting(this.#now, 'pipelining'));
    this.#turns.add(chunk);
  }

  /** Nothing is waited for but the client. */
  #rest(): void {
    if (this.#now.at === 'closed') return this.#dropMail();
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
    if (this.#looksForProgram()) return true;
    const line = this.#input.line(this.#parts.service.options.commandLineMax);
    if (line === undefined) return false;
    this.#pace.begin();
    if (line.is === 'line') this.#take(onCommand(now, parseCommand(line.bytes), this.#about()));
    else this.#take(onBadLine(now, line.is === 'bare' ? 'bareCommandEnd' : 'lineTooLong', this.#about()));
    return true;
  }

  #looksForProgram(): boolean {
    const looked = this.#vouching?.look();
    if (looked === undefined) return false;
    const nobody = (error: unknown): undefined => void this.#replyTo(error);
    this.#turns.wait(looked.catch(nobody), (program) => {
      if (program === undefined || this.#now.client.loggedIn) return;
      this.#principal = program;
      this.#now = onVouched(this.#now);
    });
    return true;
  }

  #readText(now: InText): boolean {
    const piece = this.#input.piece();
    if (piece === undefined) return false;
    const mail = this.#mail!;
    const end = mail.push(piece.bytes, piece.at);
    this.#input.read(end === -1 ? piece.bytes.length : end);
    if (end !== -1) this.#finish(now, mail);
    else this.#afterPiece(mail);
    return true;
  }

  #readChunk(now: InChunk): boolean {
    const mail = now.mail && this.#mail;
    if (this.#chunkLeft > 0) {
      const bytes = this.#input.take(this.#chunkLeft);
      if (bytes === undefined) return false;
      this.#chunkLeft -= bytes.length;
      mail?.push(bytes, 0);
      if (mail) this.#afterPiece(mail);
      // Comes again when the write was taken in, or with more bytes.
      if (this.#chunkLeft > 0 || this.#turns.busy || this.#now !== now) return true;
    }
    this.#connection.setIdle(this.#parts.service.options.commandTimeoutMs);
    if (mail && now.last) this.#finish(now, mail);
    else {
      const no = mail?.refusal(this.#textRules());
      this.#take(onChunk(now, { sizeBytes: this.#chunkBytes, no }, this.#about()));
    }
    return true;
  }

  #afterPiece(mail: MailInHand): void {
    const { limits, options } = this.#parts.service;
    const max = limits.messageMaxBytes + options.swallowMax;
    if (mail.bytes > max) return this.#take(parting(this.#now, 'swallowed'));
    const wait = mail.takeWait();
    if (wait) this.#turns.wait(wait, () => undefined);
  }

  #finish(now: InText | InChunk, mail: MailInHand): void {
    const { isLmtp, options } = this.#parts.service;
    this.#connection.setIdle(options.commandTimeoutMs);
    mail.endText();
    const { transaction } = mail;
    const no = mail.textFault(this.#textRules());
    const count = isLmtp ? transaction.recipientCount : 1;
    if (no !== undefined) {
      this.#take(onText(now, no.repeat(count), this.#about()));
      // What follows a text with broken line ends may have been part of it for whoever relayed it.
      if (no === replies.bareLineEnd && this.#input.more) this.#take(parting(this.#now, 'pipelining'));
      return;
    }
    this.#turns.wait(
      transaction.finish().then(({ id }) => `${acceptedReply(id)}\r\n`, this.#replyTo),
      (reply) => this.#take(onText(now, reply.repeat(count), this.#about()), { why: transaction.refusal }),
    );
  }

  #textRules(): TextRules {
    const { service, intake } = this.#parts;
    return {
      mendsLineEnds: this.#principal !== undefined && intake.options.submissionLineEnds === 'fix',
      binary: this.#now.at === 'chunk' && this.#now.mail?.binary === true,
      lineMax: service.options.textLineMax,
    };
  }

  #readLogin(now: InLogin): boolean {
    const line = this.#input.line(this.#parts.service.options.authLineMax);
    if (line === undefined) return false;
    if (line.is === 'line') {
      this.#turns.wait(this.#login!.line(line.bytes), (step) => this.#onLoginStep(now, step));
    } else this.#noLogin(now, line.is === 'bare' ? replies.bareCommandEnd : replies.authLineTooLong);
    return true;
  }

  #noLogin(now: InLogin, no: string): void {
    this.#login = undefined;
    this.#take(onLogin(now, { no, guessed: false }, this.#about()));
  }

  #onLoginStep(now: InLogin, step: LoginStep): void {
    if (step.is === 'challenge') return void this.#connection.write(step.say);
    this.#login = undefined;
    if (step.is === 'done') {
      this.#principal = step.principal;
      return this.#take(onLogin(now, { no: undefined, guessed: true }, this.#about()));
    }
    const refused = { sender: '', recipient: '', phase: 'auth', reason: step.reason } as const;
    this.#parts.intake.tellRefused(this.#info(), { ...refused, reply: step.no.trimEnd() });
    this.#take(onLogin(now, step, this.#about()));
  }

  /** Goes where the step leads. */
  #take(step: Step, no: No = {}): void {
    const before = this.#now;
    this.#now = step.next;
    const refused = step.refused && refusedBy(step, { sender: this.#mail?.sender, ...no });
    if (refused) this.#parts.intake.tellRefused(this.#info(), refused);
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
        return this.#beginText(false);
      case 'login':
        return this.#beginLogin(ask);
      case 'startTls':
        return this.#startTls();
    }
  }

  #askSender({ from, params }: Extract<Ask, { is: 'sender' }>): void {
    const now = this.#now as Asking;
    this.#turns.wait(
      this.#parts.intake.begin(this.#info(), { sender: from, params }).then(
        (transaction) => {
          this.#mail = new MailInHand(transaction, from);
        },
        (error: unknown) => error,
      ),
      (why) => this.#answered(now, { why, sender: from }),
    );
  }

  #askRecipient({ to, params }: Extract<Ask, { is: 'recipient' }>): void {
    const now = this.#now as Asking;
    this.#turns.wait(
      this.#mail!.transaction.recipient(to, params).then(
        () => undefined,
        (error: unknown) => error ?? new Error('refused without a reason'),
      ),
      (why) => this.#answeredRecipient(now, { why, recipient: to }),
    );
  }

  /** Who asks for addresses that do not exist waits for the answer, and in the end hears no more. */
  #answeredRecipient(now: Asking, no: No): void {
    const waitMs = recipientWaitMs(this.#visit, no.why);
    if (waitMs === 0) return this.#answered(now, no);
    if (waitMs === undefined) return this.#take({ ...parting(now, 'guessing'), refused: 'rcpt' }, no);
    this.#turns.wait(sleep(this.#parts.clock, waitMs), () => this.#answered(now, no));
  }

  /** Without a `why` it is yes. */
  #answered(now: Asking, no: No): void {
    const reply = no.why === undefined ? undefined : this.#replyTo(no.why);
    this.#take(onAnswer(now, reply, this.#about()), no);
  }

  #beginText(stuffed: boolean): void {
    this.#connection.setIdle(this.#parts.service.options.textTimeoutMs);
    if (this.#mail?.textBegun) return;
    this.#pace.begin();
    this.#mail?.beginText(stuffed);
  }

  #beginLogin({ mechanism, initial }: Extract<Ask, { is: 'login' }>): void {
    const now = this.#now as InLogin;
    this.#login = this.#desk!.begin(mechanism);
    if (this.#login === undefined) return this.#noLogin(now, replies.authMechanism);
    this.#turns.wait(this.#login.begin(initial), (step) => this.#onLoginStep(now, step));
  }

  /** What was sent in plaintext behind STARTTLS is not read (CVE-2011-0411). */
  #startTls(): void {
    const { tls, log } = this.#parts;
    this.#input.clear();
    const how = { log, asksCertificate: this.#vouching?.asksCertificate === true };
    this.#turns.wait(startTls(this.#connection, tls!, how), (done) => {
      this.#input.clear();
      this.#principal = undefined;
      if (done) this.#now = onSecure(this.#now);
      else this.#connection.destroy('TLS failed');
    });
  }

  #about(): Circumstances {
    const { service, clock } = this.#parts;
    const mechanisms = this.#desk?.mechanisms(service.offersAuth(this.#now.client.secure)) ?? none;
    return { service, mechanisms, more: this.#input.more, nowMs: clock.nowMs() };
  }

  #info(): SessionInfo {
    return sessionInfo({
      connection: this.#connection,
      service: this.#parts.service,
      client: this.#now.client,
      principal: this.#principal,
    });
  }

  /** The reply to what was thrown. A bug or an outage is logged with all it says; the client hears only to try later. */
  readonly #replyTo = (thrown: unknown): string => {
    const { log } = this.#parts;
    const peer = this.#connection.peer.ip;
    if (!(thrown instanceof Refusal)) log.error({ error: thrown, peer }, 'mail could not be taken');
    return replyFor(thrown);
  };

  #dropMail(): void {
    if (this.#turns.busy) return;
    this.#mail?.transaction.abort();
    this.#mail = undefined;
  }

  #onSilence(): void {
    if (this.#turns.busy) return this.#connection.setIdle(this.#parts.service.options.commandTimeoutMs);
    this.#take(parting(this.#now, 'timeout'));
  }

  #dripsTooLong(): boolean {
    const reads = this.#now.at === 'text' || this.#now.at === 'chunk';
    if (reads) return this.#pace.textTooLong(this.#mail?.bytes ?? 0);
    return this.#input.unfinished && this.#pace.lineTooLong();
  }
}

const none: readonly string[] = [];
