/**
 * One TCP connection, for servers and clients alike: the only thing above it that speaks a protocol sees of a socket.
 *
 * Reading: one data callback; a chunk is the reader's to keep. Nothing is read before `onData` is called or while paused, and after
 * `pause()` returns no further chunk is delivered until `resume()`.
 * Writing: everything written within one turn of the event loop leaves in one system call, in order. A byte array that was written
 * must not be changed any more. `write` says false when the writer should wait for `drained()`; a writer that goes on for
 * `outgoingMaxBytes` beyond what the peer takes is cut off, so a peer that stops reading costs bounded memory.
 * Closing: `end()` sends what was written, then FIN, then waits `lingerMs` for the peer's (discarding what still comes, so that
 * no reset destroys the last reply on its way). A peer that half-closes (`printf … | nc`) still gets its answers: the default
 * answer to its FIN is `end()`, a server with work in hand sets `onEnd`.
 * Time: `setIdle` bounds how long nothing may move; what is owed per command or per phase is the protocol's business.
 *
 * Invariant: after `onClose` was called no other callback is.
 */
import type { Duplex } from 'node:stream';
import type { Clock, Timer } from '../base/clock.ts';
import type { Endpoint } from './endpoint.ts';
import { DeflateSocket } from './deflate.ts';
import { discardRead, localEnd, remoteEnd, resetSocket, sendAll } from './socket/raw.ts';
import type { TlsSession } from './tls-session.ts';
import { handshake, TlsError, wrapInTls, type StartTls } from './tls-upgrade.ts';

export type { Endpoint } from './endpoint.ts';

/**
 * `ended`: both sides closed in order, or our side did and the peer was given its time. `reset`: the peer or the network broke it.
 * `failed`: any other error, TLS included. `idle`: see `setIdle`. `overflow`: the peer stopped reading. `destroyed`: `destroy()`.
 */
export type CloseReason = 'ended' | 'reset' | 'failed' | 'idle' | 'overflow' | 'destroyed';

export interface Closed {
  readonly reason: CloseReason;
  /** For the log: the error code, or what `destroy` was told. */
  readonly detail: string;
}

export interface TlsStarted {
  readonly session: TlsSession;
  /** Plaintext that had come behind the command that starts TLS and was thrown away: an injection attempt (CVE-2011-0411). */
  readonly discardedBytes: number;
}

export interface ConnectionOptions {
  readonly clock: Clock;
  /** Who is at the other end, where that is not the socket's own peer (PROXY protocol, pairs in tests). */
  readonly peer?: Endpoint;
  readonly local?: Endpoint;
  readonly outgoingMaxBytes?: number;
}

/** Above this many unsent bytes `write` asks the writer to wait. */
const outgoingHighBytes = 64 * 1024;
/** Above this many unsent bytes a further `write` closes the connection. */
const outgoingMaxDefault = 4 * 1024 * 1024;
/** How long after our FIN the peer may take to send its own. */
const lingerMs = 5_000;
/** How long an ending connection without an idle limit may take to send what is left. */
const flushMaxMs = 60_000;

const owner = Symbol('connection');
type Owned = Duplex & { [owner]?: Connection };

const brokenByPeer: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ETIMEDOUT']);

/** Connections with something to send; emptied once per turn. */
let waiting: Connection[] = [];

// Shared by all sockets, which are `this` in them, so that an idle connection holds no closures. Set within the class, whose private
// fields they use.
let flushAll: () => void;
let heard: (this: Owned, chunk: Buffer) => void;
let peerEnded: (this: Owned) => void;
let moved: (this: Owned) => void;
let finished: (this: Owned) => void;
let broke: (this: Owned, error: NodeJS.ErrnoException) => void;
let closed: (this: Owned) => void;

export class Connection {
  readonly peer: Endpoint;
  readonly local: Endpoint;
  readonly #clock: Clock;
  readonly #outgoingMax: number;
  #socket: Owned;
  #tls: TlsSession | null = null;
  #state: 'open' | 'ending' | 'closed' = 'open';
  #why: Closed | undefined;
  #out: (string | Uint8Array)[] = [];
  #outBytes = 0;
  #scheduled = false;
  #silent = false;
  #drain: PromiseWithResolvers<void> | undefined;
  #idle: Timer | undefined;
  #idleMs = 0;
  #onData: ((chunk: Buffer) => void) | undefined;
  #onEnd: (() => void) | undefined;
  #onIdle: (() => void) | undefined;
  #onClose: ((why: Closed) => void) | undefined;
  #closedPromise: PromiseWithResolvers<Closed> | undefined;

  /** Takes over the socket: nothing else may read, write or listen to it from here on. */
  constructor(socket: Duplex, options: ConnectionOptions) {
    this.#socket = socket;
    this.#clock = options.clock;
    this.#outgoingMax = options.outgoingMaxBytes ?? outgoingMaxDefault;
    this.peer = options.peer ?? remoteEnd(socket);
    this.local = options.local ?? localEnd(socket);
    this.#attach(socket);
  }

