/**
 * HTTP: the admin API on TCP listeners, and on a Unix socket for the command line.
 *
 * This is the one server that does not use connections of net/: fastify needs Node's own `http`, and net/ only puts TLS in front of it. It keeps
 * the same manners: limits on connections, header size and time, an orderly stop. The application is loaded at the first request: with its libraries it takes
 * some 15 MB, which a thread that is never asked over HTTP need not hold.
 *
 * The control socket is bound inside a folder that only we can enter, made mode 0600, and only then moved to its place: nobody
 * else can open it at any moment, and a socket left over from a crash is replaced in one step.
 */
import { once } from 'node:events';
import { chmod, mkdtemp, rename, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import { tlsFront } from '../net/tls-front.ts';
import type { FastifyRequest } from 'fastify';
import type { App } from './admin-api/app.ts';
import { isEncrypted, isLoopbackIp, type Origin } from './admin-api/caller.ts';
import type { HttpListener, HttpParts } from './parts.ts';
import { asksForWebSocket, upgradeResponse } from './upgrade.ts';

const headersWithinMs = 15_000;
const requestWithinMs = 60_000;
const keptOpenMs = 10_000;
const headerMaxBytes = 16 * 1024;
const headersMax = 100;
/** Connections of one listener in one thread. */
const connectionsMax = 1000;
/** How long requests in hand may take when the server stops. */
const stopWithinMs = 5000;

export interface BoundHttp {
  readonly is: 'tcp' | 'control';
  readonly host: string;
  /** 0 for the control socket. */
  readonly port: number;
}

export interface HttpServer {
  /** In the order of the listeners asked for. */
  readonly bound: readonly BoundHttp[];
  /** Takes no more connections, lets requests in hand end, ends streams. */
  stop(): Promise<void>;
}

type TcpListener = Extract<HttpListener, { is: 'tcp' }>;
type Door = ReturnType<typeof tlsFront>;
type Handle = (request: IncomingMessage, response: ServerResponse) => void;
type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

interface Opened {
  readonly server: Server;
  readonly door: Door;
  readonly cleanUp: () => Promise<void>;
}

export async function startHttp(parts: HttpParts, listeners: readonly HttpListener[]): Promise<HttpServer> {
  const cameIn = new WeakMap<object, HttpListener>();
  const stopping = new AbortController();
  const listenerOf = (raw: IncomingMessage): HttpListener | undefined => cameIn.get(raw.socket);
  const origin = ({ raw }: FastifyRequest) => originOf(raw, listenerOf(raw));
  let building: Promise<App> | undefined;
  const build = async (): Promise<App> => {
    const { buildApp } = await import('./admin-api/app.ts');
    return buildApp({
      parts,
      stopping: stopping.signal,
      originOf: origin,
      maySeeMetrics: ({ raw }) => maySeeMetrics(raw, listenerOf(raw)),
    });
  };
  let buildingSend: Promise<App> | undefined;
  const buildSend = async (): Promise<App> => {
    const { buildSendApp } = await import('./send-api/app.ts');
    return buildSendApp({ parts, originOf: origin, stopping: stopping.signal });
  };
  const appFor = ({ url = '' }: IncomingMessage): Promise<App> =>
    url.startsWith('/v1/') ? (buildingSend ??= buildSend()) : (building ??= build());
  const answer: Handle = (request, response) =>
    void appFor(request).then(
      (app) => app.routing(request, response),
      (error: unknown) => {
        parts.log.error({ error }, 'the HTTP application could not be loaded');
        response.writeHead(503).end();
      },
    );
  const upgrade: Upgrade = (request, socket, head) => answer(request, upgradeResponse(request, socket, head));
  const opened: Opened[] = [];
  const bound: BoundHttp[] = [];
  const stop = async (): Promise<void> => {
    stopping.abort();
    await Promise.all(opened.map((one) => close(one, parts.clock)));
    await Promise.all(opened.map(({ cleanUp }) => cleanUp()));
    await (await building)?.close();
    await (await buildingSend)?.close();
  };
  try {
    for (const listener of listeners) {
      const server = makeServer(answer, upgrade);
      server.on('connection', (socket: object) => void cameIn.set(socket, listener));
      const door = doorOf(server, listener, parts.clock);
      const cleanUp =
        listener.is === 'tcp' ? await bindTcp(door, listener) : await bindControl(door, listener.path);
      opened.push({ server, door, cleanUp });
      bound.push(addressOf(door, listener));
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { bound, stop };
}

function makeServer(handle: Handle, upgrade: Upgrade): Server {
  const limits = {
    maxHeaderSize: headerMaxBytes,
    headersTimeout: headersWithinMs,
    requestTimeout: requestWithinMs,
    keepAliveTimeout: keptOpenMs,
    shouldUpgradeCallback: asksForWebSocket,
  };
  const server = createServer(limits, handle);
  server.maxHeadersCount = headersMax;
  server.on('upgrade', upgrade);
  return server;
}

/** What listens: the server itself, or TLS in front of it. */
function doorOf(server: Server, listener: HttpListener, clock: Clock): Door {
  const secured = listener.is === 'tcp' ? listener.tls : undefined;
  const door =
    secured === undefined
      ? server
      : tlsFront({ ...secured, clock, alpn: ['http/1.1'] }, (socket) => server.emit('connection', socket));
  door.maxConnections = connectionsMax;
  return door;
}

const nothingLeft = async (): Promise<void> => {};

async function bindTcp(
  server: Door,
  { host, port, reusePort = false }: TcpListener,
): Promise<() => Promise<void>> {
  server.listen({ host, port, reusePort });
  await listening(server);
  return nothingLeft;
}

async function bindControl(server: Door, path: string): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(dirname(path), '.control-'));
  try {
    const inside = join(folder, 's');
    server.listen({ path: inside });
    await listening(server);
    await chmod(inside, 0o600);
    await rename(inside, path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return () => rm(path, { force: true });
}

/** Rejects when the address cannot be bound. */
async function listening(server: Door): Promise<void> {
  await once(server, 'listening');
}

function addressOf(server: Door, listener: HttpListener): BoundHttp {
  if (listener.is === 'control') return { is: 'control', host: listener.path, port: 0 };
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : listener.port;
  return { is: 'tcp', host: listener.host, port };
}

async function close({ server, door }: Opened, clock: Clock): Promise<void> {
  if (!door.listening) return;
  const closed = once(door, 'close');
  door.close();
  server.closeIdleConnections();
  using _ = clock.after(stopWithinMs, () => server.closeAllConnections());
  await closed;
}

function originOf(raw: IncomingMessage, listener: HttpListener | undefined): Origin {
  const control = listener?.is === 'control';
  const trusted = listener?.is === 'tcp' && listener.behindProxy === true;
  const ip = (trusted ? forwardedFor(raw) : undefined) ?? raw.socket.remoteAddress ?? '';
  const secure = trusted || isEncrypted(raw);
  return { ip, control, secure, confidential: control || secure || isLoopbackIp(ip) };
}

/** The last address of X-Forwarded-For is the one our own proxy put there; those before it are the client's word. */
function forwardedFor(raw: IncomingMessage): string | undefined {
  const header = raw.headers['x-forwarded-for'];
  const last = String(header ?? '')
    .split(',')
    .at(-1)!
    .trim();
  return /^[0-9a-f.:]{2,45}$/i.test(last) ? last : undefined;
}

function maySeeMetrics(raw: IncomingMessage, listener: HttpListener | undefined): boolean {
  if (listener?.is === 'control') return true;
  return listener?.openMetrics === true || isLoopbackIp(raw.socket.remoteAddress ?? '');
}
