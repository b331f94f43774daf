/**
 * One connection to the sink: feeds the session with commands, asks the receiver, and does what it says: replies, waits, closes, resets, falls silent.
 *
 * Commands of a chunk are answered in one turn of the event loop. While something is waited for (a delay, a handshake) nothing more is read.
 */
import type { Clock, Timer } from '../base/clock.ts';
import type { Connection } from '../net/connection.ts';
import type { TlsContexts } from '../net/tls-contexts.ts';
import { parseCommand } from '../proto/smtp/command.ts';
import { formatExtensions } from '../proto/smtp/extensions.ts';
import type { No, Receiver, Visit } from './receiver.ts';
import {
  onCommand,
  onCommandBetweenChunks,
  onTextEnd,
  onVerdict,
  type Abilities,
  type Asking,
  type Envelope,
  type Session,
  type Step,
} from './session.ts';
import { SunkText, type Wanted } from './sunk-text.ts';

/** A mail that was accepted. */
export interface SunkMail {
  readonly envelope: Envelope;
  readonly text: SunkText;
  readonly ip: string;
}

export interface ConversationParts {
  readonly clock: Clock;
  readonly receiver: Receiver;
  readonly hostname: string;
  readonly contexts: TlsContexts | undefined;
  /** How much of each mail is kept until it is told. */
  wanted(): Wanted;
  taken(mail: SunkMail): void;
}

/** RFC 5321, 4.5.3.1.4 says 512, extensions add to it. */
const lineMaxBytes = 8_192;
/** How long nothing may come (RFC 5321, 4.5.3.2.7). */
const idleMs = 300_000;
const LF = 0x0a;
const CR = 0x0d;
const nothing = Buffer.alloc(0);

interface Chunk {
  left: number;
  readonly last: boolean;
}

export class Conversation {
  readonly #connection: Connection;
  readonly #parts: ConversationParts;
  readonly #visit: Visit;
  #now: Session = { at: 'start' };
  #text: SunkText | undefined;
  #chunk: Chunk | undefined;
  /** What came and was not read yet. */
  #rest: Buffer = nothing;
  #waiting = false;
  #deaf = false;
  #timer: Timer | undefined;
  #secure = false;
  #hello = '';

  constructor(connection: Connection, parts: ConversationParts) {
    this.#connection = connection;
    this.#parts = parts;
    this.#visit = parts.receiver.visit(connection.peer.ip);
  }

