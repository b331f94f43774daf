/** Who a message says it is from, for DMARC (RFC 9989, 5.3.1): one domain, or the reason why there is no telling. */
import { flatten, parseAddresses } from '../mime/address.ts';
import { fieldText, findFields, type HeaderBlock } from '../mime/headers.ts';
import { domainToAscii } from '../smtp/domain.ts';

export type Author =
  | { readonly is: 'author'; readonly domain: string; readonly address: string }
  /** No From field. */
  | { readonly is: 'nobody' }
  /** No address with a domain in it, or not only such: what people are shown is anybody's guess. */
  | { readonly is: 'unreadable' }
  /** More than one From field: readers may be shown another than the one that was signed. */
  | { readonly is: 'severalFields' }
  /** One field with addresses of several domains: exempt from DMARC. */
  | { readonly is: 'severalDomains'; readonly domains: readonly string[] };

export function authorOf(header: Buffer, block: HeaderBlock): Author {
  const fields = findFields(block, 'from');
  if (fields.length > 1) return { is: 'severalFields' };
  const [field] = fields;
  if (field === undefined) return { is: 'nobody' };
  const text = fieldText(header, field);
  const mailboxes = flatten(parseAddresses(text));
  const domains = new Set<string>();
  for (const { domain } of mailboxes) {
    const ascii = domainToAscii(domain.replace(/\.$/, ''));
    // A mailbox whose domain cannot be read may be the one that people see.
    if (ascii === undefined) return { is: 'unreadable' };
    domains.add(ascii);
  }
  const [domain] = domains;
  if (domain === undefined || showsAnother(text)) return { is: 'unreadable' };
  if (domains.size > 1) return { is: 'severalDomains', domains: [...domains] };
  return { is: 'author', domain, address: `${mailboxes[0]!.local}@${domain}` };
}

/**
 * Whether one mailbox of the text names a second domain where no grammar has room for it, as `a@one.test b@two.test` and `<a@one.test> b@two.test`: mailers
 * disagree on which of them people see. A name in front of an address in angle brackets is a name, whatever stands in it.
 */
function showsAnother(text: string): boolean {
  return withoutQuotes(text)
    .split(/[,;]/)
    .some((mailbox) => {
      const open = mailbox.indexOf('<');
      const seen = open === -1 ? mailbox : mailbox.slice(open).replace(/^<[^>]*:/, '<');
      const named = seen.split(/[\s<>:]+/).flatMap((word) => word.split('@').slice(1));
      return new Set(named.map((domain) => domain.toLowerCase().replace(/\.$/, ''))).size > 1;
    });
}

/** Without quoted strings and comments. An end that is missing takes the rest along. */
function withoutQuotes(text: string): string {
  let bare = '';
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === '\\' && (quoted || depth > 0)) at += 1;
    else if (character === '"' && depth === 0) quoted = !quoted;
    else if (quoted) continue;
    else if (character === '(') depth += 1;
    else if (character === ')' && depth > 0) depth -= 1;
    else if (depth === 0) bare += character;
  }
  return bare;
}
