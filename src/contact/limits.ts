/** Limits on what one account keeps. */

/** Address books; each is a line in every list of them. */
export const booksMax = 200;
/** Cards. A search reads what is searched for of all of them. */
export const cardsMax = 50_000;
/** Octets of one card as JSON, a photo in it. */
export const cardMaxBytes = 1024 * 1024;
/** Octets of all cards of an account. */
export const usedMaxBytes = 256 * 1024 * 1024;
/** Address books that one card is in. */
export const booksPerCardMax = 50;
export const bookNameMaxBytes = 255;
export const bookDescriptionMaxBytes = 4096;
/** People and groups that one address book is shared with. */
export const sharesMax = 200;
/** Lines of the change log that are kept at least; when there are twice as many, the older ones go. */
export const changesKept = 10_000;
