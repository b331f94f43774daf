/**
 * Connections to services that the operator has named: scanners and filters beside the mail server, on a UNIX socket or by TCP. No guard: they are
 * meant to be on this machine or the next one.
 */
import { connect, isIP, type Socket } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { Connection } from './connection.ts';
import { dial, DialError } from './dialer.ts';
import type { Resolver } from './resolver.ts';

export type ServiceAddress =
  | { readonly is: 'unix'; readonly path: string }
  | { readonly is: 'tcp'; readonly host: string; readonly port: number };

export interface ServiceDialer {
  readonly clock: Clock;
  readonly resolver: Pick<Resolver, 'a' | 'aaaa'>;
}

export interface ServiceWish {
  readonly timeoutMs: number;
  /** Bytes that may wait unsent before the connection is cut off. */
  readonly outgoingMaxBytes?: number;
}

/** `unix:/run/clamav/clamd.ctl`, or `inet:host:port` with or without the first word; undefined for anything else. */
export function parseServiceAddress(text: string): ServiceAddress | undefined {
  const path = /^(?:unix|local):(\/.+)$/.exec(text)?.[1] ?? (text.startsWith('/') ? text : undefined);
  if (path !== undefined) return { is: 'unix', path };
  const tcp = /^(?:(?:inet6?|tcp):)?(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]/@]+)):(\d{1,5})$/.exec(text);
  if (tcp === null) return undefined;
  const port = Number(tcp[3]);
  return port === 0 || port > 65_535 ? undefined : { is: 'tcp', host: (tcp[1] ?? tcp[2])!, port };
}

export const serviceText = (address: ServiceAddress): string =>
  address.is === 'unix' ? `unix:${address.path}` : `${address.host}:${address.port}`;

/** Rejects with a DialError, never with anything else. */
export async function dialService(
  dialer: ServiceDialer,
  address: ServiceAddress,
  wish: ServiceWish,
): Promise<Connection> {
  if (address.is === 'unix') return dialPath(dialer, address.path, wish);
  let last = new DialError('failed', `no address of ${address.host}`);
  for (const ip of await addressesOf(dialer, address.host)) {
    try {
      return await dial({ ip, port: address.port, clock: dialer.clock, timeoutMs: wish.timeoutMs });
    } catch (error) {
      last = error as DialError;
    }
  }
  throw last;
}

async function addressesOf({ resolver }: ServiceDialer, host: string): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  // Whatever DNS says (RFC 6761, 6.3).
  if (host.toLowerCase() === 'localhost') return ['127.0.0.1', '::1'];
  const answers = await Promise.all([resolver.a(host), resolver.aaaa(host)]);
  return answers.flatMap((answer) => (answer.is === 'records' ? answer.records : []));
}

function dialPath({ clock }: ServiceDialer, path: string, wish: ServiceWish): Promise<Connection> {
  const { timeoutMs, outgoingMaxBytes } = wish;
  const { promise, resolve, reject } = Promise.withResolvers<Connection>();
  const socket: Socket = connect({ path, allowHalfOpen: true });
  const failed = (error: NodeJS.ErrnoException): void => {
    timer[Symbol.dispose]();
    socket.destroy();
    const reason = error.code === 'ENOENT' || error.code === 'ECONNREFUSED' ? 'refused' : 'failed';
    reject(new DialError(reason, error.code ?? error.message, { cause: error }));
  };
  const timer = clock.after(timeoutMs, () => {
    socket.off('error', failed).on('error', () => undefined);
    socket.destroy();
    reject(new DialError('timeout', 'ETIMEDOUT'));
  });
  socket.once('error', failed);
  socket.once('connect', () => {
    timer[Symbol.dispose]();
    socket.off('error', failed);
    resolve(
      new Connection(socket, { clock, ...(outgoingMaxBytes === undefined ? {} : { outgoingMaxBytes }) }),
    );
  });
  return promise;
}
