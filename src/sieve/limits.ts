/** How much one owner may keep. Above is a Refusal `limitReached`, with what is full as its place. */

/** `at: 'scripts'`. */
export const scriptsMax = 100;
/** Octets of one script; `at: 'size'`. */
export const scriptMaxBytes = 1024 * 1024;
/** Octets of all scripts of an owner; `at: 'total'`. */
export const totalMaxBytes = 8 * 1024 * 1024;
