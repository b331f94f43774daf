/** Limits that the session tells its clients (RFC 8620, 2). */
export const limits = {
  /** Octets of one upload: what a message may have, and some more. */
  maxSizeUpload: 75_000_000,
  maxConcurrentUpload: 4,
  /** Octets of one request: bodies of new mail travel in it. */
  maxSizeRequest: 10_000_000,
  /** Of one account: a page asks for several things at once. */
  maxConcurrentRequests: 10,
  maxCallsInRequest: 64,
  maxObjectsInGet: 1000,
  maxObjectsInSet: 1000,
} as const;

/** Comparisons of texts (RFC 4790; RFC 5051) that a comparator may name. */
export const collations = ['i;ascii-casemap', 'i;unicode-casemap', 'i;octet'] as const;