  begin(): void {
    const { receiver, clock } = this.#parts;
    this.#connection.setIdle(idleMs);
    this.#connection.onClose(() => {
      this.#timer?.[Symbol.dispose]();
      const { at } = this.#now;
      if (at === 'mail' || at === 'text') receiver.tally.abandoned += 1;
      receiver.left(this.#visit);
    });
    const { provider } = receiver;
    this.#take({ next: greeting(stamped(provider.greeting, clock, this.#parts.hostname)) });
    this.#connection.onData((chunk) => this.#heard(chunk));
  }

  #heard(chunk: Buffer): void {
    if (this.#deaf) return;
    if (this.#waiting) {
      this.#connection.pause();
      this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
      return;
    }
    if (this.#rest.length === 0) return this.#read(chunk);
    const whole = Buffer.concat([this.#rest, chunk]);
    this.#rest = nothing;
    this.#read(whole);
  }

  #read(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length && !this.#waiting && !this.#deaf) {
      if (this.#chunk !== undefined) at = this.#readChunk(this.#chunk, bytes, at);
      else if (this.#now.at === 'text' && this.#now.by === 'data') {
        at = this.#text!.push(bytes, at);
        if (at === -1) return;
        this.#take(onTextEnd(this.#now));
      } else {
        const lf = bytes.indexOf(LF, at);
        if (lf === -1) break;
        const end = bytes[lf - 1] === CR && lf > at ? lf - 1 : lf;
        const line = bytes.subarray(at, end);
        at = lf + 1;
        this.#line(line);
      }
    }
    if (this.#deaf) return;
    this.#rest = at === 0 ? bytes : bytes.subarray(at);
    if (this.#rest.length > lineMaxBytes && !this.#waiting) this.#hangUp('500 5.5.2 Line too long');
  }

  #readChunk(chunk: Chunk, bytes: Buffer, at: number): number {
    const part = bytes.subarray(at, at + chunk.left);
    chunk.left -= part.length;
    this.#text?.pushCounted(part);
    if (chunk.left === 0) this.#chunkEnded(chunk);
    return at + part.length;
  }

  #chunkEnded(chunk: Chunk): void {
    this.#chunk = undefined;
    if (this.#now.at !== 'text') return;
    if (chunk.last) this.#take(onTextEnd(this.#now));
    else this.#connection.write('250 2.0.0 Chunk taken\r\n');
  }

  #line(line: Buffer): void {
    const now = this.#now;
    const command = parseCommand(line);
    if (now.at === 'text') this.#take(onCommandBetweenChunks(now, command));
    else if (now.at === 'start' || now.at === 'idle' || now.at === 'mail') {
      if (command.verb === 'EHLO') this.#hello = this.#helloNow();
      this.#take(onCommand(now, command, this.#abilities()));
    }
  }

  #take(step: Step): void {
    const before = this.#now;
    this.#now = step.next;
    if (step.say !== undefined) this.#connection.write(step.say);
    if (step.next.at === 'text' && before.at !== 'text')
      this.#text = new SunkText(this.#parts.wanted(), { stuffed: step.next.by === 'data' });
    if (step.chunk !== undefined) {
      this.#chunk = { left: step.chunk.sizeBytes, last: step.chunk.last };
      if (step.chunk.sizeBytes === 0) this.#chunkEnded(this.#chunk);
    }
    if (step.tls) void this.#startTls();
    else if (step.next.at === 'asking') this.#ask(step.next);
    else if (step.next.at === 'closed') this.#close();
  }

  #ask(asking: Asking): void {
    const { phase } = asking.question;
    const { receiver } = this.#parts;
    const fault = receiver.faultOf(phase);
    const delayMs = receiver.delayMs(phase) + (fault?.delayMs ?? 0);
    // A fault that only delays is none otherwise.
    const strikes = fault !== undefined && (fault.does !== 'reply' || fault.reply !== '') ? fault : undefined;
    const answer = (): void =>
      this.#answer(asking, strikes ? receiver.fault(phase, strikes) : this.#judge(asking));
    if (delayMs === 0) answer();
    else this.#after(delayMs, answer);
  }

  #after(delayMs: number, then: () => void): void {
    this.#waiting = true;
    this.#timer = this.#parts.clock.after(delayMs, () => {
      this.#waiting = false;
      then();
      this.#goOn();
    });
  }

  #goOn(): void {
    if (this.#waiting || this.#deaf) return;
    const rest = this.#rest;
    this.#rest = nothing;
    if (rest.length > 0) this.#read(rest);
    if (!this.#waiting) this.#connection.resume();
  }

  #judge({ question }: Asking): No | undefined {
    const { receiver } = this.#parts;
    switch (question.phase) {
      case 'connect':
        return receiver.connect(this.#visit);
      case 'mail':
        return receiver.mail(this.#visit, question.sizeBytes);
      case 'rcpt':
        return receiver.recipient(this.#visit, question.to, question.mail);
      case 'data':
        return receiver.data(this.#visit);
      case 'end':
        return receiver.end(this.#visit, question.mail, this.#text!.sizeBytes);
      default:
        return undefined;
    }
  }

  #answer(asking: Asking, no: No | undefined): void {
    const { question } = asking;
    if (no?.does === 'reset') return this.#fallOver();
    if (no?.does === 'silence') return this.#fallSilent();
    if (question.phase === 'end') {
      const text = this.#text!;
      this.#text = undefined;
      if (no === undefined) this.#accept(question.mail, text);
    }
    this.#take(onVerdict(asking, no?.reply));
    if (no?.does === 'close') this.#close();
  }

  #accept(envelope: Envelope, text: SunkText): void {
    const { receiver, clock, hostname } = this.#parts;
    this.#connection.write(`${stamped(receiver.provider.accepted, clock, hostname)}\r\n`);
    this.#parts.taken({ envelope, text, ip: this.#connection.peer.ip });
  }

  async #startTls(): Promise<void> {
    this.#waiting = true;
    try {
      await this.#connection.startTls({ is: 'server', contexts: this.#parts.contexts! });
      this.#secure = true;
      this.#parts.receiver.tally.tlsConnections += 1;
    } catch {
      // The connection is closed, and counted as such.
      this.#deaf = true;
    }
    // Words in clear that came behind STARTTLS are not the client's (CVE-2011-0411).
    this.#rest = nothing;
    this.#waiting = false;
    this.#goOn();
  }

  #abilities(): Abilities {
    const { extensions } = this.#parts.receiver.provider;
    return {
      hostname: this.#parts.hostname,
      hello: this.#hello,
      chunking: extensions.includes('CHUNKING'),
      startTls: this.#parts.contexts !== undefined && !this.#secure && extensions.includes('STARTTLS'),
    };
  }

  #helloNow(): string {
    const { extensions, sizeMaxBytes } = this.#parts.receiver.provider;
    const tls = this.#parts.contexts !== undefined && !this.#secure;
    return formatExtensions(`${this.#parts.hostname} at your service`, [
      `SIZE ${sizeMaxBytes}`,
      ...extensions.filter((one) => one !== 'STARTTLS' || tls),
    ]);
  }

  #hangUp(reply: string): void {
    this.#connection.write(`${reply}\r\n`);
    this.#close();
  }

  #close(): void {
    this.#deaf = true;
    this.#connection.end();
  }

  #fallOver(): void {
    this.#deaf = true;
    this.#connection.reset('as the scenario wants it');
  }

  #fallSilent(): void {
    this.#deaf = true;
  }
}

const greeting = (text: string): Asking => ({
  at: 'asking',
  question: { phase: 'connect' },
  forth: { at: 'start' },
  back: { at: 'start' },
  yes: `220 ${text}\r\n`,
});

/** Words of greetings and of the last reply: `{host}`, `{id}`, `{time}` (seconds since 1970). */
function stamped(text: string, clock: Clock, hostname: string): string {
  if (!text.includes('{')) return text;
  nextId = (nextId + 1) % 0xffffff;
  return text
    .replaceAll('{host}', hostname)
    .replaceAll('{time}', `${Math.floor(clock.nowMs() / 1000)}`)
    .replaceAll('{id}', `${nextId.toString(36).padStart(5, '0')}sk`);
}

let nextId = 0;
