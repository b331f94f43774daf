/**
 * Messages to a syslog server over TCP (RFC 6587, octet counting) or TLS (RFC 5425; the server's certificate is checked against its name). The protocol has no answers: what was sent is
 * in the hands of the system, and a server that dies at that moment loses it. A broken connection is opened anew by the next messages.
 */
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock } from '../base/clock.ts';

export interface SyslogServer {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** Certificates (PEM) that are trusted besides, or in place of, those of the system. */
  readonly ca?: string;
}

const withinMs = 15_000;
const keepAliveMs = 30_000;
/** RFC 6587, 3.2; RFC 5425, 4.1. */
const usualPorts = { tcp: 601, tls: 6514 } as const;

/** `syslog+tcp://host:601`, `syslog+tls://host`; undefined for anything else. */
export function parseSyslogServer(text: string): SyslogServer | undefined {
  const [, kind, host6, host4, port] =
    /^syslog\+(tcp|tls):\/\/(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]/@]+))(?::(\d{1,5}))?\/?$/.exec(text) ?? [];
  const host = host6 ?? host4;
  if (host === undefined || (kind !== 'tcp' && kind !== 'tls')) return undefined;
  const number = port === undefined ? usualPorts[kind] : Number(port);
  return number >= 1 && number <= 65_535 ? { host, port: number, tls: kind === 'tls' } : undefined;
}

const ignore = (): void => undefined;

export class SyslogSender implements Disposable {
  readonly #server: SyslogServer;
  readonly #clock: Clock;
  #socket: Socket | undefined;

  constructor(server: SyslogServer, clock: Clock) {
    this.#server = server;
    this.#clock = clock;
  }

  /** Resolves once all of them have left. */
  async send(messages: readonly string[]): Promise<void> {
    this.#socket ??= await this.#connect();
    const socket = this.#socket;
    const frames = messages.map((one) => `${Buffer.byteLength(one)} ${one}`).join('');
    try {
      await this.#within(socket, (done) => socket.write(frames, (error) => done(error ?? undefined)));
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  async #connect(): Promise<Socket> {
    const { host, port, tls, ca } = this.#server;
    const socket = tls
      ? connectTls({ host, port, servername: host, minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }) })
      : connectPlain({ host, port });
    try {
      await this.#within(socket, (done) => socket.once(tls ? 'secureConnect' : 'connect', () => done()));
    } catch (error) {
      socket.destroy();
      throw error;
    }
    socket.setKeepAlive(true, keepAliveMs);
    socket.setNoDelay(true);
    const gone = (): void => {
      socket.destroy();
      if (this.#socket === socket) this.#socket = undefined;
    };
    socket.on('error', gone).on('close', gone).on('end', gone);
    // What it says is nothing we know.
    socket.resume();
    return socket;
  }

  #within(socket: Socket, begin: (done: (error?: Error) => void) => void): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const failed = (error: Error): void => reject(error);
    const closed = (): void => reject(new Error('the syslog server has closed the connection'));
    socket.off('error', ignore).once('error', failed).once('close', closed);
    const timer = this.#clock.after(withinMs, () => reject(new Error('the syslog server does not keep up')));
    begin((error) => (error ? reject(error) : resolve()));
    return promise.finally(() => {
      timer[Symbol.dispose]();
      // Of what fails later nobody waits for: it must not be unheard.
      socket.off('close', closed).off('error', failed).on('error', ignore);
    });
  }

  [Symbol.dispose](): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }
}
