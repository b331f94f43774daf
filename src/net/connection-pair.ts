/**
 * Two connections that are each other's peer, without a network: for tests of protocols.
 */
import { duplexPair } from 'node:stream';
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
  const [near, far] = duplexPair();
  return {
    client: new Connection(near, { clock, local: clientEnd, peer: serverEnd }),
    server: new Connection(far, { clock, local: serverEnd, peer: clientEnd }),
  };
}
