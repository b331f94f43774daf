/**
 * Requests that ask for a WebSocket (RFC 6455, 4). They go through the application like any other, so that whoever asks is known, and refused, as everywhere; a route that takes
 * one over gets its socket here.
 */
import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

interface Upgrade {
  readonly socket: Duplex;
  /** What has come behind the request already. */
  readonly head: Buffer;
  readonly response: ServerResponse;
}

const upgrades = new WeakMap<IncomingMessage, Upgrade>();

/** Other protocols are not spoken here: such a request is answered as if it had not asked (RFC 9110, 7.8). */
export const asksForWebSocket = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';

/** A response to the request on its socket; the connection ends with it. */
export function upgradeResponse(request: IncomingMessage, socket: Duplex, head: Buffer): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as never);
  response.on('finish', () => socket.end());
  upgrades.set(request, { socket, head, response });
  return response;
}

/** The socket, which is the caller's from now on. Undefined: the request asks for no WebSocket. */
export function takeUpgrade(request: IncomingMessage): Omit<Upgrade, 'response'> | undefined {
  const upgrade = upgrades.get(request);
  if (upgrade === undefined) return undefined;
  upgrades.delete(request);
  upgrade.response.detachSocket(upgrade.socket as never);
  return upgrade;
}

export const isUpgrade = (request: IncomingMessage): boolean => upgrades.has(request);
