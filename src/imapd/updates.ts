/**
 * Untagged data about the selected mailbox: what other sessions did since the client was last told (RFC 3501, 7; RFC 7162, 3).
 *
 * Expunges come first, then EXISTS and RECENT, then new flags. What is in `selected.told` was in the answer to this session's own command.
 */
import { nextPosition } from '../mailbox/mailbox-view.ts';
import type { Uid } from '../base/ids.ts';
import { formatNumbers } from '../proto/imap/sequence-set.ts';
import { fetchLineStart } from './fetch-line.ts';
import { flagsText, mailboxFlags } from './flag-text.ts';
import type { Selected } from './selected.ts';
import { removeExpunged, updateContexts } from './commands/context.ts';
import { renewRights } from './commands/current-rights.ts';
import { changeable } from './commands/flag-rights.ts';
import type { LoggedIn, WithMailbox } from './commands/run.ts';
import type { Session } from './session.ts';

/** Expunges in one piece of output. */
const lookEvery = 256;

/** What no command asked for: told to who may read there still, and wants to hear of it. */
export async function tellSelected(session: Session, how: { expunge: boolean }): Promise<void> {
  const { selected, notification } = session;
  if (selected === undefined) return;
  if (selected.messages.gone) return session.bye('NONEXISTENT', 'The selected mailbox was deleted');
  // NOTIFY without a word of the selected mailbox says that nothing of it is wanted (RFC 5465, 3.1).
  if (notification !== undefined && notification.tellsSelected === undefined) return;
  if (selected.messages.pending && (await renewRights(session as LoggedIn)))
    await sendUpdates(session, selected, how);
}

/** Gives the messages whose flags were told. */
export async function sendUpdates(
  session: Session,
  selected: Selected,
  how: { expunge: boolean },
): Promise<readonly Uid[]> {
  if (!selected.messages.pending) return [];
  const { out } = session;
  const recentBefore = selected.recent;
  const lastBefore = selected.lastUid;
  if (how.expunge) removeExpunged(session as WithMailbox);
  const updates = selected.messages.sync(how);
  if (session.qresync || session.uidOnly) {
    if (updates.vanished.length > 0) out.text(`* VANISHED ${formatNumbers(updates.vanished)}\r\n`);
  } else {
    for (const number of updates.expunged) out.text(`* ${number} EXPUNGE\r\n`);
  }
  if (out.full) await out.pause();
  if (updates.exists !== undefined) out.text(`* ${updates.exists} EXISTS\r\n`);
  if (!session.rev2 && (selected.recent !== recentBefore || updates.exists !== undefined))
    out.text(`* ${selected.recent} RECENT\r\n`);
  sendNewKeywords(session, selected);
  await sendChanged(session, selected, updates.changed);
  selected.told.clear();
  if (updates.exists !== undefined) await session.notification?.tellNew(lastBefore + 1);
  await updateContexts(session as WithMailbox);
  return updates.changed;
}

/** FLAGS, if there are keywords that it has not named yet: to be called before flags of messages are told. */
export function sendNewKeywords(session: Session, selected: Selected): void {
  if (selected.toldKeywords !== selected.view.keywords) sendFlags(session, selected);
}

/** FLAGS and PERMANENTFLAGS. */
export function sendFlags(session: Session, selected: Selected): void {
  const { keywords } = selected.view;
  selected.toldKeywords = keywords;
  session.untagged(`FLAGS ${mailboxFlags(keywords)}`);
  const permanent = permanentFlags(selected);
  session.untagged(`OK [PERMANENTFLAGS ${permanent}] Flags that can be kept`);
}

/** What this client may change for good: by its rights (RFC 4314, 5.1.1). */
function permanentFlags({ readOnly, place, view }: Selected): string {
  const system = readOnly ? 0 : changeable(place.rights);
  if (readOnly || !place.rights.includes('w')) return mailboxFlags([], { system });
  return mailboxFlags(view.keywords, { system, more: ' \\*' });
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
  const flags = flagsText(view, position, !session.rev2 && selected.isRecent(uid));
  const more = session.condstore ? ` MODSEQ (${view.modseqAt(position)})` : '';
  const shown = session.uidOnly ? '' : `UID ${uid} `;
  return `${fetchLineStart(session, messages.sequenceOf(uid), uid)}${shown}FLAGS ${flags}${more})\r\n`;
}
