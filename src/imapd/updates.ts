/**
 * Untagged data about the selected mailbox: what other sessions did since the client was last told (RFC 3501, 7; RFC 7162, 3).
 *
 * Expunges come first, then EXISTS and RECENT, then new flags. What is in `selected.told` was in the answer to this session's own command.
 */
import type { Uid } from '../base/ids.ts';
import { formatNumbers } from '../proto/imap/sequence-set.ts';
import { flagsText, mailboxFlags } from './flag-text.ts';
import { nextPosition, type Selected } from './selected.ts';
import type { Session } from './session.ts';

/** Expunges in one piece of output. */
const lookEvery = 256;

export async function sendUpdates(
  session: Session,
  selected: Selected,
  how: { expunge: boolean },
): Promise<void> {
  if (!selected.messages.pending) return;
  const { out } = session;
  const recentBefore = selected.recent;
  const updates = selected.messages.sync(how);
  if (session.qresync) {
    if (updates.vanished.length > 0) out.text(`* VANISHED ${formatNumbers(updates.vanished)}\r\n`);
  } else {
    for (const number of updates.expunged) out.text(`* ${number} EXPUNGE\r\n`);
  }
  if (out.full) await out.pause();
  if (updates.exists !== undefined) out.text(`* ${updates.exists} EXISTS\r\n`);
  if (selected.recent !== recentBefore || updates.exists !== undefined)
    out.text(`* ${selected.recent} RECENT\r\n`);
  if (updates.keywordsChanged) sendFlags(session, selected);
  await sendChanged(session, selected, updates.changed);
  selected.told.clear();
}

/** FLAGS and PERMANENTFLAGS. */
export function sendFlags(session: Session, selected: Selected): void {
  const { keywords } = selected.view;
  session.untagged(`FLAGS ${mailboxFlags(keywords)}`);
  const permanent = selected.readOnly ? '()' : mailboxFlags(keywords, ' \\*');
  session.untagged(`OK [PERMANENTFLAGS ${permanent}] Flags that can be kept`);
}

async function sendChanged(session: Session, selected: Selected, changed: readonly Uid[]): Promise<void> {
  let position = -1;
  let count = 0;
  for (const uid of changed) {
    position = nextPosition(selected.view, uid, position);
    if (position === -1 || selected.told.get(uid) === selected.view.modseqAt(position)) continue;
    session.out.text(flagsLine(session, selected, uid, position));
    if (++count % lookEvery === 0 && (session.out.full || session.out.late)) await session.out.pause();
  }
}

/** `* n FETCH (UID u FLAGS (…) MODSEQ (m))`: MODSEQ once CONDSTORE is on, UID with it so that no number need be trusted. */
function flagsLine(session: Session, selected: Selected, uid: Uid, position: number): string {
  const { view, messages } = selected;
  const flags = flagsText(view, position, selected.isRecent(uid));
  const more = session.condstore ? ` MODSEQ (${view.modseqAt(position)})` : '';
  return `* ${messages.sequenceOf(uid)} FETCH (UID ${uid} FLAGS ${flags}${more})\r\n`;
}
