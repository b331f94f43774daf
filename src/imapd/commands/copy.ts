/** COPY and MOVE, all or nothing (RFC 3501, 6.4.7; RFC 6851; RFC 4315). */
import { formatNumbers } from '../../proto/imap/sequence-set.ts';
import type { Command } from '../../proto/imap/command.ts';
import type { Copied } from '../../mailbox/mailboxes.ts';
import type { Outcome } from '../outcome.ts';
import { no } from '../replies.ts';
import { sendUpdates } from '../updates.ts';
import { targetMailbox } from './mailbox-name.ts';
import type { WithMailbox } from './run.ts';

type Copy = Extract<Command, { is: 'COPY' | 'MOVE' }>;

export async function copy(session: WithMailbox, command: Copy): Promise<Outcome> {
  const { selected, principal } = session;
  const { mailboxes } = session.server.parts;
  if (command.is === 'MOVE' && selected.readOnly)
    throw no('The mailbox is open for reading only', 'READ-ONLY');
  const numbers = selected.resolve(command.set, command.uid);
  const target = await targetMailbox(session, command.mailbox);
  const { uids, missing } = selected.pick(numbers);
  if (missing && !command.uid) throw no('Some of the messages are gone', 'EXPUNGEISSUED');
  if (uids.length === 0) return undefined;
  const from = selected.mailbox.id;
  if (command.is === 'COPY') {
    const copied = await mailboxes.copy(principal.account, from, uids, target.id);
    return copied.from.length === 0 ? undefined : `[${copyUid(copied)}] Copied`;
  }
  const moved = await mailboxes.move(principal.account, from, uids, target.id);
  // The client must know where the messages went before they vanish (RFC 6851, 4.3).
  if (moved.from.length > 0) session.untagged(`OK [${copyUid(moved)}] Moved`);
  await sendUpdates(session, selected, { expunge: true });
  return session.qresync ? `[HIGHESTMODSEQ ${selected.messages.modseq}] Moved` : undefined;
}

const copyUid = ({ uidValidity, from, to }: Copied): string =>
  `COPYUID ${uidValidity} ${formatNumbers(from)} ${formatNumbers(to)}`;
