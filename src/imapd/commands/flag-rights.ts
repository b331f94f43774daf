/** Which flags a client may change, by its rights (RFC 4314, 4): `s` \Seen, `t` \Deleted, `w` all others. */
import { deleted, type Flags, seen } from '../../mailbox/flags.ts';

const others = 31 & ~seen & ~deleted;

/** The system flags that may be changed, as bits. */
export function changeable(rights: string): number {
  return (
    (rights.includes('s') ? seen : 0) |
    (rights.includes('t') ? deleted : 0) |
    (rights.includes('w') ? others : 0)
  );
}

/** Without those that may not be changed. */
export function permitted(flags: Flags, rights: string): Flags {
  return {
    system: flags.system & changeable(rights),
    keywords: rights.includes('w') ? flags.keywords : [],
  };
}

/** Whether anything in the mailbox may be changed at all: else it is read-only. */
export const mayChange = (rights: string): boolean => /[istwe]/.test(rights);
