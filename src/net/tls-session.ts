/**
 * What a finished TLS handshake says about the peer, for Received lines, policy, journeys and SASL channel binding.
 *
 * The plain fields are read once; certificates are read from the socket when asked for,
 * which must be while the connection is open.
 */
import { createHash, type X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

export type ChannelBindingType = 'tls-exporter' | 'tls-server-end-point' | 'tls-unique';

/** RFC 9266, 2: label and length; the context is empty. */
const exporterLabel = 'EXPORTER-Channel-Binding';
const exporterBytes = 32;

export class TlsSession {
  /** `TLSv1.3` */
  readonly version: string;
  /** The IANA name: `TLS_AES_256_GCM_SHA384`. */
  readonly cipher: string;
  /** The name the client asked for (SNI), lower case; '' when it named none. */
  readonly servername: string;
  /** The protocol agreed on by ALPN; '' when none was. */
  readonly alpn: string;
  /** The peer's certificate chains to a trusted root and carries the expected name. False for a client without one. */
  readonly verified: boolean;
  /** Why not, as OpenSSL or Node.js names it (`DEPTH_ZERO_SELF_SIGNED_CERT`, `ERR_TLS_CERT_ALTNAME_INVALID`); '' if verified. */
  readonly unverifiedReason: string;
  /** The session was resumed from a ticket: no new certificate was shown. */
  readonly resumed: boolean;
  readonly #socket: TLSSocket;
  readonly #isServer: boolean;

  constructor(socket: TLSSocket, isServer: boolean) {
    this.#socket = socket;
    this.#isServer = isServer;
    this.version = socket.getProtocol() ?? '';
    this.cipher = socket.getCipher().standardName;
    this.servername = isServer ? sentName(socket) : '';
    this.alpn = typeof socket.alpnProtocol === 'string' ? socket.alpnProtocol : '';
    this.resumed = socket.isSessionReused();
    this.verified = socket.authorized;
    this.unverifiedReason = socket.authorized ? '' : reasonText(socket.authorizationError);
  }

  /** SHA-256 of the peer's certificate in lower-case hex, '' if it showed none. */
  peerFingerprint(): string {
    const certificate = this.#socket.getPeerX509Certificate();
    return certificate ? createHash('sha256').update(certificate.raw).digest('hex') : '';
  }

  /** The chain the peer sent, leaf first (as far as it can be linked), for DANE (RFC 7672). */
  peerChain(): readonly X509Certificate[] {
    const chain: X509Certificate[] = [];
    let next = this.#socket.getPeerX509Certificate();
    while (next && !chain.some((seen) => seen.fingerprint256 === next!.fingerprint256)) {
      chain.push(next);
      next = next.issuerCertificate;
    }
    return chain;
  }

  /**
   * Channel binding data (RFC 5056), or undefined where the type is not defined for this session:
   * `tls-exporter` (RFC 9266) only for TLS 1.3 (for 1.2 it needs the extended master secret, which cannot be asked for
   * here), `tls-unique` (RFC 5929, 3) only for TLS 1.2, `tls-server-end-point` (RFC 5929, 4) for both.
   */
  channelBinding(type: ChannelBindingType): Uint8Array | undefined {
    if (type === 'tls-server-end-point') {
      return endPointHash(
        this.#isServer ? ownCertificate(this.#socket) : this.#socket.getPeerX509Certificate(),
      );
    }
    if (type === 'tls-unique') return this.version === 'TLSv1.2' ? this.#firstFinished() : undefined;
    if (this.version !== 'TLSv1.3') return undefined;
    return this.#socket.exportKeyingMaterial(exporterBytes, exporterLabel, Buffer.alloc(0));
  }

  /** The first Finished message: the client's in a full handshake, the server's in a resumed one. */
  #firstFinished(): Uint8Array | undefined {
    const clientFirst = !this.resumed;
    const ours = clientFirst !== this.#isServer;
    return ours ? this.#socket.getFinished() : this.#socket.getPeerFinished();
  }
}

function sentName(socket: TLSSocket): string {
  const { servername } = socket as TLSSocket & { servername?: unknown };
  return typeof servername === 'string' ? servername.toLowerCase().replace(/\.$/, '') : '';
}

/** Typed as an Error, but Node.js stores the code of a failed check as a string. */
function reasonText(reason: unknown): string {
  if (reason instanceof Error) return (reason as NodeJS.ErrnoException).code ?? reason.message;
  return typeof reason === 'string' ? reason : '';
}

function ownCertificate(socket: TLSSocket): X509Certificate | undefined {
  return socket.getX509Certificate();
}

/** MD5 and SHA-1 become SHA-256; a signature without a hash of its own (Ed25519) leaves the type undefined. */
function endPointHash(certificate: X509Certificate | undefined): Uint8Array | undefined {
  const algorithm = certificate?.signatureAlgorithm?.toLowerCase();
  if (certificate === undefined || algorithm === undefined) return undefined;
  const named = /sha-?(224|256|384|512)/.exec(algorithm)?.[1];
  if (named === undefined && !/sha-?1|md5/.test(algorithm)) return undefined;
  return createHash(`sha${named ?? '256'}`)
    .update(certificate.raw)
    .digest();
}
