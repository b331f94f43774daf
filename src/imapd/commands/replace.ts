/** REPLACE (RFC 8508): a message gives way to its next version, which may lie in another mailbox. The old one goes only when the new one is stored. */
import type { AppendHead } from '../../proto/imap/append.ts';
import type { Outcome } from '../outcome.ts';
import { bad, no } from '../replies.ts';
import { sendUpdates } from '../updates.ts';
import type { WithMailbox } from './run.ts';

/** The uid of the message that goes. Throws when it cannot be replaced. */
export function checkReplaced(session: WithMailbox, which: NonNullable<AppendHead['replace']>): number {
  const { selected } = session;
  if (session.uidOnly && !which.uid) throw bad('Only UIDs may be used', 'UIDREQUIRED');
  checkMayReplace(session);
  const [uid] = selected.pick(selected.resolve(which.set, which.uid)).uids;
  if (uid === undefined) throw no('There is no such message', 'NONEXISTENT');
  return uid;
}

export function checkMayReplace({ selected }: WithMailbox): void {
  if (selected.readOnly) throw no('The mailbox is open for reading only', 'READ-ONLY');
  const { rights } = selected.place;
  if (!rights.includes('t') || !rights.includes('e'))
    throw no('Not allowed to replace messages here', 'NOPERM');
}

/** The new message is stored; the client hears of it before the old one goes. */
export async function replaced(session: WithMailbox, uid: number, code: string): Promise<Outcome> {
  const { selected } = session;
  session.untagged(`OK [${code}] Replacement stored`);
  await session.server.parts.mailboxes.expunge(selected.owner, selected.mailbox.id, [uid], true);
  await sendUpdates(session, selected, { expunge: true });
  return session.condstore ? `[HIGHESTMODSEQ ${selected.messages.modseq}] Replaced` : undefined;
}
