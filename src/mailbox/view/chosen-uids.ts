/** Uids of a view. */
import { deleted } from '../flags.ts';
import type { MailboxView } from '../mailbox-view.ts';
import type { Uids } from '../writing/message-writer.ts';

export function allUids(view: MailboxView): number[] {
  return Array.from({ length: view.count }, (_, position) => view.uidAt(position));
}

/** Those of `uids` (all when undefined) that an EXPUNGE takes: the ones with \Deleted; with `always`, whatever their flags. */
export function expungeable(view: MailboxView, uids: Uids | undefined, always: boolean): number[] {
  const wanted = uids === undefined ? allUids(view) : Array.from(uids);
  if (always) return wanted;
  return wanted.filter((uid) => {
    const position = view.positionOf(uid);
    return position !== -1 && (view.systemFlagsAt(position) & deleted) !== 0;
  });
}
