/** STORE (RFC 3501, 6.4.6; RFC 7162, 3.1.3) and EXPUNGE (RFC 3501, 6.4.3; RFC 4315). */
import type { Uid } from '../../base/ids.ts';
import type { Store } from '../../proto/imap/command.ts';
import { formatNumbers, type SequenceSet } from '../../proto/imap/sequence-set.ts';
import { flagsText, parseFlags } from '../flag-text.ts';
import type { Outcome } from '../outcome.ts';
import { no } from '../replies.ts';
import { nextPosition, type Selected } from '../selected.ts';
import { sendUpdates } from '../updates.ts';
import { enableCondstore } from './general.ts';
import type { WithMailbox } from './run.ts';

/** Messages between two looks at the clock. */
const lookEvery = 256;

export async function store(session: WithMailbox, command: Store): Promise<Outcome> {
  const { selected, principal } = session;
  if (selected.readOnly) throw no('The mailbox is open for reading only', 'READ-ONLY');
  const flags = parseFlags(command.flags);
  if (command.unchangedSince !== undefined) enableCondstore(session);
  const numbers = selected.resolve(command.set, command.uid);
  // What others changed must be told: it could hide behind our own change.
  await sendUpdates(session, selected, { expunge: false });
  const { uids, missing } = selected.pick(numbers);
  const { unchangedSince } = command;
  const done = await session.server.parts.mailboxes.storeFlags(principal.account, selected.mailbox.id, uids, {
    how: command.mode,
    flags,
    ...(unchangedSince === undefined ? {} : { unchangedSince }),
  });
  knowTold(selected, done.changed);
  const failed = new Set<number>(done.failed);
  const tell = command.silent
    ? session.condstore
      ? done.changed
      : []
    : uids.filter((uid) => !failed.has(uid));
  await tellFlags(session, tell, command);
  if (failed.size > 0) {
    const text = formatNumbers(
      command.uid ? done.failed : done.failed.map((uid) => selected.messages.sequenceOf(uid)),
    );
    return `[MODIFIED ${text}] Some messages had changed`;
  }
  if (missing && !command.uid) throw no('Some of the messages are gone', 'EXPUNGEISSUED');
  return undefined;
}

/** The client learns of these changes by the answer to its command. */
export function knowTold(selected: Selected, changed: readonly Uid[]): void {
  let position = -1;
  for (const uid of changed) {
    position = nextPosition(selected.view, uid, position);
    if (position !== -1) selected.told.set(uid, selected.view.modseqAt(position));
  }
}

async function tellFlags(session: WithMailbox, uids: readonly number[], command: Store): Promise<void> {
  const { selected, out } = session;
  const { view, messages } = selected;
  let position = -1;
  let count = 0;
  for (const uid of uids) {
    position = nextPosition(view, uid, position);
    if (position === -1) continue;
    let text = command.uid || session.qresync ? `UID ${uid}` : '';
    if (!command.silent)
      text += `${text === '' ? '' : ' '}FLAGS ${flagsText(view, position, selected.isRecent(uid))}`;
    if (session.condstore) text += `${text === '' ? '' : ' '}MODSEQ (${view.modseqAt(position)})`;
    out.text(`* ${messages.sequenceOf(uid)} FETCH (${text})\r\n`);
    if (++count % lookEvery === 0 && (out.full || out.late)) await out.pause();
  }
}

export async function expunge(session: WithMailbox, set: SequenceSet | undefined): Promise<Outcome> {
  const { selected, principal } = session;
  if (selected.readOnly) throw no('The mailbox is open for reading only', 'READ-ONLY');
  const uids = set === undefined ? undefined : selected.pick(selected.resolve(set, true)).uids;
  if (uids?.length !== 0) {
    await session.server.parts.mailboxes.expunge(principal.account, selected.mailbox.id, uids);
  }
  await sendUpdates(session, selected, { expunge: true });
  return session.condstore ? `[HIGHESTMODSEQ ${Math.max(1, selected.messages.modseq)}] Expunged` : undefined;
}
