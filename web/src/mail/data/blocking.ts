/** Senders whose mail goes to the junk: kept with the rules, and asked before them. */
import { changeRules } from './rules.ts';

export const block = (address: string): Promise<void> =>
  changeRules((book) =>
    book.blocked.includes(address) ? book : { ...book, blocked: [...book.blocked, address].toSorted() },
  );

export const unblock = (address: string): Promise<void> =>
  changeRules((book) => ({ ...book, blocked: book.blocked.filter((each) => each !== address) }));
