/**
 * What the verification of senders asks of DNS, in the shape that `net/resolver.ts` answers: the protocol libraries are given a resolver, a test
 * gives them a table.
 *
 * Answers are values. "There is none" and "could not find out" lead to different results in every one of these protocols.
 */
export type Found<T> =
  | { readonly is: 'records'; readonly records: readonly T[] }
  /** `canonicalName`: the name that lacks the records, after CNAMEs. */
  | { readonly is: 'noData' | 'nxDomain'; readonly canonicalName: string }
  /** `invalidName`: not a name DNS could hold; anything else may be otherwise later. */
  | { readonly is: 'failure'; readonly reason: string };

export interface TxtLookup {
  /** The strings of each record joined. */
  txt(name: string): Promise<Found<string>>;
}

export interface AddressLookup {
  a(name: string): Promise<Found<string>>;
  aaaa(name: string): Promise<Found<string>>;
}

export interface NameLookup extends TxtLookup, AddressLookup {
  mx(name: string): Promise<Found<{ readonly preference: number; readonly exchange: string }>>;
  /** Names of an IP address. */
  ptr(ip: string): Promise<Found<string>>;
}

/** The records, none of them when there are none, or undefined when that could not be found out. */
export function recordsOf<T>(found: Found<T>): readonly T[] | undefined {
  if (found.is === 'records') return found.records;
  return found.is === 'failure' && found.reason !== 'invalidName' ? undefined : [];
}
