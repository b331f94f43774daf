/**
 * An outside engine as a check of the chain: ClamAV, SpamAssassin, rspamd. The text goes to it while it comes in.
 *
 * The beginning of a mail is held (`heldMaxBytes`), so that most mail meets its engine in one go when it is whole, and a slow client keeps no engine
 * waiting; what is larger is streamed. Memory: what is held, and what the connection has not sent yet.
 */
import type { Clock } from '../base/clock.ts';
import type { Check, CheckedMail, FailurePolicy, Found, RunningCheck } from './check.ts';
import { scannedTop } from './engine/scanned-top.ts';

export interface EngineSettings {
  /** For logs, metrics, findings and the journey. */
  readonly name: string;
  readonly timeoutMs: number;
  readonly onFailure: FailurePolicy;
  /** Larger mail is not shown to the engine. */
  readonly messageMaxBytes: number;
  readonly direction: 'in' | 'out' | 'both';
}

/** A mail on its way into an engine. */
export interface EngineStream {
  /** The bytes may be reused once this returned. */
  write(bytes: Buffer): Promise<void> | undefined;
  finish(): Promise<Found>;
  abort(): void;
}

export interface Engine {
  /** What it may find, with the weights. */
  readonly rules: Readonly<Record<string, number>>;
  open(mail: CheckedMail): Promise<EngineStream>;
}

const heldMaxBytes = 256 * 1024;

export interface EngineSurroundings {
  /** Ours, in the Received field that engines look at. */
  readonly hostName: string;
  readonly clock: Clock;
}

export function engineCheck(engine: Engine, settings: EngineSettings, around: EngineSurroundings): Check {
  const { name, timeoutMs, onFailure, direction } = settings;
  return {
    name,
    stage: 'content',
    timeoutMs,
    onFailure,
    rules: engine.rules,
    begin: (mail) =>
      direction === 'both' || direction === mail.direction
        ? new RunningEngine(engine, settings, mail, scannedTop(mail, around.hostName, around.clock.nowMs()))
        : undefined,
  };
}

class RunningEngine implements RunningCheck {
  readonly #engine: Engine;
  readonly #settings: EngineSettings;
  readonly #mail: CheckedMail;
  #held: Buffer[] = [];
  #bytes = 0;
  /** What is held is on its way. */
  #sending: Promise<EngineStream> | undefined;
  #stream: EngineStream | undefined;
  #over = false;

  constructor(engine: Engine, settings: EngineSettings, mail: CheckedMail, top: string) {
    this.#engine = engine;
    this.#settings = settings;
    this.#mail = mail;
    this.#take(Buffer.from(top));
    this.#take(Buffer.from(mail.header));
    this.#take(Buffer.from('\r\n'));
  }

  body(chunk: Buffer): Promise<void> | undefined {
    if (this.#over || this.#isTooLarge) return undefined;
    if (this.#stream && this.#held.length === 0) {
      this.#bytes += chunk.length;
      if (this.#isTooLarge) return this.#giveUp();
      return this.#stream.write(chunk);
    }
    this.#take(Buffer.from(chunk));
    if (this.#isTooLarge) return this.#giveUp();
    return this.#bytes > heldMaxBytes ? this.#sendHeld().then(() => undefined) : undefined;
  }

  async finish(): Promise<Found> {
    if (this.#isTooLarge) return tooLarge(this.#settings.name, this.#bytes);
    const stream = await this.#sendHeld();
    return stream.finish();
  }

  abort(): void {
    this.#over = true;
    this.#held = [];
    this.#stream?.abort();
  }

  get #isTooLarge(): boolean {
    return this.#bytes > this.#settings.messageMaxBytes;
  }

  #take(bytes: Buffer): void {
    this.#bytes += bytes.length;
    this.#held.push(bytes);
  }

  #giveUp(): undefined {
    this.#held = [];
    this.#stream?.abort();
  }

  #sendHeld(): Promise<EngineStream> {
    this.#sending ??= this.#openAndSend();
    return this.#sending;
  }

  async #openAndSend(): Promise<EngineStream> {
    const stream = await this.#engine.open(this.#mail);
    this.#stream = stream;
    if (this.#over) stream.abort();
    for (let first = this.#held[0]; first !== undefined; first = this.#held[0]) {
      await stream.write(first);
      this.#held.shift();
    }
    return stream;
  }
}

/** Nobody has looked at it: no reason to think ill of it, but worth knowing. */
const tooLarge = (name: string, bytes: number): Found => ({
  findings: [{ rule: `${name}.too-large`, weight: 0, detail: `${bytes} bytes` }],
});
