/**
 * Two connections that are each other's peer, without a network: for tests of protocols.
 */
import { Duplex } from 'node:stream';
import { systemClock, type Clock } from '../base/clock.ts';
import { Connection, type Endpoint } from './connection.ts';

export interface ConnectionPair {
  readonly client: Connection;
  readonly server: Connection;
}

export interface PairOptions {
  readonly clock?: Clock;
  /** Where the client seems to come from. */
  readonly clientEnd?: Endpoint;
  readonly serverEnd?: Endpoint;
}

export function connectionPair(options: PairOptions = {}): ConnectionPair {
  const clock = options.clock ?? systemClock;
  const clientEnd = options.clientEnd ?? { ip: '192.0.2.1', port: 40_000 };
  const serverEnd = options.serverEnd ?? { ip: '192.0.2.2', port: 25 };
  const near = new Half();
  const far = new Half();
  near.other = far;
  far.other = near;
  return {
    client: new Connection(near, { clock, local: clientEnd, peer: serverEnd }),
    server: new Connection(far, { clock, local: serverEnd, peer: clientEnd }),
  };
}

/**
 * One side of the wire. A write is done when the other side wants more; unlike the pair of node:stream, a side that is destroyed
 * lets go of what the other is still writing, so that TLS on top comes to its end too.
 */
class Half extends Duplex {
  other: Half | undefined;
  #written: (() => void) | undefined;
  #over = false;

  constructor() {
    super({ allowHalfOpen: true });
  }

  override _read(): void {
    const written = this.#written;
    this.#written = undefined;
    written?.();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.other!.#receive(chunk, done);
  }

  override _final(done: () => void): void {
    this.other!.#receive(null, done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this._read();
    this.other!.#receive(null, () => undefined);
    done(error);
  }

  /** Null is the end. What comes for a destroyed side is lost. */
  #receive(chunk: Buffer | null, done: () => void): void {
    if (this.destroyed || this.#over) return process.nextTick(done);
    this.#over = chunk === null;
    if (chunk === null || chunk.length === 0) process.nextTick(done);
    else this.#written = done;
    if (chunk?.length !== 0) this.push(chunk);
  }
}
