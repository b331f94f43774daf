/** Address lists into header form: names encoded, local parts quoted, lines folded at commas (RFC 5322, 3.4). */
import { type Address, formatAddrSpec, type Mailbox } from './address.ts';
import { decodeWords } from './encoded-word.ts';
import { type EncodeOptions, encodePhrase, fold, type HeaderCharset } from './encoded-word-encoder.ts';

/** The value of an address field. Names may hold encoded words already: they are decoded first, never encoded twice. */
export function formatAddresses(addresses: readonly Address[], options: EncodeOptions = {}): string {
  const charset = options.charset ?? 'utf-8';
  const tokens: string[] = [];
  addresses.forEach((address, i) => {
    const written = 'group' in address ? groupTokens(address, charset) : mailboxTokens(address, charset);
    if (i < addresses.length - 1) written[written.length - 1] += ',';
    tokens.push(...written);
  });
  return fold(tokens, options.used ?? 0);
}

function mailboxTokens(mailbox: Mailbox, charset: HeaderCharset): string[] {
  const spec = formatAddrSpec(mailbox);
  if (mailbox.name === undefined || mailbox.name === '') return [spec];
  return [...phraseTokens(decodeWords(mailbox.name), charset), `<${spec}>`];
}

function groupTokens(
  group: { readonly group: string; readonly members: readonly Mailbox[] },
  charset: HeaderCharset,
): string[] {
  const name = phraseTokens(decodeWords(group.group), charset);
  name[name.length - 1] += ':';
  const members = group.members.map((member) => mailboxTokens(member, charset));
  members.slice(0, -1).forEach((tokens) => (tokens[tokens.length - 1] += ','));
  const all = [...name, ...members.flat()];
  all[all.length - 1] += ';';
  return all;
}

/** A quoted string is one token: a fold inside would change nothing for a parser, but some read it badly. */
function phraseTokens(name: string, charset: HeaderCharset): string[] {
  const phrase = encodePhrase(name, charset);
  return phrase.startsWith('"') ? [phrase] : phrase.split(' ');
}
