/** Mailboxes of others stand below this name, each owner's below the owner's address (RFC 2342). */
export const othersPrefix = 'Other Users/';
