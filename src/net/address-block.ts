/**
 * IP addresses and networks as numbers: parse, match, classify.
 *
 * An IPv4-mapped IPv6 address (`::ffff:192.0.2.1`, RFC 4291, 2.5.5.2) is the IPv4 address everywhere here, so a rule for
 * `10.0.0.0/8` also covers a dual-stack socket. Zone ids (`fe80::1%eth0`) are dropped: they say how, not who.
 */
import { isIP } from 'node:net';

/** A network. `bits` is the address as one number; the last `size - prefix` bits are zero. */
export interface AddressBlock {
  readonly family: 4 | 6;
  readonly bits: bigint;
  readonly prefix: number;
}

const mappedPrefix = 0xffffn << 32n;

/** `192.0.2.1` or `2001:db8::1` as a block of one address; undefined when it is neither. */
export function parseAddress(text: string): AddressBlock | undefined {
  const zone = text.indexOf('%');
  const bare = zone === -1 ? text : text.slice(0, zone);
  const family = isIP(bare);
  if (family === 4) return { family: 4, bits: bitsOfV4(bare), prefix: 32 };
  if (family === 0) return undefined;
  const bits = bitsOfV6(bare);
  if (bits >> 32n === mappedPrefix >> 32n) return { family: 4, bits: bits & 0xffff_ffffn, prefix: 32 };
  return { family: 6, bits, prefix: 128 };
}

/** `10.0.0.0/8`, `2001:db8::/32` or a single address; undefined when malformed. Host bits are cleared. */
export function parseBlock(text: string): AddressBlock | undefined {
  const [address, length, ...more] = text.trim().split('/');
  const parsed = parseAddress(address!);
  if (parsed === undefined || more.length > 0) return undefined;
  if (length === undefined) return parsed;
  if (!/^\d{1,3}$/.test(length)) return undefined;
  // "::ffff:10.0.0.0/104" means the IPv4 block 10.0.0.0/8.
  const mapped = parsed.family === 4 && address!.includes(':');
  const prefix = Number(length) - (mapped ? 96 : 0);
  if (prefix < 0 || prefix > parsed.prefix) return undefined;
  const hostBits = BigInt(parsed.prefix - prefix);
  return { family: parsed.family, bits: (parsed.bits >> hostBits) << hostBits, prefix };
}

/** True when the address (text) lies in the block. A text that is no address lies nowhere. */
export function blockContains(block: AddressBlock, ip: string): boolean {
  const address = parseAddress(ip);
  return address !== undefined && covers(block, address);
}

export function anyBlockContains(blocks: readonly AddressBlock[], ip: string): boolean {
  if (blocks.length === 0) return false;
  const address = parseAddress(ip);
  return address !== undefined && blocks.some((block) => covers(block, address));
}

/** Blocks from their texts; throws a RangeError that names the first bad one. */
export function parseBlocks(texts: readonly string[]): readonly AddressBlock[] {
  return texts.map((text) => {
    const block = parseBlock(text);
    if (block === undefined) throw new RangeError(`not an IP address or network: ${text}`);
    return block;
  });
}

export function formatBlock(block: AddressBlock): string {
  const address = block.family === 4 ? formatV4(block.bits) : formatV6(block.bits);
  return block.prefix === (block.family === 4 ? 32 : 128) ? address : `${address}/${block.prefix}`;
}

/** The address as we write it everywhere: mapped addresses as IPv4, IPv6 compressed in lower case (RFC 5952). */
export function normalAddress(ip: string): string {
  if (!ip.includes(':')) return ip;
  const address = parseAddress(ip);
  return address === undefined ? ip : formatBlock(address);
}

/**
 * What counts as one peer for limits: an IPv4 address, or the /64 of an IPv6 address (one customer gets at least that,
 * RFC 6177, so a /128 would be no limit at all).
 */
export function subnetKey(ip: string): string {
  if (!ip.includes(':')) return ip;
  const address = parseAddress(ip);
  if (address === undefined) return ip;
  if (address.family === 4) return formatV4(address.bits);
  return `${formatV6((address.bits >> 64n) << 64n)}/64`;
}

/** The neighbourhood of an address, whose hosts mostly have one owner: the /24 of IPv4, the /64 of IPv6. A text that is no address is itself. */
export function blockOf(ip: string): string {
  const address = parseAddress(ip);
  if (address === undefined) return ip;
  const prefix = address.family === 4 ? 24 : 64;
  const hostBits = BigInt(address.prefix - prefix);
  return formatBlock({ ...address, bits: (address.bits >> hostBits) << hostBits, prefix });
}

