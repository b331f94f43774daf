/**
 * Listens on one address and port and hands over connections that are ready to be talked to: within the limits, with the client's
 * real address (PROXY protocol) and, for implicit TLS, after the handshake.
 *
 * Limits are per listener object, so per thread where several threads bind the same port. A connection above a limit is answered (in
 * plaintext services) and closed, never left hanging. Without descriptors left (EMFILE) libuv accepts and closes newcomers by itself; any
 * other failure to accept is reported, and the listener goes on.
 * `close` stops accepting and drops what was not handed over yet; connections handed over are their owner's.
 */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { anyBlockContains, normalAddress, subnetKey, type AddressBlock } from './address-block.ts';
import { Connection, type ConnectionOptions, type Endpoint } from './connection.ts';
import { readProxyHeader } from './proxy/read-header.ts';
import type { TlsContexts } from './tls-contexts.ts';

/** Which limit a connection is above: all of the listener's, or those of its address (IPv6: its /64). */
export type RefusalKind = 'connections' | 'perAddress';

export type ListenerProblem =
  | { readonly is: 'accept'; readonly detail: string }
  | { readonly is: 'refused'; readonly peer: Endpoint; readonly detail: RefusalKind }
  | { readonly is: 'proxy'; readonly peer: Endpoint; readonly detail: string }
  | { readonly is: 'tls'; readonly peer: Endpoint; readonly detail: string };

export interface ListenOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly clock: Clock;
  /** Several threads or processes may bind the same port; the kernel shares out the connections. */
  readonly reusePort?: boolean;
  /** `::` without IPv4. */
  readonly ipv6Only?: boolean;
  readonly backlog?: number;
  readonly connectionsMax?: number;
  readonly perAddressMax?: number;
  /** Networks whose connections the per-address limit does not count. */
  readonly perAddressExempt?: readonly AddressBlock[];
  /** Connections from these networks must begin with a PROXY header; from anywhere else none is looked for. */
  readonly proxyTrusted?: readonly AddressBlock[];
  readonly proxyTimeoutMs?: number;
  /** TLS from the first byte. */
  readonly tls?: TlsContexts;
  /** Whether clients are asked for certificates. */
  readonly asksCertificate?: () => Promise<boolean>;
  readonly alpn?: readonly string[];
  readonly handshakeTimeoutMs?: number;
  readonly outgoingMaxBytes?: number;
  /** What to say before closing a connection above a limit ("421 …"); not used with implicit TLS. */
  readonly onRefused?: (kind: RefusalKind, peer: Endpoint) => string | Uint8Array | undefined;
  readonly onProblem?: (problem: ListenerProblem) => void;
}

export interface Listener extends AsyncDisposable {
  readonly address: { readonly host: string; readonly port: number };
  /** Connections open now, those not yet handed over included. */
  readonly connections: number;
  close(): Promise<void>;
}

/** Waiting connections in the kernel; it cuts this to its own limit (net.core.somaxconn, 4096 by default). */
const backlogDefault = 4096;
/** A limit that stops runaway use before descriptors run out; settings usually give a lower one. */
const connectionsDefault = 100_000;
/** The specification asks the sender to send the header at once, in one segment; this allows for a lost one. */
const proxyTimeoutDefaultMs = 5_000;
/** When a silent peer is probed; dead ones (a mobile that left) are found within about twice this. */
const keepAliveMs = 300_000;

/** Rejects when the address cannot be bound (`EADDRINUSE`, `EACCES`). */
export async function listen(
  options: ListenOptions,
  onConnection: (connection: Connection) => void,
): Promise<Listener> {
  const server = createServer({
    noDelay: true,
    allowHalfOpen: true,
    keepAlive: true,
    keepAliveInitialDelay: keepAliveMs,
  });
  const door = new Door(server, options, onConnection);
  server.listen({
    host: options.host,
    port: options.port,
    backlog: options.backlog ?? backlogDefault,
    reusePort: options.reusePort ?? false,
    ipv6Only: options.ipv6Only ?? false,
  });
  await once(server, 'listening');
  server.on('error', (error: NodeJS.ErrnoException) => {
    options.onProblem?.({ is: 'accept', detail: error.code ?? error.message });
  });
  const bound = server.address() as AddressInfo;
  return {
    address: { host: bound.address, port: bound.port },
    get connections() {
      return door.count;
    },
    close: () => door.close(),
    [Symbol.asyncDispose]: () => door.close(),
  };
}

const place = Symbol('place');
/** A socket that was let in: whose count it is in, and under which address (undefined: not counted by address). */
type Placed = Socket & { [place]?: { readonly door: Door; key: string | undefined } };

class Door {
  readonly #server: Server;
  readonly #options: ListenOptions;
  readonly #onConnection: (connection: Connection) => void;
  /** Connections by address; an address without any has no entry. */
  readonly #perAddress = new Map<string, number>();
  #closing = false;
  count = 0;

