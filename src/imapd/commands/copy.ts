/** COPY and MOVE, all or nothing (RFC 3501, 6.4.7; RFC 6851; RFC 4315), also into and out of mailboxes that others share (RFC 4314, 4). */
import { formatNumbers } from '../../proto/imap/sequence-set.ts';
import type { Command } from '../../proto/imap/command.ts';
import type { Copied } from '../../mailbox/mailboxes.ts';
import type { Outcome } from '../outcome.ts';
import { Progress } from '../progress.ts';
import { no } from '../replies.ts';
import { sendUpdates } from '../updates.ts';
import { permitted } from './flag-rights.ts';
import { refuseAbove } from './message-limit.ts';
import { type Place, targetPlace } from './place.ts';
import type { WithMailbox } from './run.ts';

type Copy = Extract<Command, { is: 'COPY' | 'MOVE' }>;

export async function copy(session: WithMailbox, command: Copy): Promise<Outcome> {
  const { selected } = session;
  if (command.is === 'MOVE') refuseMove(session);
  const numbers = selected.resolve(command.set, command.uid);
  const target = await targetPlace(session, command.mailbox);
  const { uids, missing } = selected.pick(numbers);
  if (missing && !command.uid) throw no('Some of the messages are gone', 'EXPUNGEISSUED');
  if (uids.length === 0) return undefined;
  refuseAbove(session, uids.length);
  const done = await transfer(session, command.is, { uids, target });
  const code = done.from.length === 0 ? undefined : copyUid(done);
  if (command.is === 'COPY') return code === undefined ? undefined : `[${code}] Copied`;
  // The client must know where the messages went before they vanish (RFC 6851, 4.3).
  if (code !== undefined) session.untagged(`OK [${code}] Moved`);
  await sendUpdates(session, selected, { expunge: true });
  return session.qresync ? `[HIGHESTMODSEQ ${selected.messages.modseq}] Moved` : undefined;
}

/** MOVE takes away here: it needs the rights to mark and to expunge. */
function refuseMove({ selected }: WithMailbox): void {
  if (selected.readOnly) throw no('The mailbox is open for reading only', 'READ-ONLY');
  const { rights } = selected.place;
  if (!rights.includes('e') || !rights.includes('t')) throw no('Not allowed to move messages away', 'NOPERM');
}

async function transfer(
  session: WithMailbox,
  is: Copy['is'],
  { uids, target }: { uids: readonly number[]; target: Place },
): Promise<Copied> {
  const { selected } = session;
  const { mailboxes } = session.server.parts;
  const from = selected.mailbox.id;
  const to = target.mailbox.id;
  const limited = !['s', 't', 'w'].every((right) => target.rights.includes(right));
  if (target.owner !== selected.owner || limited) {
    return mailboxes.copyAcross(
      { account: selected.owner, mailbox: from, uids },
      { account: target.owner, mailbox: to },
      {
        move: is === 'MOVE',
        flags: (flags) => permitted(flags, target.rights),
        progress: new Progress(session).tell,
      },
    );
  }
  return is === 'COPY'
    ? mailboxes.copy(selected.owner, from, uids, to)
    : mailboxes.move(selected.owner, from, uids, to);
}

const copyUid = ({ uidValidity, from, to }: Copied): string =>
  `COPYUID ${uidValidity} ${formatNumbers(from)} ${formatNumbers(to)}`;