/** `4.3.2.1.in-addr.arpa` or the nibbles under `ip6.arpa` (RFC 1035, 3.5; RFC 3596, 2.5); undefined if no address. */
export function reverseName(ip: string): string | undefined {
  const address = parseAddress(ip);
  if (address === undefined) return undefined;
  if (address.family === 4) return `${formatV4(address.bits).split('.').toReversed().join('.')}.in-addr.arpa`;
  const nibbles = address.bits.toString(16).padStart(32, '0');
  return `${nibbles.split('').toReversed().join('.')}.ip6.arpa`;
}

export type AddressKind =
  | 'loopback'
  | 'unspecified'
  | 'private'
  | 'linkLocal'
  | 'multicast'
  | 'reserved'
  | 'global';

/** First match wins; anything else is global unicast. Sources: IANA special-purpose registries (RFC 6890). */
const special: readonly (readonly [AddressKind, readonly AddressBlock[]])[] = [
  ['loopback', parseBlocks(['127.0.0.0/8', '::1'])],
  ['unspecified', parseBlocks(['0.0.0.0/8', '::'])],
  ['linkLocal', parseBlocks(['169.254.0.0/16', 'fe80::/10'])],
  [
    'private',
    parseBlocks(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7', 'fec0::/10']),
  ],
  ['multicast', parseBlocks(['224.0.0.0/4', 'ff00::/8'])],
  [
    'reserved',
    parseBlocks(['240.0.0.0/4', '192.0.0.0/24', '192.0.2.0/24', '198.18.0.0/15', '198.51.100.0/24']),
  ],
  ['reserved', parseBlocks(['203.0.113.0/24', '100::/64', '2001:db8::/32', '3fff::/20', '5f00::/16'])],
];

/** NAT64 and 6to4 carry an IPv4 address inside: they are as dangerous as what they carry (RFC 6052, 3056). */
const nat64 = parseBlock('64:ff9b::/96')!;
const sixToFour = parseBlock('2002::/16')!;

/** What an address is for. Undefined when the text is no address. */
export function addressKind(ip: string): AddressKind | undefined {
  const address = parseAddress(ip);
  return address && kindOf(carried(address));
}

export const isLoopback = (ip: string): boolean => addressKind(ip) === 'loopback';

function kindOf(address: AddressBlock): AddressKind {
  for (const [kind, blocks] of special) if (blocks.some((block) => covers(block, address))) return kind;
  return 'global';
}

function carried(address: AddressBlock): AddressBlock {
  if (address.family === 4) return address;
  if (covers(nat64, address)) return { family: 4, bits: address.bits & 0xffff_ffffn, prefix: 32 };
  if (covers(sixToFour, address))
    return { family: 4, bits: (address.bits >> 80n) & 0xffff_ffffn, prefix: 32 };
  return address;
}

function covers(block: AddressBlock, address: AddressBlock): boolean {
  if (block.family !== address.family) return false;
  const hostBits = BigInt((block.family === 4 ? 32 : 128) - block.prefix);
  return block.bits >> hostBits === address.bits >> hostBits;
}

function bitsOfV4(text: string): bigint {
  let bits = 0n;
  for (const part of text.split('.')) bits = (bits << 8n) | BigInt(part);
  return bits;
}

function bitsOfV6(text: string): bigint {
  const dotted = text.lastIndexOf(':') + 1;
  const tail = text.includes('.') ? bitsOfV4(text.slice(dotted)) : undefined;
  const hex =
    tail === undefined
      ? text
      : `${text.slice(0, dotted)}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}`;
  const [head = '', rest] = hex.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = rest === undefined || rest === '' ? [] : rest.split(':');
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  let bits = 0n;
  for (const group of [...left, ...zeros, ...right]) bits = (bits << 16n) | BigInt(`0x${group}`);
  return bits;
}

function formatV4(bits: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 0xffn).join('.');
}

function formatV6(bits: bigint): string {
  return formatGroups(Array.from({ length: 8 }, (_, i) => Number((bits >> BigInt(112 - 16 * i)) & 0xffffn)));
}

/** The longest run of two or more zero groups, the first of equals, becomes `::` (RFC 5952, 4.2). */
export function formatGroups(groups: readonly number[]): string {
  let start = -1;
  let length = 1;
  for (let i = 0; i < groups.length; i++) {
    let end = i;
    while (end < groups.length && groups[end] === 0) end += 1;
    if (end - i > length) [start, length] = [i, end - i];
  }
  const hex = groups.map((group) => group.toString(16));
  if (start === -1) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}
