/**
 * A TLS handshake over a socket that is already connected (RFC 8446, RFC 5246), as server or client, with one kind of failure.
 *
 * A client always completes the handshake first and looks at the verdict on the certificate afterwards: opportunistic TLS wants the
 * encryption anyway and the reason for the record; `verify: true` makes a bad verdict a failure.
 */
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { checkServerIdentity, connect, TLSSocket, type PeerCertificate } from 'node:tls';
import type { Clock } from '../base/clock.ts';
import { clientContext, type TlsContexts } from './tls-contexts.ts';
import { TlsSession } from './tls-session.ts';

export interface ServerTls {
  readonly is: 'server';
  readonly contexts: TlsContexts;
  /** Protocol names for clients that ask by ALPN; a client that does not is served all the same. */
  readonly alpn?: readonly string[];
  /** Asks the client for a certificate; whether one is shown, and which, is for the caller to judge. */
  readonly asksCertificate?: boolean;
  /** TLS from the first byte: what was received already is the handshake, not an injection. */
  readonly implicit?: boolean;
  readonly timeoutMs?: number;
}

export interface ClientTls {
  readonly is: 'client';
  /** The name of the server, sent as SNI and, without `names`, looked for in its certificate. An IP address is only looked for. */
  readonly servername: string;
  /** Names any of which the certificate must carry; `.example.jp` is any name below it. */
  readonly names?: readonly string[];
  /** Fail unless the certificate is valid for the name. Default false: encrypt and record the verdict. */
  readonly verify?: boolean;
  /** PEM certificates trusted instead of the system's roots. */
  readonly ca?: readonly string[];
  readonly alpn?: readonly string[];
  readonly timeoutMs?: number;
}

export type StartTls = ServerTls | ClientTls;

export type TlsFault = 'timeout' | 'handshake' | 'certificate' | 'closed';

export class TlsError extends Error {
  override readonly name = 'TlsError';
  readonly reason: TlsFault;
  /** The code of OpenSSL or Node.js (`ERR_SSL_NO_SHARED_CIPHER`, `CERT_HAS_EXPIRED`), or a word. */
  readonly code: string;

  constructor(reason: TlsFault, code: string, options?: { cause?: unknown }) {
    super(`TLS ${reason}: ${code}`, options);
    this.reason = reason;
    this.code = code;
  }
}

/** How long a handshake may take, from first to last byte. */
const handshakeTimeoutMs = 30_000;

export function wrapInTls(raw: Duplex, how: StartTls): TLSSocket {
  const alpn = how.alpn === undefined ? {} : { ALPNProtocols: [...how.alpn] };
  if (how.is === 'server') {
    return new TLSSocket(raw, {
      isServer: true,
      secureContext: how.contexts.standard,
      SNICallback: how.contexts.sniCallback,
      requestCert: how.asksCertificate === true,
      rejectUnauthorized: false,
      ...alpn,
    });
  }
  return connect({
    socket: raw,
    host: how.servername,
    ...(isIP(how.servername) === 0 ? { servername: how.servername } : {}),
    secureContext: clientContext(how.ca),
    rejectUnauthorized: false,
    checkServerIdentity: (_host, certificate) => identityError(how, certificate),
    ...alpn,
  });
}

/** Resolves when the handshake is complete (and the certificate is good, where that was asked for). */
export function handshake(socket: TLSSocket, how: StartTls, clock: Clock): Promise<TlsSession> {
  const { promise, resolve, reject } = Promise.withResolvers<TlsSession>();
  const done = how.is === 'server' ? 'secure' : 'secureConnect';
  const secured = (): void => {
    const session = new TlsSession(socket, how.is === 'server');
    if (how.is === 'client' && how.verify === true && !session.verified) {
      reject(new TlsError('certificate', session.unverifiedReason));
    } else resolve(session);
  };
  const failed = (error: NodeJS.ErrnoException): void => {
    const reason = error.code === 'ECONNRESET' ? 'closed' : 'handshake';
    reject(new TlsError(reason, error.code ?? error.message, { cause: error }));
  };
  const closed = (): void => reject(new TlsError('closed', 'closed during the handshake'));
  const timer = clock.after(how.timeoutMs ?? handshakeTimeoutMs, () =>
    reject(new TlsError('timeout', 'handshake')),
  );
  // Who ends his side in the middle will not complete it: not waited for until the time is up.
  socket.once(done, secured).once('_tlsError', failed).once('error', failed);
  socket.once('end', closed).once('close', closed);
  return promise.finally(() => {
    timer[Symbol.dispose]();
    socket.off(done, secured).off('_tlsError', failed).off('error', failed);
    socket.off('end', closed).off('close', closed);
  });
}

/** Alternative names only: the common name is no longer looked at (RFC 9525, 1.2). */
function identityError(how: ClientTls, certificate: PeerCertificate): Error | undefined {
  const shown = { ...certificate, subjectaltname: certificate.subjectaltname ?? 'DNS:' };
  const names = how.names ?? [how.servername];
  let error: Error | undefined;
  for (const name of names) {
    if (name.startsWith('.') && carriesBelow(shown.subjectaltname, name)) return undefined;
    const wrong = checkServerIdentity(name.replace(/^\./, ''), shown);
    if (wrong === undefined && !name.startsWith('.')) return undefined;
    error ??= wrong ?? Object.assign(new Error('no name below'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  }
  return error;
}

/** What Node.js puts in quotes is no host name, whatever it contains (CVE-2021-44532). */
function carriesBelow(alternatives: string, suffix: string): boolean {
  const plain = alternatives.replaceAll(/"(?:[^"\\]|\\.)*"/g, '');
  return [...plain.matchAll(/(?:^|, )DNS:([^,\s]+)/g)].some(([, name]) =>
    name!.toLowerCase().endsWith(suffix.toLowerCase()),
  );
}
