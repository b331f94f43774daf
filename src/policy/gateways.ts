/**
 * Servers that stand before this one and hand on what strangers brought to them: another MX of ours, a filter service. SPF and lists are asked about the stranger, whom
 * the Received field of the gateway names; and mail is not refused for what was found, as the gateway could only return it to a sender who is perhaps forged.
 *
 * Below the field of a gateway only what that one vouches for is read: the next field counts where it says that itself, or another gateway, had the mail before.
 */
import { anyBlockContains, isLoopback, parseAddress, type AddressBlock } from '../net/address-block.ts';
import { fieldText, findFields, type HeaderBlock } from '../proto/mime/headers.ts';

export interface Stranger {
  readonly ip: string;
  readonly helo: string;
}

export interface Brought {
  readonly ip: string;
  readonly header: Buffer;
  readonly block: HeaderBlock;
}

/** Received fields that are looked at: of gateways and the filters within them. */
const hopsMax = 10;

export class Gateways {
  readonly #blocks: readonly AddressBlock[];

  constructor(blocks: readonly AddressBlock[]) {
    this.#blocks = blocks;
  }

  has(ip: string): boolean {
    return anyBlockContains(this.#blocks, ip);
  }

  /** Who brought a mail to a gateway; undefined: its own mail, or it does not tell. */
  strangerOf({ header, block }: Brought): Stranger | undefined {
    for (const field of findFields(block, 'received').slice(0, hopsMax)) {
      const from = fromClause(fieldText(header, field));
      if (from === undefined) return undefined;
      if (!this.has(from.ip) && !isLoopback(from.ip)) return from;
    }
    return undefined;
  }
}

/**
 * `from NAME (… [192.0.2.1])` and what others make of it: the address in brackets, or alone in parentheses. What the stranger said of himself, as NAME or within the
 * parentheses, is no address of his while the gateway tells another.
 */
function fromClause(text: string): Stranger | undefined {
  const [, helo = '', more = ''] = /^\s*from\s+(\S+)(.*?)(?:\sby\s|;|$)/is.exec(text.slice(0, 2000)) ?? [];
  const ip = addressIn(more.replaceAll(/\b(?:helo|ehlo)[= ]\S+/gi, ' )')) ?? addressIn(helo);
  return ip === undefined ? undefined : { ip, helo: helo.replaceAll(/[[\]()]/g, '') };
}

function addressIn(text: string): string | undefined {
  const found = [/\[(?:IPv6:)?([0-9a-f.:]+)\]/gi, /\((?:IPv6:)?([0-9a-f.:]+)\)/gi].flatMap((shape) =>
    Array.from(text.matchAll(shape), ([, ip]) => ip!),
  );
  return found.find((one) => parseAddress(one) !== undefined);
}
