/**
 * Reads a PROXY header from a fresh socket, leaving every byte behind it unread.
 */
import type { Socket } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import { parseProxyHeader, type ProxyHeader } from './header.ts';

type Header = Extract<ProxyHeader, { is: 'header' }>;

/** Rejects with an Error that says what was wrong; the socket is then the caller's to destroy. */
export function readProxyHeader(socket: Socket, clock: Clock, timeoutMs: number): Promise<Header> {
  const { promise, resolve, reject } = Promise.withResolvers<Header>();
  let seen: Buffer = Buffer.alloc(0);
  const read = (): void => {
    for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) {
      seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
      const header = parseProxyHeader(seen);
      if (header.is === 'malformed') return reject(new Error(header.why));
      if (header.is === 'partial') continue;
      socket.off('readable', read);
      if (seen.length > header.length) socket.unshift(seen.subarray(header.length));
      return resolve(header);
    }
  };
  const closed = (): void => reject(new Error('closed before the PROXY header'));
  const timer = clock.after(timeoutMs, () => reject(new Error('no PROXY header in time')));
  socket.on('readable', read).on('end', closed).on('close', closed);
  return promise.finally(() => {
    timer[Symbol.dispose]();
    socket.off('readable', read).off('end', closed).off('close', closed);
  });
}
