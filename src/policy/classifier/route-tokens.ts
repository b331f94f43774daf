/**
 * The last stretch of a mail's way as tokens: the networks of the host that brought it, and what it called itself. Known from the session while the mail comes in,
 * and from our own Received line, the first in the header, once it lies in a mailbox. Pure.
 */
import { parseAddress } from '../../net/address-block.ts';
import { registrableDomain } from '../../proto/dns/registrable.ts';
import { fieldText, findField, type HeaderBlock } from '../../proto/mime/headers.ts';

export interface Route {
  /** `''`: from inside. */
  readonly ip: string;
  readonly helo: string;
}

export function routeTokens({ ip, helo }: Route): string[] {
  const address = parseAddress(ip);
  if (address === undefined) return [];
  const prefixes = address.family === 4 ? [24, 16] : [48, 32];
  const size = address.family === 4 ? 32 : 128;
  const name = helo.toLowerCase().replace(/\.$/, '');
  return [
    ...prefixes.map((prefix) => `net:${(address.bits >> BigInt(size - prefix)).toString(16)}/${prefix}`),
    `greets-as:${registrableDomain(name) ?? 'no-name'}`,
  ];
}

/** As src/intake/received.ts writes it: `from NAME ([ADDRESS])`. */
const received = /^from (\S{1,255}) \(\[(?:IPv6:)?([0-9a-fA-F.:]{2,45})\]\)/;

export function routeOfStored(header: Buffer, block: HeaderBlock): Route {
  const field = findField(block, 'received');
  const match = field && received.exec(fieldText(header, field));
  return match ? { helo: match[1]!, ip: match[2]! } : { ip: '', helo: '' };
}
