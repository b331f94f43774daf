/**
 * Opens a connection to an address that is already known (no DNS here), from a chosen local address, within a time limit.
 */
import { connect, isIP, type Socket } from 'node:net';
import type { Clock, Timer } from '../base/clock.ts';
import { addressKind, normalAddress } from './address-block.ts';
import { Connection } from './connection.ts';
import type { Endpoint } from './endpoint.ts';
import { askSocks, proxyHeader, type ProxyLogin } from './proxy/outgoing.ts';

/**
 * `refused`: something answered that nobody listens. `unreachable`: no way there. `timeout`: silence. `localAddress`: our own address
 * cannot be used (not on this machine, no port left). `forbidden`: the guard said no. `aborted`: the caller's signal.
 */
export type DialFault =
  | 'refused'
  | 'unreachable'
  | 'timeout'
  | 'reset'
  | 'localAddress'
  | 'forbidden'
  | 'aborted'
  | 'failed';

export class DialError extends Error {
  override readonly name = 'DialError';
  readonly reason: DialFault;
  /** The system's code (`ECONNREFUSED`), or a word of ours. */
  readonly code: string;

  constructor(reason: DialFault, code: string, options?: { cause?: unknown }) {
    super(`${reason}: ${code}`, options);
    this.reason = reason;
    this.code = code;
  }
}

/** False for an address that must not be connected to. */
export type DialGuard = (ip: string) => boolean;

export interface DialOptions {
  readonly ip: string;
  readonly port: number;
  readonly clock: Clock;
  /** Address to send from (egress IP); the system chooses where there is none. */
  readonly localAddress?: string;
  /** Default 30 s (RFC 5321, 4.5.3.2 leaves the connection itself open; systems give up after about two minutes). */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly guard?: DialGuard;
  /** The connection leaves through this server; `ip` and `port` are where it leads. */
  readonly through?: DialProxy;
}

export interface DialProxy {
  readonly is: 'socks5' | 'haproxy';
  readonly ip: string;
  readonly port: number;
  readonly login?: ProxyLogin;
  /** For HAProxy: the address that it is to connect from. */
  readonly from?: string;
}

const connectTimeoutMs = 30_000;

/**
 * The guard for names that strangers choose (MX targets, webhooks): only global unicast addresses, so that nobody makes us talk to
 * ourselves, to the neighbours or to a cloud's metadata service.
 */
export const onlyPublic: DialGuard = (ip) => addressKind(ip) === 'global';

/** Rejects with a DialError, never with anything else. */
export function dial(options: DialOptions): Promise<Connection> {
  const refusal = refusedBeforehand(options);
  if (refusal !== undefined) return Promise.reject(refusal);
  const { promise, resolve, reject } = Promise.withResolvers<Connection>();
  const { through } = options;
  const socket = connect({
    host: through?.ip ?? options.ip,
    port: through?.port ?? options.port,
    noDelay: true,
    allowHalfOpen: true,
    ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
  });
  const attempt = new Attempt(socket, options);
  const stands = (peer?: Endpoint): void => {
    attempt.settle();
    resolve(new Connection(socket, { clock: options.clock, ...(peer && { peer }) }));
  };
  socket.once('connect', () => {
    if (!through) return stands();
    passThrough(socket, options, through).then(
      () => stands({ ip: normalAddress(options.ip), port: options.port }),
      (error: Error) => socket.destroy(error),
    );
  });
  attempt.onFailure((error) => {
    attempt.settle();
    // A late error of a socket given up must find a listener.
    socket.on('error', () => undefined).destroy();
    reject(error);
  });
  return promise;
}

async function passThrough(socket: Socket, { ip, port }: DialOptions, through: DialProxy): Promise<void> {
  if (through.is === 'socks5') return askSocks(socket, { ip, port }, through.login);
  socket.write(proxyHeader({ ip, port, ...(through.from !== undefined && { from: through.from }) }));
}

/** The three ways in which an attempt can end before it connects; `settle` forgets all of them. */
class Attempt {
  readonly #socket: Socket;
  readonly #options: DialOptions;
  #timer: Timer | undefined;
  #aborted: (() => void) | undefined;
  #failed: ((error: NodeJS.ErrnoException) => void) | undefined;

  constructor(socket: Socket, options: DialOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  onFailure(fail: (error: DialError) => void): void {
    const { clock, signal, timeoutMs = connectTimeoutMs } = this.#options;
    this.#timer = clock.after(timeoutMs, () => fail(new DialError('timeout', 'ETIMEDOUT')));
    this.#aborted = () => fail(new DialError('aborted', 'ABORTED', { cause: signal?.reason }));
    this.#failed = (error) =>
      fail(new DialError(faultOf(error), error.code ?? error.message, { cause: error }));
    signal?.addEventListener('abort', this.#aborted, { once: true });
    this.#socket.once('error', this.#failed);
  }

  settle(): void {
    this.#timer?.[Symbol.dispose]();
    if (this.#aborted) this.#options.signal?.removeEventListener('abort', this.#aborted);
    if (this.#failed) this.#socket.off('error', this.#failed);
  }
}

function refusedBeforehand({ ip, localAddress, signal, guard, through }: DialOptions): DialError | undefined {
  if (signal?.aborted) return new DialError('aborted', 'ABORTED', { cause: signal.reason });
  if (isIP(ip) === 0 || (through && isIP(through.ip) === 0))
    return new DialError('failed', 'not an IP address');
  if (through === undefined && localAddress !== undefined && isIP(localAddress) !== isIP(ip))
    return new DialError('localAddress', 'EAFNOSUPPORT');
  if (guard !== undefined && !guard(ip)) return new DialError('forbidden', 'FORBIDDEN');
  return undefined;
}

const faults: Readonly<Record<string, DialFault>> = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETDOWN: 'unreachable',
  EACCES: 'unreachable',
  EPERM: 'unreachable',
  ETIMEDOUT: 'timeout',
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  EADDRNOTAVAIL: 'localAddress',
  EADDRINUSE: 'localAddress',
};

function faultOf(error: NodeJS.ErrnoException): DialFault {
  return faults[error.code ?? ''] ?? 'failed';
}