  /** The TLS session, or null on a plain connection. */
  get tls(): TlsSession | null {
    return this.#tls;
  }

  /** False once `end` or `destroy` was called or the connection broke: what is written is then dropped. */
  get open(): boolean {
    return this.#state === 'open';
  }

  /** Bytes written and not yet handed to the kernel. */
  get outgoingBytes(): number {
    return this.#outBytes + this.#socket.writableLength;
  }

  /** Sets the reader and starts reading. May be called again to hand over to another reader. */
  onData(listener: (chunk: Buffer) => void): void {
    const first = this.#onData === undefined;
    this.#onData = listener;
    if (first && this.#state === 'open') this.#socket.on('data', heard);
  }

  /** The peer sent FIN. The listener calls `end()` when its last answer is written. */
  onEnd(listener: () => void): void {
    this.#onEnd = listener;
  }

  /** Nothing moved for the idle limit. The listener may say good-bye and `end()`; without one the connection is destroyed. */
  onIdle(listener: () => void): void {
    this.#onIdle = listener;
  }

  /** Called once, when all is over; at once (in a microtask) if it already is. */
  onClose(listener: (why: Closed) => void): void {
    this.#onClose = listener;
    if (this.#state === 'closed') queueMicrotask(() => listener(this.#why!));
  }

  /** Resolves when all is over; never rejects. */
  get closed(): Promise<Closed> {
    this.#closedPromise ??= Promise.withResolvers<Closed>();
    if (this.#state === 'closed') this.#closedPromise.resolve(this.#why!);
    return this.#closedPromise.promise;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    if (this.#onData !== undefined) this.#socket.resume();
  }

  /**
   * Queues bytes, or a string of characters up to U+00FF (one byte each; anything beyond is cut: encode text first).
   * False: wait for `drained()` before writing more, or the connection is no longer open.
   */
  write(data: string | Uint8Array): boolean {
    if (this.#state !== 'open' || this.#silent) return false;
    if (this.#outBytes + this.#socket.writableLength > this.#outgoingMax) {
      this.#fail('overflow', `${this.outgoingBytes} bytes unread by the peer`);
      return false;
    }
    if (data.length === 0) return true;
    const last = this.#out.length - 1;
    if (typeof data === 'string' && typeof this.#out[last] === 'string') this.#out[last] += data;
    else this.#out.push(data);
    this.#outBytes += data.length;
    this.#schedule();
    return this.#outBytes + this.#socket.writableLength < outgoingHighBytes;
  }

  /** Resolves when there is room again or the connection is over (look at `open`); undefined when there is room now. */
  drained(): Promise<void> | undefined {
    if (this.#state === 'closed' || this.outgoingBytes < outgoingHighBytes) return undefined;
    this.#drain ??= Promise.withResolvers<void>();
    return this.#drain.promise;
  }

  /** Bounds how long nothing may be received nor sent, from now; 0 for no bound. Cheap to call for each command. */
  setIdle(ms: number): void {
    if (this.#state !== 'open') return;
    this.#startIdle(ms);
  }

  /**
   * Turns the connection into a TLS one. As server, write the reply that allows it first ("220 Go ahead"); as client, have read it.
   * Bytes received before are thrown away and counted, except for `implicit` TLS; what the caller's own parser still holds of the
   * chunk with the command is the caller's to drop, together with all it learnt in plaintext.
   * Rejects with a TlsError; the connection is then closed or closing.
   */
  async startTls(how: StartTls): Promise<TlsStarted> {
    const raw = this.#socket;
    if (this.#state !== 'open' || this.#tls || raw.destroyed)
      throw new TlsError('closed', 'not an open plain connection');
    const implicit = how.is === 'server' && how.implicit === true;
    this.#detach(raw);
    raw.pause();
    const discardedBytes = implicit ? 0 : discardRead(raw);
    this.#flush();
    const secure = wrapInTls(raw, how);
    this.#socket = secure;
    this.#attach(secure);
    try {
      this.#tls = await handshake(secure, how, this.#clock);
    } catch (error) {
      this.#fail('failed', error instanceof Error ? error.message : 'TLS failed');
      throw error;
    }
    secure.on('_tlsError', broke);
    secure.disableRenegotiation();
    if (this.#onData !== undefined) {
      secure.off('data', heard).on('data', heard);
      secure.resume();
    }
    return { session: this.#tls, discardedBytes };
  }

  /** `startDeflate` was called. */
  get compressed(): boolean {
    return this.#socket instanceof DeflateSocket;
  }

  /** Compresses all that follows, both ways: write the reply that allows it first. What had come behind the command is thrown away, as with TLS. */
  startDeflate(): void {
    const raw = this.#socket;
    if (this.#state !== 'open' || this.compressed) return;
    this.#detach(raw);
    raw.pause();
    discardRead(raw);
    this.#flush();
    this.#socket = new DeflateSocket(raw);
    this.#attach(this.#socket);
    if (this.#onData !== undefined) this.#socket.on('data', heard);
  }

  /** Sends what was written, then FIN; what the peer says is still delivered. For protocols in which a request ends where the client's side does. */
  endWriting(): void {
    if (this.#state !== 'open' || this.#silent) return;
    this.#flush();
    this.#silent = true;
    this.#socket.end();
  }

  /** Sends what was written and closes. */
  end(): void {
    if (this.#state !== 'open') return;
    this.#flush();
    this.#state = 'ending';
    this.#socket.end();
    this.#onData = ignore;
    this.#onIdle = undefined;
    this.#socket.resume();
    if (this.#idle === undefined) this.#startIdle(flushMaxMs);
  }

  /** Closes at once: what was not sent is lost. `detail` goes to `onClose`. */
  destroy(detail: string): void {
    this.#fail('destroyed', detail);
  }

  /** Closes at once with a TCP reset (under TLS: without one), as a server that falls over does. For practising. */
  reset(detail: string): void {
    if (this.#state !== 'closed') resetSocket(this.#socket);
    this.#fail('destroyed', detail);
  }

  #attach(socket: Owned): void {
    socket[owner] = this;
    socket
      .on('error', broke)
      .on('close', closed)
      .on('end', peerEnded)
      .on('drain', moved)
      .on('finish', finished);
  }

  /** The raw socket under TLS: its errors and its end come through the TLS socket from now on. */
  #detach(socket: Owned): void {
    socket.off('data', heard).off('error', broke).off('close', closed);
    socket.off('end', peerEnded).off('drain', moved).off('finish', finished);
    socket.on('error', ignore);
    delete socket[owner];
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    if (waiting.push(this) === 1) setImmediate(flushAll);
  }

  #flush(): void {
    if (this.#out.length === 0) return;
    const pieces = this.#out;
    const bytes = this.#outBytes;
    this.#out = [];
    this.#outBytes = 0;
    this.#idle?.restart();
    sendAll(this.#socket, pieces, bytes);
    // What the kernel took at once is followed by no 'drain'.
    if (this.#drain === undefined || this.outgoingBytes >= outgoingHighBytes) return;
    this.#drain.resolve();
    this.#drain = undefined;
  }

  #startIdle(ms: number): void {
    if (ms === this.#idleMs && this.#idle) return this.#idle.restart();
    this.#idle?.[Symbol.dispose]();
    this.#idleMs = ms;
    this.#idle = ms > 0 ? this.#clock.after(ms, () => this.#idleFired()) : undefined;
  }

  #idleFired(): void {
    if (this.#onIdle === undefined) return this.#fail(this.#state === 'ending' ? 'ended' : 'idle', 'idle');
    this.#idle = undefined;
    this.#onIdle();
  }

  #fail(reason: CloseReason, detail: string): void {
    if (this.#state === 'closed') return;
    this.#why ??= { reason, detail };
    this.#state = 'ending';
    this.#onData = ignore;
    const wasDestroyed = this.#socket.destroyed;
    this.#socket.destroy();
    if (wasDestroyed) this.#finish();
  }

  #finish(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#why ??= { reason: 'ended', detail: '' };
    this.#idle?.[Symbol.dispose]();
    this.#idle = undefined;
    this.#out = [];
    this.#outBytes = 0;
    this.#drain?.resolve();
    this.#closedPromise?.resolve(this.#why);
    this.#onClose?.(this.#why);
  }

  static {
    flushAll = function (): void {
      const ready = waiting;
      waiting = [];
      for (const connection of ready) {
        connection.#scheduled = false;
        connection.#flush();
      }
    };
    heard = function (this: Owned, chunk: Buffer): void {
      const connection = this[owner];
      if (connection === undefined) return;
      if (connection.#state === 'open') connection.#idle?.restart();
      connection.#onData?.(chunk);
    };
    peerEnded = function (this: Owned): void {
      const connection = this[owner];
      if (connection === undefined || connection.#state !== 'open') return;
      if (connection.#onEnd === undefined) connection.end();
      else connection.#onEnd();
    };
    moved = function (this: Owned): void {
      const connection = this[owner];
      if (connection === undefined) return;
      if (connection.#state === 'open') connection.#idle?.restart();
      if (connection.outgoingBytes >= outgoingHighBytes) return;
      connection.#drain?.resolve();
      connection.#drain = undefined;
    };
    finished = function (this: Owned): void {
      const connection = this[owner];
      if (connection === undefined || this.readableEnded) return;
      const listens = connection.#silent && connection.#state === 'open';
      if (!listens) connection.#startIdle(lingerMs);
    };
    broke = function (this: Owned, error: NodeJS.ErrnoException): void {
      const connection = this[owner];
      const code = error.code ?? error.message;
      if (connection !== undefined) connection.#fail(brokenByPeer.has(code) ? 'reset' : 'failed', code);
    };
    closed = function (this: Owned): void {
      const connection = this[owner];
      if (connection !== undefined) connection.#finish();
    };
  }
}

function ignore(): void {}