  constructor(server: Server, options: ListenOptions, onConnection: (connection: Connection) => void) {
    this.#server = server;
    this.#options = options;
    this.#onConnection = onConnection;
    server.on('connection', (socket: Socket) => this.#knock(socket));
  }

  async close(): Promise<void> {
    this.#closing = true;
    if (this.#server.listening) this.#server.close();
  }

  #knock(socket: Socket): void {
    const { proxyTrusted, tls } = this.#options;
    const ip = socket.remoteAddress;
    // The peer is gone already.
    if (ip === undefined) return void socket.on('error', ignore).destroy();
    this.count += 1;
    (socket as Placed)[place] = { door: this, key: undefined };
    socket.on('close', left);
    const peer = { ip: normalAddress(ip), port: socket.remotePort ?? 0 };
    if (this.count > (this.#options.connectionsMax ?? connectionsDefault))
      return this.#refuse(socket, peer, 'connections');
    const proxied = proxyTrusted !== undefined && anyBlockContains(proxyTrusted, peer.ip);
    if (proxied) void this.#admitProxied(socket, peer);
    else if (tls) void this.#admitSecured(socket, { clock: this.#options.clock, peer });
    else this.#admit(socket, { clock: this.#options.clock, peer });
  }

  async #admitProxied(socket: Socket, proxy: Endpoint): Promise<void> {
    const { clock, proxyTimeoutMs = proxyTimeoutDefaultMs, tls } = this.#options;
    socket.on('error', ignore);
    try {
      const header = await readProxyHeader(socket, clock, proxyTimeoutMs);
      const ends =
        header.source && header.destination
          ? { peer: header.source, local: header.destination }
          : { peer: proxy };
      if (tls) await this.#admitSecured(socket, { clock, ...ends });
      else this.#admit(socket, { clock, ...ends });
    } catch (error) {
      this.#options.onProblem?.({ is: 'proxy', peer: proxy, detail: (error as Error).message });
      socket.destroy();
    }
  }

  async #admitSecured(socket: Socket, given: ConnectionOptions & { peer: Endpoint }): Promise<void> {
    const { tls, alpn, handshakeTimeoutMs, asksCertificate } = this.#options;
    const connection = this.#enter(socket, given);
    if (connection === undefined) return;
    try {
      const asks = asksCertificate && (await asksCertificate());
      await connection.startTls({
        is: 'server',
        contexts: tls!,
        implicit: true,
        ...(asks && { asksCertificate: true }),
        ...(alpn ? { alpn } : {}),
        ...(handshakeTimeoutMs === undefined ? {} : { timeoutMs: handshakeTimeoutMs }),
      });
    } catch (error) {
      this.#options.onProblem?.({ is: 'tls', peer: given.peer, detail: (error as Error).message });
      return;
    }
    this.#handOver(connection);
  }

  #admit(socket: Socket, given: ConnectionOptions & { peer: Endpoint }): void {
    const connection = this.#enter(socket, given);
    if (connection !== undefined) this.#handOver(connection);
  }

  /** Counts the connection for its address; undefined when that is above the limit. */
  #enter(socket: Socket, given: ConnectionOptions & { peer: Endpoint }): Connection | undefined {
    const { perAddressMax, perAddressExempt, outgoingMaxBytes } = this.#options;
    if (perAddressMax !== undefined && !anyBlockContains(perAddressExempt ?? [], given.peer.ip)) {
      const key = subnetKey(given.peer.ip);
      const open = this.#perAddress.get(key) ?? 0;
      if (open >= perAddressMax) {
        this.#refuse(socket, given.peer, 'perAddress');
        return undefined;
      }
      this.#perAddress.set(key, open + 1);
      (socket as Placed)[place]!.key = key;
    }
    return new Connection(socket, {
      ...given,
      ...(outgoingMaxBytes === undefined ? {} : { outgoingMaxBytes }),
    });
  }

  #handOver(connection: Connection): void {
    if (this.#closing) connection.destroy('listener closed');
    else this.#onConnection(connection);
  }

  #refuse(socket: Socket, peer: Endpoint, kind: RefusalKind): void {
    const { clock, tls, onRefused, onProblem } = this.#options;
    onProblem?.({ is: 'refused', peer, detail: kind });
    const words = tls ? undefined : onRefused?.(kind, peer);
    const connection = new Connection(socket, { clock, peer });
    if (words === undefined) return connection.destroy(kind);
    connection.write(words);
    connection.end();
  }

  leave(key: string | undefined): void {
    this.count -= 1;
    if (key === undefined) return;
    const open = this.#perAddress.get(key) ?? 0;
    if (open > 1) this.#perAddress.set(key, open - 1);
    else this.#perAddress.delete(key);
  }
}

/** Shared by all sockets, like the listeners in connection.ts. */
function left(this: Placed): void {
  const taken = this[place];
  taken?.door.leave(taken.key);
}

function ignore(): void {}
