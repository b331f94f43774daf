/** What an operator wants to know of a certificate: for whom, by whom, from when until when. */
import { createHash, X509Certificate } from 'node:crypto';

export interface CertificateFacts {
  /** Host names in lower case, wildcards as `*.example.jp`. */
  readonly names: readonly string[];
  /** Common name or organisation of the authority. */
  readonly issuer: string;
  readonly selfSigned: boolean;
  readonly validFromMs: number;
  readonly expiresAtMs: number;
  /** SHA-256 of the public key (SubjectPublicKeyInfo) in hex. */
  readonly keyDigest: string;
}

/** Of the first certificate of a PEM chain. Throws when there is none. */
export const certificateFacts = (chain: string): CertificateFacts => factsOf(new X509Certificate(chain));

export function factsOf(leaf: X509Certificate): CertificateFacts {
  return {
    names: namesOf(leaf),
    issuer: /^(?:CN|O)=(.+)$/m.exec(leaf.issuer)?.[1] ?? leaf.issuer,
    selfSigned: leaf.issuer === leaf.subject && leaf.verify(leaf.publicKey),
    validFromMs: leaf.validFromDate.getTime(),
    expiresAtMs: leaf.validToDate.getTime(),
    keyDigest: createHash('sha256')
      .update(leaf.publicKey.export({ type: 'spki', format: 'der' }))
      .digest('hex'),
  };
}

/** Host names of the subject alternative name; the common name only where there are none. */
function namesOf(leaf: X509Certificate): readonly string[] {
  // What Node.js puts in quotes is no host name, whatever it contains (CVE-2021-44532).
  const plain = (leaf.subjectAltName ?? '').replaceAll(/"(?:[^"\\]|\\.)*"/g, '');
  const names = [...plain.matchAll(/(?:^|, )DNS:([^,\s]+)/g)].map(([, name]) => name!.toLowerCase());
  if (names.length > 0) return names;
  const common = /^CN=(\S+)$/m.exec(leaf.subject)?.[1];
  return common === undefined ? [] : [common.toLowerCase()];
}
