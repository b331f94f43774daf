/** For tests: certificate authorities that issue what a test needs, good or bad. */
import { webcrypto, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import 'reflect-metadata/lite';
import * as x509 from '@peculiar/x509';
import type { Certificate } from './tls-contexts.ts';

const dayMs = 86_400_000;
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
/** Of certificates from another time. */
const sha1 = {
  name: 'RSASSA-PKCS1-v1_5',
  modulusLength: 2048,
  publicExponent: Uint8Array.of(1, 0, 1),
  hash: 'SHA-1',
};

export interface IssueOptions {
  readonly names: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** Extended key usages; default server authentication. */
  readonly purposes?: readonly string[];
}

export interface AuthorityOptions {
  readonly pathLength?: number;
  readonly notAfter?: Date;
  /** Default true; false makes one that may not issue. */
  readonly ca?: boolean;
  /** Issues with RSA and SHA-1, which no longer proves anything. */
  readonly sha1?: boolean;
}

export interface TestAuthority {
  /** PEM. */
  readonly certificate: string;
  readonly x509: X509Certificate;
  /** The chain has the authorities between, not the root. */
  issue(options: IssueOptions): Promise<Certificate>;
  under(name: string, options?: AuthorityOptions): Promise<TestAuthority>;
}

export async function testAuthority(name: string, options: AuthorityOptions = {}): Promise<TestAuthority> {
  const signingAlgorithm = options.sha1 === true ? sha1 : algorithm;
  const keys = await webcrypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: `CN=${name}`,
      ...validity(options.notAfter),
      signingAlgorithm,
      keys,
      extensions: caExtensions(options),
    },
    webcrypto,
  );
  return authorityOf(certificate, keys.privateKey, []);
}

function authorityOf(
  own: x509.X509Certificate,
  privateKey: webcrypto.CryptoKey,
  between: readonly string[],
): TestAuthority {
  const sign = async (subject: string, extensions: x509.Extension[], from: Date, until: Date) => {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const certificate = await x509.X509CertificateGenerator.create(
      {
        subject: `CN=${subject}`,
        issuer: own.subject,
        publicKey: keys.publicKey,
        signingKey: privateKey,
        notBefore: from,
        notAfter: until,
        signingAlgorithm: privateKey.algorithm,
        extensions: [
          ...extensions,
          await x509.AuthorityKeyIdentifierExtension.create(own.publicKey, false, webcrypto),
        ],
      },
      webcrypto,
    );
    return { certificate, keys };
  };
  return {
    certificate: pemOf(own),
    x509: new X509Certificate(pemOf(own)),
    async issue({ names, notBefore, notAfter, purposes = [x509.ExtendedKeyUsage.serverAuth] }) {
      const { certificate, keys } = await sign(
        names[0] ?? 'nobody',
        [
          new x509.SubjectAlternativeNameExtension(
            names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
          ),
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.ExtendedKeyUsageExtension([...purposes]),
        ],
        notBefore ?? new Date(Date.now() - dayMs),
        notAfter ?? new Date(Date.now() + 30 * dayMs),
      );
      const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
      return {
        chain: [pemOf(certificate), ...between].join(''),
        key: `-----BEGIN PRIVATE KEY-----\n${key.toString('base64')}\n-----END PRIVATE KEY-----\n`,
      };
    },
    async under(name, options = {}) {
      const { notBefore, notAfter } = validity(options.notAfter);
      const { certificate, keys } = await sign(name, caExtensions(options), notBefore, notAfter);
      return authorityOf(certificate, keys.privateKey, [pemOf(certificate), ...between]);
    },
  };
}

const pemOf = (certificate: x509.X509Certificate): string => `${certificate.toString('pem')}\n`;

const validity = (notAfter = new Date(Date.now() + 300 * dayMs)) => ({
  notBefore: new Date(Math.min(Date.now(), notAfter.getTime()) - dayMs),
  notAfter,
});

const caExtensions = ({ ca = true, pathLength }: AuthorityOptions): x509.Extension[] => [
  new x509.BasicConstraintsExtension(ca, pathLength, true),
  new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
];
