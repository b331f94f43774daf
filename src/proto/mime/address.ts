/** An address of a header field (RFC 5322, 3.4; RFC 6532). */
export type Address = Mailbox | Group;

/** One mailbox. JSON-able and compact: an absent name is left out. */
export interface Mailbox {
  /** The display name (or, lacking one, the comment behind the address), unquoted, encoded words as they came. */
  readonly name?: string;
  /** Local part without quoting: `"john doe"@x` has the local part `john doe`. `''` when the text had none. */
  readonly local: string;
  /** As given, Unicode allowed; a literal keeps its brackets; `''` when the text had none. */
  readonly domain: string;
}

export interface Group {
  readonly group: string;
  readonly members: readonly Mailbox[];
}

/** The addresses of a field, as tolerant as readers must be. Never throws. `text` is an unfolded field value. */
export function parseAddresses(text: string): Address[] {
  throw new Error(text);
}
/** Exactly one mailbox as RFC 5321/5322 with RFC 6532 want it, or undefined. With `obsolete`, CFWS and obs- forms too. */
export function parseStrict(text: string): Mailbox | undefined {
  throw new Error(text);
}
/** Groups dissolved into their members; entries without a domain are kept. */
export function flatten(addresses: readonly Address[]): Mailbox[] {
  return addresses.flatMap((a) => ('group' in a ? a.members : [a]));
}
/** `local@domain`, the local part quoted where RFC 5322 demands it. */
export function formatAddrSpec(mailbox: Pick<Mailbox, 'local' | 'domain'>): string {
  throw new Error(mailbox.local);
}
