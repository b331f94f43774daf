/** Addresses as programs write them, read strictly: what cannot be sent to is refused with its place in the request. */
import { Refusal } from '../../base/refusal.ts';
import { flatten, parseAddresses, type Mailbox } from '../../proto/mime/address.ts';
import { domainToAscii } from '../../proto/smtp/domain.ts';
import { formatMailbox, isAsciiText, parseMailbox } from '../../proto/smtp/path.ts';

export type GivenAddress = string | { readonly email: string; readonly name?: string };

/** One or several. */
export function readAddresses(
  given: GivenAddress | readonly GivenAddress[] | undefined,
  at: string,
): readonly Mailbox[] {
  if (given === undefined) return [];
  if (isMany(given)) return given.map((one, i) => readAddress(one, `${at}.${i}`));
  return [readAddress(given, at)];
}

const isMany = (given: GivenAddress | readonly GivenAddress[]): given is readonly GivenAddress[] =>
  Array.isArray(given);

export function readAddress(given: GivenAddress, at: string): Mailbox {
  if (typeof given !== 'string') return mailboxOf(given.email, given.name, at);
  const plain = parseMailbox(given.trim());
  if (plain) return mailboxOf(given.trim(), undefined, at);
  const [only, ...more] = flatten(parseAddresses(given));
  if (only === undefined || more.length > 0)
    throw new Refusal('addressInvalid', `${at}: is not one address`, { at });
  return mailboxOf(formatMailbox(only), only.name, at);
}

function mailboxOf(email: string, name: string | undefined, at: string): Mailbox {
  const read = parseMailbox(email.trim());
  const domain = read && domainToAscii(read.domain);
  if (read === undefined || domain === undefined)
    throw new Refusal('addressInvalid', `${at}: is not an address`, { at });
  // A header in ASCII cannot name it; SMTP with SMTPUTF8, and a raw message, can.
  if (!isAsciiText(read.local))
    throw new Refusal('addressInvalid', `${at}: the part before @ is not ASCII, send it as raw`, { at });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  if (name !== undefined && /[\x00-\x1f\x7f]/.test(name))
    throw new Refusal('invalid', 'has a control character', { at });
  return { ...(name ? { name } : {}), local: read.local, domain };
}
