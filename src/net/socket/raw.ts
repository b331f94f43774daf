/**
 * What is done with a bare socket: sending pieces, throwing away what it has read, asking for its ends.
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { normalAddress } from '../address-block.ts';
import type { Endpoint } from '../endpoint.ts';

const nowhere: Endpoint = { ip: '', port: 0 };

/** Pieces up to this size are copied together; above, they go out as a vector. */
const joinMaxBytes = 16 * 1024;

/** In one system call. `bytes`: of all pieces. */
export function sendAll(socket: Duplex, pieces: readonly (string | Uint8Array)[], bytes: number): void {
  if (pieces.length === 1) return send(socket, pieces[0]!);
  if (bytes <= joinMaxBytes) return send(socket, joined(pieces, bytes));
  socket.cork();
  for (const piece of pieces) send(socket, piece);
  socket.uncork();
}

function send(socket: Duplex, piece: string | Uint8Array): void {
  if (typeof piece === 'string') socket.write(piece, 'latin1');
  else socket.write(piece);
}

function joined(pieces: readonly (string | Uint8Array)[], bytes: number): Buffer {
  const whole = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (const piece of pieces) {
    if (typeof piece === 'string') whole.write(piece, at, 'latin1');
    else whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

export function discardRead(socket: Duplex): number {
  let bytes = 0;
  for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) {
    bytes += chunk.length;
  }
  return bytes;
}

/** Breaks a TCP connection; what has no such thing is left to be destroyed. */
export function resetSocket(socket: Duplex): void {
  if (socket instanceof Socket && !(socket instanceof TLSSocket) && !socket.destroyed)
    socket.resetAndDestroy();
}

export function remoteEnd(socket: Duplex): Endpoint {
  if (!(socket instanceof Socket)) return nowhere;
  return { ip: normalAddress(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0 };
}

export function localEnd(socket: Duplex): Endpoint {
  if (!(socket instanceof Socket)) return nowhere;
  return { ip: normalAddress(socket.localAddress ?? ''), port: socket.localPort ?? 0 };
}
