/** What each mailbox counts (RFC 8621, 2). */
import { draft, seen } from '../flags.ts';
import type { MailboxNumber } from '../ids.ts';
import type { MailMap } from './mail-map.ts';

export interface MailboxCounts {
  totalEmails: number;
  unreadEmails: number;
  totalThreads: number;
  unreadThreads: number;
}

const unseen = seen | draft;

/**
 * Of each mailbox that has mail. A thread is unread in a mailbox when any email of it is, wherever; but what is in the trash alone makes
 * it unread only there, and nothing outside the trash makes a thread unread in it.
 */
export function countMailboxes(
  map: MailMap,
  trash: MailboxNumber | undefined,
): ReadonlyMap<MailboxNumber, MailboxCounts> {
  const unread = new Uint8Array(map.threadMax + 1);
  const unreadInTrash = new Uint8Array(map.threadMax + 1);
  const numbers = new Map<MailboxNumber, number[]>();
  for (let i = 0; i < map.count; i++) {
    const isUnread = (map.flags[i]! & unseen) === 0;
    for (const box of map.mailboxesOf(i)) {
      if (isUnread) (box === trash ? unreadInTrash : unread)[map.threads[i]!] = 1;
      const list = numbers.get(box);
      if (list === undefined) numbers.set(box, [i]);
      else list.push(i);
    }
  }
  const stamps = new Uint32Array(map.threadMax + 1);
  const counts = new Map<MailboxNumber, MailboxCounts>();
  let stamp = 0;
  for (const [box, list] of numbers) {
    stamp += 1;
    const of = { totalEmails: list.length, unreadEmails: 0, totalThreads: 0, unreadThreads: 0 };
    for (const i of list) {
      const thread = map.threads[i]!;
      if ((map.flags[i]! & unseen) === 0) of.unreadEmails += 1;
      if (stamps[thread] === stamp) continue;
      stamps[thread] = stamp;
      of.totalThreads += 1;
      of.unreadThreads += (box === trash ? unreadInTrash : unread)[thread]!;
    }
    counts.set(box, of);
  }
  return counts;
}
