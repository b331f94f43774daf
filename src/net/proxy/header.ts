/**
 * The PROXY protocol, versions 1 (text) and 2 (binary): what a load balancer says about the client before the client's first byte.
 * Specification: haproxy, doc/proxy-protocol.txt. TLVs are skipped. Pure: bytes in, verdict out; never throws.
 */
import { isIP } from 'node:net';
import type { Endpoint } from '../endpoint.ts';
import { formatGroups, normalAddress } from '../address-block.ts';

export type ProxyHeader =
  /** A prefix of a header so far. */
  | { readonly is: 'partial' }
  /** `length` bytes were the header. Without `source` the balancer speaks for itself (LOCAL) or does not know (UNKNOWN). */
  | {
      readonly is: 'header';
      readonly length: number;
      readonly source?: Endpoint;
      readonly destination?: Endpoint;
    }
  | { readonly is: 'malformed'; readonly why: string };

const textStart = Buffer.from('PROXY ', 'latin1');
const binaryStart = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
/** "PROXY TCP6 ffff:…:ffff ffff:…:ffff 65535 65535\r\n" (section 2.1). */
const textMax = 107;
const binaryHead = 16;

const partial: ProxyHeader = { is: 'partial' };
const malformed = (why: string): ProxyHeader => ({ is: 'malformed', why });

export function parseProxyHeader(bytes: Buffer): ProxyHeader {
  if (startsLike(bytes, textStart)) return bytes.length < textStart.length ? partial : parseText(bytes);
  if (startsLike(bytes, binaryStart)) return bytes.length < binaryHead ? partial : parseBinary(bytes);
  return malformed('no PROXY header');
}

/** The bytes, as far as they go, are those of the start. */
function startsLike(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length);
  return bytes.compare(start, 0, length, 0, length) === 0;
}

function parseText(bytes: Buffer): ProxyHeader {
  const end = bytes.subarray(0, textMax).indexOf('\r\n');
  if (end === -1) return bytes.length < textMax ? partial : malformed('line too long');
  const [, family, source, destination, sourcePort, destinationPort, ...more] = bytes
    .toString('latin1', 0, end)
    .split(' ');
  const length = end + 2;
  if (family === 'UNKNOWN') return { is: 'header', length };
  const version = family === 'TCP4' ? 4 : family === 'TCP6' ? 6 : undefined;
  if (version === undefined || more.length > 0) return malformed('bad line');
  const from = endpoint(version, source, sourcePort);
  const to = endpoint(version, destination, destinationPort);
  if (from === undefined || to === undefined) return malformed('bad address');
  return { is: 'header', length, source: from, destination: to };
}

function endpoint(version: 4 | 6, ip = '', port = ''): Endpoint | undefined {
  if (isIP(ip) !== version || ip.includes('%') || !/^(0|[1-9]\d{0,4})$/.test(port) || Number(port) > 65_535)
    return undefined;
  return { ip: normalAddress(ip), port: Number(port) };
}

const LOCAL = 0x20;
const PROXY = 0x21;
const TCP4 = 0x11;
const TCP6 = 0x21;

function parseBinary(bytes: Buffer): ProxyHeader {
  const command = bytes[12]!;
  if (command !== LOCAL && command !== PROXY) return malformed('unknown version or command');
  const length = binaryHead + bytes.readUInt16BE(14);
  if (bytes.length < length) return partial;
  const family = bytes[13]!;
  // Other families (UDP, UNIX, unspecified) carry nothing we could use: the connection is taken as the balancer's own.
  if (command === LOCAL || (family !== TCP4 && family !== TCP6)) return { is: 'header', length };
  const size = family === TCP4 ? 4 : 16;
  if (length < binaryHead + 2 * size + 4) return malformed('addresses cut short');
  const ports = binaryHead + 2 * size;
  return {
    is: 'header',
    length,
    source: { ip: addressAt(bytes, binaryHead, size), port: bytes.readUInt16BE(ports) },
    destination: { ip: addressAt(bytes, binaryHead + size, size), port: bytes.readUInt16BE(ports + 2) },
  };
}

function addressAt(bytes: Buffer, at: number, size: number): string {
  if (size === 4) return bytes.subarray(at, at + 4).join('.');
  return normalAddress(formatGroups(Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(at + 2 * i))));
}
