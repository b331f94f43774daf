/**
 * Certificates by host name: which one a TLS client is shown (SNI, RFC 6066, 3), and a change of them without a restart.
 *
 * The first certificate is the one for clients that name no host or an unknown one: a mail server is reached under many names, and a
 * refused handshake would only make the sender fall back to plaintext. Several certificates of its names with different key types (ECDSA
 * beside RSA) are offered together; for other names Node.js can switch to one only, the first given. Sessions resume by ticket; threads that share `ticketKeys` resume one another's sessions.
 */
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import { factsOf, type CertificateFacts } from './certificate-facts.ts';

export interface Certificate {
  /** PEM: the server's certificate, then its intermediates. */
  readonly chain: string;
  /** PEM, unencrypted. */
  readonly key: string;
}

export interface TlsContextsOptions {
  /** At least one; the first is the standard one. */
  readonly certificates: readonly Certificate[];
  /** 48 secret bytes, the same on all threads. */
  readonly ticketKeys?: Uint8Array;
}

/** Ephemeral keys and authenticated encryption only; TLS 1.3 has its own list. */
const ciphers = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

/**
 * Post-quantum first, where the OpenSSL of this Node.js has it. A client sends a key for each group with `*`, so that a server which knows only the
 * older one answers at once instead of asking again (RFC 8446, 4.1.4), which costs a round trip and some servers get wrong. A server prefers what stands
 * before `/` even if it has to ask for that key.
 */
const groups = firstSupported([
  '*X25519MLKEM768/*X25519:P-256:P-384',
  'X25519MLKEM768:X25519:P-256:P-384',
  'X25519:P-256:P-384',
]);

export class TlsContexts {
  #byName = new Map<string, SecureContext>();
  #standard: SecureContext;
  #expiresAtMs = 0;
  readonly #ticketKeys: Uint8Array | undefined;

  /** Throws when a certificate cannot be used: malformed, or not the one of its key. */
  constructor(options: TlsContextsOptions) {
    this.#ticketKeys = options.ticketKeys;
    this.#standard = this.#load(options.certificates);
  }

  /** For clients that name no host. */
  get standard(): SecureContext {
    return this.#standard;
  }

  /** The names served, as in the certificates: lower case, wildcards as `*.example.jp`. */
  get names(): readonly string[] {
    return [...this.#byName.keys()];
  }

  /** When the first of the certificates runs out. */
  get expiresAtMs(): number {
    return this.#expiresAtMs;
  }

  /** Takes new certificates for connections from now on. Throws and keeps the old ones when one cannot be used. */
  replace(certificates: readonly Certificate[]): void {
    this.#standard = this.#load(certificates);
  }

  /** The context for a host name: exact, then wildcard of its parent (RFC 6125, 6.4.3), then the standard one. */
  contextFor(servername: string): SecureContext {
    const name = servername.toLowerCase().replace(/\.$/, '');
    const dot = name.indexOf('.');
    return this.#byName.get(name) ?? this.#byName.get(`*${name.slice(dot)}`) ?? this.#standard;
  }

  /** In the form that node:tls wants it. Without a context it stays with the standard one, and with all its key types. */
  readonly sniCallback = (servername: string, done: (error: null, context?: SecureContext) => void): void => {
    const context = this.contextFor(servername);
    if (context === this.#standard) done(null);
    else done(null, context);
  };

  #load(certificates: readonly Certificate[]): SecureContext {
    if (certificates.length === 0) throw new RangeError('TLS needs at least one certificate');
    const read = certificates.map(readCertificate);
    const byName = new Map<string, SecureContext>();
    const contexts = new Map<string, SecureContext>();
    for (const name of new Set(read.flatMap((one) => one.names))) {
      byName.set(name, this.#contextOf(sharing(read, name), contexts));
    }
    const first = read[0]!;
    const standard = byName.get(first.names[0] ?? '') ?? this.#contextOf([first], contexts);
    this.#byName = byName;
    this.#expiresAtMs = Math.min(...read.map((one) => one.expiresAtMs));
    return standard;
  }

  #contextOf(certificates: readonly ReadCertificate[], made: Map<string, SecureContext>): SecureContext {
    const id = certificates.map((one) => one.fingerprint).join();
    let context = made.get(id);
    if (context === undefined) {
      // The last one loaded is the one a switch by name brings.
      const lastFirst = certificates.toReversed();
      context = createSecureContext({ ...this.#settings(), cert: chains(lastFirst), key: keys(lastFirst) });
      made.set(id, context);
    }
    return context;
  }

  #settings(): SecureContextOptions {
    return {
      minVersion: 'TLSv1.2',
      ciphers,
      honorCipherOrder: false,
      ecdhCurve: groups,
      sessionIdContext: 'hikyaku',
      ...(this.#ticketKeys ? { ticketKeys: Buffer.from(this.#ticketKeys) } : {}),
    };
  }
}

interface ReadCertificate extends Certificate, CertificateFacts {
  readonly keyType: string;
  readonly fingerprint: string;
}

function readCertificate(certificate: Certificate): ReadCertificate {
  const leaf = new X509Certificate(certificate.chain);
  const key = createPrivateKey(certificate.key);
  if (!leaf.publicKey.equals(createPublicKey(key)))
    throw new RangeError(`the key is not the one of ${leaf.subject}`);
  return {
    ...certificate,
    ...factsOf(leaf),
    keyType: key.asymmetricKeyType ?? '',
    fingerprint: leaf.fingerprint256,
  };
}

/** The certificates for a name, one of each key type: the first given wins. */
function sharing(all: readonly ReadCertificate[], name: string): readonly ReadCertificate[] {
  const named = all.filter((one) => one.names.includes(name));
  return named.filter((one, i) => named.findIndex((other) => other.keyType === one.keyType) === i);
}

const chains = (certificates: readonly Certificate[]): string[] => certificates.map((one) => one.chain);
const keys = (certificates: readonly Certificate[]): string[] => certificates.map((one) => one.key);

function firstSupported(lists: readonly string[]): string {
  const works = lists.find((list) => {
    try {
      return createSecureContext({ ecdhCurve: list }) !== undefined;
    } catch {
      return false;
    }
  });
  return works ?? 'auto';
}

const clientContexts = new Map<string, SecureContext>();
/** Private roots are few (one per smart host); a map beyond this is a mistake and starts anew. */
const clientContextsMax = 100;

/** The context of our TLS clients, made once per set of roots: loading the system's roots takes milliseconds. */
export function clientContext(ca?: readonly string[]): SecureContext {
  const id = ca?.join('\n') ?? '';
  let context = clientContexts.get(id);
  if (context === undefined) {
    if (clientContexts.size >= clientContextsMax) clientContexts.clear();
    context = createSecureContext({
      minVersion: 'TLSv1.2',
      ecdhCurve: groups,
      ...(ca ? { ca: [...ca] } : {}),
    });
    clientContexts.set(id, context);
  }
  return context;
}
