/** Links of a mail to what is counted of them: hosts, what stands behind them, and how they are written. Pure. */
import { parseAddress } from '../../net/address-block.ts';
import { registrableDomain } from '../../proto/dns/registrable.ts';

/** In plain text. Blanks, quotes and what closes a bracket end them; so does the full stop of a sentence. */
const inText = /\b(?:https?:\/\/|ftp:\/\/|www\d?\.)[^\s<>"'）」』】）\]]{1,2000}/gi;

export const linksIn = (text: string): string[] =>
  [...text.matchAll(inText)].map(([link]) => link.replace(/[.,;:!?)]+$/, ''));

export interface LinkHost {
  readonly host: string;
  /** What somebody registered of it; the host where that cannot be told. */
  readonly domain: string;
}

const parts =
  /^(?:([a-z][a-z0-9+.-]{0,20}):)?(?:\/\/)?(?:([^/?#@\s]{0,200})@)?([^/?#:\s@]{1,255})(?::(\d{1,5}))?([/?#]\S*)?$/i;

export function linkHost(link: string): LinkHost | undefined {
  const host = parts.exec(link.slice(0, 2000))?.[3]?.toLowerCase().replace(/\.$/, '');
  return host === undefined || !host.includes('.')
    ? undefined
    : { host, domain: registrableDomain(host) ?? host };
}

const pathWordsMax = 12;

/** Tokens, with their prefixes. */
export function linkTokens(link: string): string[] {
  const mail = /^mailto:[^@\s]*@?([^?\s]*)/i.exec(link);
  if (mail) return [`mailto:${mail[1]!.toLowerCase()}`];
  const match = parts.exec(link.slice(0, 2000));
  const found = linkHost(link);
  if (match === null || found === undefined)
    return /^(?:cid|data|javascript):/i.exec(link)?.map((scheme) => `link:${scheme.toLowerCase()}`) ?? [];
  const [, scheme = '', user, , port, path = ''] = match;
  const { host, domain } = found;
  const tokens = [`host:${domain}`, `link:${scheme.toLowerCase()}`];
  if (host !== domain) tokens.push(`host:${host}`);
  if (parseAddress(host) !== undefined || /^(?:0x[0-9a-f]+|\d+)$/.test(host)) tokens.push('link:address');
  if (user !== undefined) tokens.push('link:user');
  if (port !== undefined) tokens.push(`link:port-${port}`);
  if (/%[0-9a-f]{2}/i.test(path)) tokens.push('link:escaped');
  if (host.includes('xn--') || !/^[\x20-\x7e]*$/.test(host)) tokens.push('link:foreign-name');
  const words = path.toLowerCase().match(/[a-z]{2,20}|\d{1,4}(?!\d)/g) ?? [];
  for (const word of words.slice(0, pathWordsMax)) tokens.push(`path:${word}`);
  return tokens;
}
