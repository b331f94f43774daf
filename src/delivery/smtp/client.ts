/**
 * Mail transactions over one connection that is past its greeting (handshake.ts), as a state machine that is driven by replies.
 *
 * With PIPELINING (RFC 2920) a mail is two writes: MAIL, RCPT…, DATA; then the text with its dot, and behind the dot the commands of the next
 * mail, which is allowed because the text may be the first of a group (3.1). With CHUNKING too (RFC 3030) a mail is one write, for BDAT waits for
 * nothing. Without PIPELINING every command waits for its reply.
 *
 * Replies come in the order of commands, so `#expected` is the whole state: for each command sent, what it was and whose. The order for one job:
 *
 *   [reset] mail rcpt… data dot…        dot: one; with LMTP one for each accepted recipient (RFC 2033, 4.2)
 *   [reset] mail rcpt… bdat…
 *
 * Promises: the lease is asked for right before the last byte that could make the server take the mail; a job is `done` exactly once; after
 * the connection is lost each job knows whether its text was wholly sent (`dotSent`).
 */
import type { DeliveryTimeouts } from '../options.ts';
import { DotStuffer } from '../../proto/smtp/dot-stuffing.ts';
import { replyText, type Reply } from '../../proto/smtp/reply.ts';
import { Fifo } from '../../base/fifo.ts';
import { fit, Misfit, type Abilities, type Fit } from './envelope.ts';
import type { Job, Said } from './job.ts';
import { nameRecipients } from './named.ts';
import { streamText, type How } from './stream-text.ts';
import type { LongText, OutgoingText } from './text.ts';
import type { Lost, Wire } from './wire.ts';

type Kind = 'reset' | 'mail' | 'rcpt' | 'data' | 'dot' | 'bdat' | 'emptyDot';

interface Expected {
  readonly kind: Kind;
  readonly job: Job | undefined;
}

export interface ClientOptions {
  readonly wire: Wire;
  readonly can: Abilities;
  readonly lmtp: boolean;
  readonly host: string;
  /** Messages until it is closed. */
  readonly messagesMax: number;
  readonly eightBitAnyway: boolean;
  /** The client can take another job, or has become idle. */
  readonly onRoom: () => void;
  /** It is over; jobs that were not done are given back. */
  readonly onGone: (jobs: readonly Job[], why: Said) => void;
}

/** A text up to this size is sent with BDAT before the replies to RCPT are in: at worst it is sent in vain. */
const bdatAheadMax = 64 * 1024;

const ignored: Expected = { kind: 'reset', job: undefined };

