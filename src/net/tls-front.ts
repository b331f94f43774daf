/**
 * TLS in front of a server that wants plain streams, as Node's own HTTP server does: the certificate fits the host that the client asks for, and a
 * change of certificates holds from the next connection on.
 *
 * A client that offers `acme-tls/1` (RFC 8737) is shown the certificate that proves a domain to a certificate authority, if one is to be
 * shown; then the connection is closed, for nothing is spoken on it.
 */
import { Server, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../base/clock.ts';
import { peekClientHello } from './client-hello.ts';
import { TlsContexts, type Certificate } from './tls-contexts.ts';
import { handshake, wrapInTls, type ServerTls } from './tls-upgrade.ts';

export const acmeProtocol = 'acme-tls/1';

export interface TlsFrontOptions {
  readonly clock: Clock;
  readonly contexts: TlsContexts;
  readonly alpn?: readonly string[];
  /** The certificate that proves the name to an authority now, if there is one. */
  readonly challengeFor?: (servername: string) => Promise<Certificate | undefined>;
}

const handshakeTimeoutMs = 15_000;

/** A server to listen with; each socket that is secured is handed over. Closing it ends handshakes in hand, so that nobody has to wait for them. */
export function tlsFront(options: TlsFrontOptions, onSecured: (socket: TLSSocket) => void): Server {
  return new Front(options, onSecured);
}

class Front extends Server {
  readonly #unfinished = new Set<Socket>();

  constructor(options: TlsFrontOptions, onSecured: (socket: TLSSocket) => void) {
    super({ noDelay: true });
    this.on('connection', (raw: Socket) => {
      this.#unfinished.add(raw);
      raw.on('error', () => raw.destroy());
      admit(raw, options, onSecured)
        .catch(() => raw.destroy())
        .finally(() => this.#unfinished.delete(raw));
    });
  }

  override close(callback?: (error?: Error) => void): this {
    for (const raw of this.#unfinished) raw.destroy();
    return super.close(callback);
  }
}

async function admit(
  raw: Socket,
  options: TlsFrontOptions,
  onSecured: (socket: TLSSocket) => void,
): Promise<void> {
  const { clock, contexts, alpn, challengeFor } = options;
  const challenge = challengeFor === undefined ? undefined : await challengeOf(raw, clock, challengeFor);
  const how: ServerTls = {
    is: 'server',
    contexts: challenge ?? contexts,
    alpn: challenge === undefined ? (alpn ?? []) : [acmeProtocol],
    timeoutMs: handshakeTimeoutMs,
  };
  const secure = wrapInTls(raw, how);
  secure.on('error', () => secure.destroy());
  await handshake(secure, how, clock);
  if (challenge === undefined) onSecured(secure);
  else secure.end();
}

/** Undefined for everybody but an authority that has something to look for. */
async function challengeOf(
  raw: Socket,
  clock: Clock,
  challengeFor: NonNullable<TlsFrontOptions['challengeFor']>,
): Promise<TlsContexts | undefined> {
  const hello = await peekClientHello(raw, clock, handshakeTimeoutMs);
  if (hello === undefined || hello.servername === '' || !hello.alpn.includes(acmeProtocol)) return undefined;
  const certificate = await challengeFor(hello.servername);
  return certificate === undefined ? undefined : new TlsContexts({ certificates: [certificate] });
}
