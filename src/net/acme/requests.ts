/** Certificate requests and the certificates of tls-alpn-01. The library behind them is large and seldom needed: it is loaded when called. */
import { createHash, createPrivateKey, createPublicKey, webcrypto } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { Certificate } from '../tls-contexts.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
/** id-pe-acmeIdentifier (RFC 8737, 3). */
const acmeIdentifier = '1.3.6.1.5.5.7.1.31';
const dayMs = 86_400_000;

async function library() {
  await import('reflect-metadata/lite');
  return import('@peculiar/x509');
}

/** A key, new unless one is given, and the request for a certificate of it: DER in base64url, as finalisation wants it. */
export async function makeRequest(
  names: readonly string[],
  kept?: string,
): Promise<{ csr: string; key: string }> {
  const x509 = await library();
  const keys =
    kept === undefined
      ? await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
      : await keyPairOf(kept);
  const request = await x509.Pkcs10CertificateRequestGenerator.create(
    {
      keys,
      signingAlgorithm: algorithm,
      extensions: [new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value })))],
    },
    webcrypto,
  );
  return { csr: Buffer.from(request.rawData).toString('base64url'), key: await pemKey(keys.privateKey) };
}

/** Shown to the authority by a server that holds the name: self-signed, with the hash of the key authorization (RFC 8737, 3). */
export async function challengeCertificate(
  name: string,
  keyAuthorization: string,
  clock: Clock,
): Promise<Certificate> {
  const x509 = await library();
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const digest = createHash('sha256').update(keyAuthorization).digest();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: [{ CN: [name] }],
      notBefore: new Date(clock.nowMs() - dayMs),
      notAfter: new Date(clock.nowMs() + dayMs),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }]),
        // An OCTET STRING within the extension's own.
        new x509.Extension(acmeIdentifier, true, Buffer.concat([Buffer.of(4, digest.length), digest])),
      ],
    },
    webcrypto,
  );
  return { chain: `${certificate.toString('pem')}\n`, key: await pemKey(keys.privateKey) };
}

/** The name of a certificate for renewal information (RFC 9773, 4.1); undefined when it does not name its authority's key. */
export async function renewalId(chain: string): Promise<string | undefined> {
  const x509 = await library();
  const certificate = new x509.X509Certificate(chain);
  const { keyId } = certificate.getExtension(x509.AuthorityKeyIdentifierExtension) ?? {};
  if (keyId === undefined) return undefined;
  const serial = Buffer.from(certificate.serialNumber, 'hex');
  // As DER has it: positive, so a leading one would need a zero in front.
  const positive = (serial[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), serial]) : serial;
  return `${Buffer.from(keyId, 'hex').toString('base64url')}.${positive.toString('base64url')}`;
}

async function keyPairOf(pem: string): Promise<webcrypto.CryptoKeyPair> {
  const key = createPrivateKey(pem);
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' });
  return {
    privateKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign']),
    publicKey: await webcrypto.subtle.importKey('spki', spki, algorithm, true, ['verify']),
  };
}

async function pemKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  const lines = der.toString('base64').replace(/(.{64})(?=.)/g, '$1\n');
  return `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`;
}