export class SmtpClient {
  readonly host: string;
  readonly wire: Wire;
  readonly can: Abilities;
  readonly #options: ClientOptions;
  readonly #pipelining: boolean;
  readonly #chunking: boolean;
  readonly #expected = new Fifo<Expected>();
  /** In the order in which they were begun; the last ones may wait for the one before to be sent. */
  readonly #jobs: Job[] = [];
  readonly #waiting = new Fifo<Job>();
  /** Whose commands are out while its text is not. */
  #current: { job: Job; text: OutgoingText; binary: boolean; commands: string[] } | undefined;
  #needsReset = false;
  #started = 0;
  #closing = false;
  #streaming = false;
  idleSinceMs = 0;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.host = options.host;
    this.wire = options.wire;
    this.can = options.can;
    this.#pipelining = options.can.extensions.has('PIPELINING');
    // What BDAT is answered with in LMTP differs between servers.
    this.#chunking = options.can.extensions.has('CHUNKING') && !options.lmtp;
    this.wire.onReply = (reply) => this.#reply(reply);
    this.wire.onLost = (lost) => this.#gone(lost);
  }

  /** Jobs it has. */
  get load(): number {
    return this.#jobs.length + this.#waiting.size;
  }

  /** Of one of its jobs the whole text has been written. */
  get dotSent(): boolean {
    return this.#jobs.some((job) => job.dotSent);
  }

  /** Mails it was given until now. */
  get started(): number {
    return this.#started + this.#waiting.size;
  }

  get open(): boolean {
    return !this.#closing && !this.wire.lost;
  }

  get takesMore(): boolean {
    return this.open && this.started < this.#options.messagesMax;
  }

  /** Whether a second job may be given while one is on its way. */
  get takesAhead(): boolean {
    return this.#pipelining && this.takesMore;
  }

  send(job: Job): void {
    this.#waiting.push(job);
    this.#next();
  }

  quit(): void {
    if (this.#closing || this.wire.lost) return;
    this.#closing = true;
    this.wire.write('QUIT\r\n');
    this.wire.end();
    this.#options.onGone([], { phase: 'mail', code: 0, reply: '' });
  }

  /** Begins the next job when nothing stands before it. */
  #next(): void {
    while (this.#current === undefined && !this.#streaming && this.open) {
      if (this.#expected.size > 0 && !this.#pipelining) return;
      if (this.#waiting.size === 0) return;
      if (this.#needsReset) {
        this.#needsReset = false;
        this.#say('RSET\r\n', ignored);
        if (!this.#pipelining) return;
      }
      this.#begin(this.#waiting.shift()!);
    }
  }

  #begin(job: Job): void {
    this.#started += 1;
    const fitted = this.#fit(job);
    if (fitted instanceof Misfit) return this.#refuseUnsent(job, fitted.reply);
    job.keepsTime = fitted.keepsTime;
    const commands = nameRecipients(job, this.can, fitted.utf8);
    if (commands.length === 0) return job.done(job);
    this.#jobs.push(job);
    this.#current = { job, text: fitted.text, binary: fitted.binary, commands };
    this.#say(fitted.mail, { kind: 'mail', job });
    if (!this.#pipelining) return;
    const expected: Expected = { kind: 'rcpt', job };
    for (const command of commands) this.#say(command, expected);
    commands.length = 0;
    this.#data(job);
  }

  /** What throws here is a bug of ours or a text nobody has thought of: it must not end the thread. */
  #fit(job: Job): Fit | Misfit {
    try {
      return fit(job.attempt.message, job.text, {
        can: this.can,
        clock: this.wire,
        eightBitAnyway: this.#options.eightBitAnyway,
      });
    } catch (error) {
      return new Misfit(`451 4.3.0 The message could not be prepared: ${String(error)}`);
    }
  }

  #refuseUnsent(job: Job, reply: string): void {
    job.settle({ phase: 'mail', code: Number(reply.slice(0, 3)), reply });
    job.done(job);
  }

  /** The recipients are told: now the text, by BDAT at once or behind the reply to DATA. */
  #data(job: Job): void {
    const { text, binary } = this.#current!;
    if (!this.#chunking && !binary) return this.#say('DATA\r\n', { kind: 'data', job });
    if (text.is === 'whole' && text.sizeBytes <= bdatAheadMax) this.#sendChunk(job, text.bytes);
  }

  #say(line: string, expected: Expected): void {
    this.wire.write(line);
    this.#expect(expected);
  }

  #expect(expected: Expected): void {
    this.#expected.push(expected);
    this.#rewatch();
  }

  /** The deadline is that of the oldest command without a reply. */
  #rewatch(): void {
    const first = this.#expected.peek();
    if (first === undefined) this.wire.expectNothing();
    else if (this.#streaming) this.wire.expectWithin(this.wire.timeouts.blockMs);
    else this.wire.expectWithin(this.wire.timeouts[limitOf[first.kind]]);
  }

  #reply(reply: Reply): void {
    const expected = this.#expected.shift();
    if (reply.code === 421 || expected === undefined) return this.#toldToGo(reply, expected);
    const { kind, job } = expected;
    if (job !== undefined) this.#on(kind, job, reply);
    this.#rewatch();
    this.#next();
    if (this.load === 0 && this.open && !this.takesMore) this.quit();
  }

  #on(kind: Kind, job: Job, reply: Reply): void {
    switch (kind) {
      case 'mail':
        return this.#onMail(job, reply);
      case 'rcpt':
        return this.#onRcpt(job, reply);
      case 'data':
        return this.#onData(job, reply);
      case 'dot':
      case 'bdat':
        return this.#onDot(job, reply);
      default:
    }
  }

  #onMail(job: Job, reply: Reply): void {
    job.mail = job.heard('mail', reply);
    if (reply.code >= 300) job.settle(job.mail);
    if (this.#pipelining) return;
    if (reply.code >= 300) return this.#finish(job);
    this.#sayNextRcpt(job);
  }

  #sayNextRcpt(job: Job): void {
    const command = this.#current?.commands.shift();
    if (command !== undefined) return this.#say(command, { kind: 'rcpt', job });
    if (job.accepted > 0) return this.#textAfterRcpts(job);
    this.#needsReset = true;
    this.#finish(job);
  }

  #onRcpt(job: Job, reply: Reply): void {
    while (job.said[job.rcptAnswered]?.phase === 'rcpt') job.rcptAnswered += 1;
    const index = job.rcptAnswered++;
    const failed = job.mail !== undefined && job.mail.code >= 300;
    if (!failed) {
      job.said[index] = job.heard('rcpt', reply);
      if (reply.code < 300) job.accepted += 1;
    }
    if (!this.#pipelining) return this.#sayNextRcpt(job);
    const last = this.#expected.peek();
    if (last?.job !== job && this.#current?.job === job) this.#textAfterRcpts(job);
  }

  /** All recipients are answered and nothing of the text has been announced. */
  #textAfterRcpts(job: Job): void {
    if (job.accepted === 0) {
      this.#needsReset = true;
      return this.#finish(job);
    }
    const { text, binary } = this.#current!;
    if (!this.#chunking && !binary) return this.#say('DATA\r\n', { kind: 'data', job });
    if (text.is === 'whole') this.#sendChunk(job, text.bytes);
    else void this.#stream(job, text, binary ? 'binary' : 'chunks');
  }

  #onData(job: Job, reply: Reply): void {
    if (reply.code === 354) {
      if (job.accepted === 0) return this.#sendNothing(job);
      return this.#sendText(job);
    }
    // A server that refused all recipients says 503 or 554 here; those who were accepted have this as their answer.
    if (job.accepted > 0) this.#answerAccepted(job, job.heard('data', reply));
    this.#needsReset = true;
    this.#finish(job);
  }

  #answerAccepted(job: Job, said: Said): void {
    for (let i = 0; i < job.said.length; i++) {
      const before = job.said[i];
      if (before !== undefined && before.phase === 'rcpt' && before.code < 300) job.said[i] = said;
    }
  }

  /** The server wants a text although nobody is to get it: an empty one ends the transaction (RFC 2920, 3.1). */
  #sendNothing(job: Job): void {
    this.#say('.\r\n', { kind: 'emptyDot', job: undefined });
    this.#finish(job);
  }

  #sendText(job: Job): void {
    const { text } = this.#current!;
    if (text.is === 'long') return void this.#stream(job, text, 'data');
    if (!this.#mayEnd(job)) return;
    const stuffer = new DotStuffer();
    stuffer.push(text.bytes, (bytes) => this.wire.writeBytes(bytes));
    this.wire.writeBytes(stuffer.end());
    this.#textSent(job, 'dot');
  }

  #sendChunk(job: Job, bytes: Buffer): void {
    if (!this.#mayEnd(job)) return;
    this.wire.write(`BDAT ${bytes.length} LAST\r\n`);
    this.wire.writeBytes(bytes);
    this.#textSent(job, 'bdat');
  }

  #textSent(job: Job, kind: 'dot' | 'bdat'): void {
    job.dotSent = true;
    this.#current = undefined;
    // With LMTP and BDAT the recipients are not answered yet: one reply is expected, and more as they are accepted.
    const replies = this.#options.lmtp && kind === 'dot' ? job.accepted : 1;
    for (let i = 0; i < replies; i++) this.#expect({ kind, job });
    this.#next();
    if (this.#pipelining) this.#options.onRoom();
  }

  /** False: the lease has passed, the connection is gone, and so is this job. */
  #mayEnd(job: Job): boolean {
    if (job.attempt.leaseValid()) return true;
    job.leaseLost = true;
    this.wire.lose({ is: 'closed', detail: 'queue lease lost' });
    return false;
  }

  #onDot(job: Job, reply: Reply): void {
    const said = job.heard('dot', reply);
    if (!this.#options.lmtp) {
      this.#answerAccepted(job, said);
      if (reply.code >= 300 && this.#chunking) this.#needsReset = true;
      return this.#finish(job);
    }
    const index = job.said.findIndex((s) => s !== undefined && s.phase === 'rcpt' && s.code < 300);
    if (index !== -1) job.said[index] = said;
    job.dotAnswered += 1;
    if (job.dotAnswered >= job.accepted) this.#finish(job);
  }

  #finish(job: Job): void {
    if (this.#current?.job === job) this.#current = undefined;
    const at = this.#jobs.indexOf(job);
    if (at !== -1) this.#jobs.splice(at, 1);
    if (job.mail?.code === 503 && job.restarts === 0) {
      // Sent behind a mail that failed in a way that left its transaction open: once more, after RSET.
      this.#needsReset = true;
      job.restart();
      this.#waiting.push(job);
      return;
    }
    job.done(job);
    if (this.load === 0 || this.#pipelining) this.#options.onRoom();
  }

  /** Piece by piece, each waiting until the server takes it. By BDAT when it can, else as DATA. */
  async #stream(job: Job, text: LongText, how: How): Promise<void> {
    this.#streaming = true;
    const ended = await streamText({ wire: this.wire, text, how, onChunk: () => this.#expect(ignored) });
    this.#streaming = false;
    if (ended === undefined || !this.#mayEnd(job)) return;
    ended();
    this.#textSent(job, how === 'data' ? 'dot' : 'bdat');
  }

  /** 421, or a reply to nothing: the server is going. What it said counts for whoever was waiting for a reply. */
  #toldToGo(reply: Reply, expected: Expected | undefined): void {
    const job = expected?.job;
    if (job !== undefined && expected !== undefined && expected.kind !== 'emptyDot') {
      const phase = expected.kind === 'bdat' ? 'dot' : expected.kind === 'reset' ? 'mail' : expected.kind;
      const said = { phase, code: reply.code, reply: replyText(reply) } as const;
      // A reply to the dot is an answer: nothing was taken.
      job.settle(said);
      this.#finish(job);
    }
    this.wire.lose({ is: 'closed', detail: replyText(reply) });
  }

  #gone(lost: Lost): void {
    const jobs = this.#jobs.splice(0);
    for (let job = this.#waiting.shift(); job; job = this.#waiting.shift()) jobs.push(job);
    this.#current = undefined;
    const first = this.#expected.peek();
    const phase =
      first === undefined || first.kind === 'reset'
        ? 'mail'
        : first.kind === 'bdat' || first.kind === 'emptyDot'
          ? 'dot'
          : first.kind;
    // Who was told to go while others waited for a reply: it is the answer to them too.
    const told = lost.detail.startsWith('421');
    const reply = told ? lost.detail : `451 4.4.2 Connection lost: ${lost.detail}`;
    this.#options.onGone(jobs, { phase, code: told ? 421 : 0, reply });
  }
}

const limitOf: Readonly<Record<Kind, keyof DeliveryTimeouts>> = {
  reset: 'commandMs',
  mail: 'commandMs',
  rcpt: 'commandMs',
  data: 'dataMs',
  dot: 'dotMs',
  bdat: 'dotMs',
  emptyDot: 'dotMs',
};
