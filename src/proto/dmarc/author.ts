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
  const mailboxes = flatten(parseAddresses(fieldText(header, field)));
  const domains = new Set<string>();
  for (const { domain } of mailboxes) {
    const ascii = domainToAscii(domain.replace(/\.$/, ''));
    // A mailbox whose domain cannot be read may be the one that people see.
    if (ascii === undefined) return { is: 'unreadable' };
    domains.add(ascii);
  }
  const [domain] = domains;
  if (domain === undefined) return { is: 'unreadable' };
  if (domains.size > 1) return { is: 'severalDomains', domains: [...domains] };
  return { is: 'author', domain, address: `${mailboxes[0]!.local}@${domain}` };
}
