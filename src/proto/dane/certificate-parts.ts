/**
 * What DANE needs of a certificate and Node.js does not tell: the public key exactly as it stands in there (selector 1, RFC 6698, 2.1.2), and
 * the extensions that bound a chain. A minimal DER reader (X.690), for certificates that OpenSSL has parsed already.
 */

interface Element {
  readonly tag: number;
  readonly start: number;
  readonly contents: number;
  readonly end: number;
}

export interface CertificateParts {
  /** SubjectPublicKeyInfo, whole. */
  readonly publicKey: Uint8Array;
  /** Certificates that may follow below a CA (basicConstraints); undefined: no bound. */
  readonly pathLengthMax: number | undefined;
  /** Critical extensions that nobody here looks at: such a certificate must not be relied on (RFC 5280, 4.2). */
  readonly unknownCritical: readonly string[];
}

const SEQUENCE = 0x30;
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;
const BOOLEAN = 0x01;
const INTEGER = 0x02;

const basicConstraints = '551d13';
/** Key usage and alternative names are checked by OpenSSL's own means; extended key usage by the caller. */
const known = new Set([basicConstraints, '551d0f', '551d11', '551d25']);

/** Throws a RangeError for what is no certificate. */
export function partsOf(der: Uint8Array): CertificateParts {
  const tbs = childrenOf(der, firstOf(der, elementAt(der, 0)));
  const fields = tbs[0]?.tag === VERSION ? tbs.slice(1) : tbs;
  // serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo (RFC 5280, 4.1)
  const key = fields[5];
  if (key === undefined || key.tag !== SEQUENCE) throw new RangeError('not a certificate');
  const block = fields.find((field) => field.tag === EXTENSIONS);
  const extensions = block === undefined ? [] : childrenOf(der, firstOf(der, block));
  const read = extensions.map((one) => extensionOf(der, one));
  const constraints = read.find((one) => one.id === basicConstraints);
  return {
    publicKey: der.subarray(key.start, key.end),
    pathLengthMax: constraints === undefined ? undefined : pathLength(der, constraints.value),
    unknownCritical: read.filter((one) => one.critical && !known.has(one.id)).map((one) => one.id),
  };
}

function extensionOf(der: Uint8Array, element: Element): { id: string; critical: boolean; value: Element } {
  const first = firstOf(der, element);
  const parts = childrenOf(der, element);
  const id = Buffer.from(der.subarray(first.contents, first.end)).toString('hex');
  const critical = parts.some((part) => part.tag === BOOLEAN && der[part.contents] !== 0);
  return { id, critical, value: parts.at(-1)! };
}

function pathLength(der: Uint8Array, octets: Element): number | undefined {
  const number = childrenOf(der, elementAt(der, octets.contents)).find((part) => part.tag === INTEGER);
  if (number === undefined) return undefined;
  return Number.parseInt(Buffer.from(der.subarray(number.contents, number.end)).toString('hex') || '0', 16);
}

function firstOf(der: Uint8Array, parent: Element): Element {
  const [first] = childrenOf(der, parent);
  if (first === undefined) throw new RangeError('an element is missing');
  return first;
}

function childrenOf(der: Uint8Array, parent: Element): Element[] {
  const children: Element[] = [];
  for (let at = parent.contents; at < parent.end; ) {
    const child = elementAt(der, at);
    if (child.end > parent.end) throw new RangeError('an element is longer than what holds it');
    children.push(child);
    at = child.end;
  }
  return children;
}

function elementAt(der: Uint8Array, start: number): Element {
  const tag = der[start];
  const first = der[start + 1];
  if (tag === undefined || first === undefined) throw new RangeError('cut short');
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (lengthBytes > 4) throw new RangeError('an element of no sensible length');
  let length = lengthBytes === 0 ? first : 0;
  for (let i = 0; i < lengthBytes; i++) length = length * 256 + (der[start + 2 + i] ?? 0);
  const contents = start + 2 + lengthBytes;
  if (contents + length > der.length) throw new RangeError('cut short');
  return { tag, start, contents, end: contents + length };
}
