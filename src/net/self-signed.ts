/**
 * A self-signed certificate for a first start: TLS from the first minute, to be replaced by a real one.
 *
 * ECDSA P-256, valid ten years from the day before (clocks differ), for all given names and addresses. The library behind it is heavy
 * and needed once in a lifetime, so it is loaded only when called.
 */
import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import type { Clock } from '../base/clock.ts';
import type { Certificate } from './tls-contexts.ts';

const dayMs = 86_400_000;
const validDays = 3_650;

/** `names` are host names (A-labels, wildcards too) or IP addresses; the first is the subject. */
export async function makeSelfSigned(names: readonly string[], clock: Clock): Promise<Certificate> {
  await import('reflect-metadata/lite');
  const x509 = await import('@peculiar/x509');
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: [{ CN: [names[0] ?? 'localhost'] }],
      notBefore: new Date(clock.nowMs() - dayMs),
      notAfter: new Date(clock.nowMs() + validDays * dayMs),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new x509.SubjectAlternativeNameExtension(
          names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
        ),
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      ],
    },
    webcrypto,
  );
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  return { chain: `${certificate.toString('pem')}\n`, key: pem('PRIVATE KEY', key) };
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').replace(/(.{64})(?=.)/g, '$1\n');
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}
