/** SELECT, EXAMINE, CLOSE, UNSELECT (RFC 3501, 6.3.1 and 6.4.2; RFC 4314, 4; RFC 7162, 3.2.5; RFC 3691; RFC 8474; RFC 9051). */
import { Refusal } from '../../base/refusal.ts';
import { seen } from '../../mailbox/flags.ts';
import type { MailboxView } from '../../mailbox/mailbox-view.ts';
import type { Qresync, Select } from '../../proto/imap/command.ts';
import { formatNumbers, rangesInclude, resolveRanges, star } from '../../proto/imap/sequence-set.ts';
import { fetchLineStart } from '../fetch-line.ts';
import { flagsText } from '../flag-text.ts';
import type { Outcome } from '../outcome.ts';
import { bad } from '../replies.ts';
import { Selected } from '../selected.ts';
import { sendFlags } from '../updates.ts';
import { mayChange } from './flag-rights.ts';
import { listLine } from './list.ts';
import { findPlace, type Place } from './place.ts';
import type { LoggedIn, WithMailbox } from './run.ts';

export async function select(session: LoggedIn, command: Select): Promise<Outcome> {
  if (command.qresync !== undefined && !session.qresync) throw bad('QRESYNC must be enabled first');
  // Numbers mean nothing there (RFC 9586, 3).
  if (session.uidOnly && command.qresync?.matched !== undefined)
    throw bad('Only UIDs may be used', 'UIDREQUIRED');
  await leave(session);
  const { mailboxes } = session.server.parts;
  const place = await findPlace(session, command.mailbox, 'r');
  const { owner, mailbox } = place;
  const readOnly = command.is === 'EXAMINE' || !mayChange(place.rights);
  const messages = await mailboxes.open(owner, mailbox.id);
  let recentFrom: number = mailbox.recentFrom;
  try {
    if (!readOnly && mailbox.recentFrom < messages.view.uidNext) {
      recentFrom = (await claimRecent(session, place)) ?? recentFrom;
    }
    messages.sync({ expunge: true });
  } catch (error) {
    messages[Symbol.dispose]();
    throw error;
  }
  const selected = new Selected(place, messages, { readOnly, recentFrom });
  if (command.condstore) session.condstore = true;
  session.selected = selected;
  describe(session as WithMailbox, command.given);
  if (command.qresync !== undefined) await resync(session as WithMailbox, command.qresync);
  const done = command.is === 'EXAMINE' ? 'Examined' : 'Selected';
  return readOnly ? `[READ-ONLY] ${done}` : `[READ-WRITE] ${done}`;
}

function describe(session: WithMailbox, given: string | undefined): void {
  const { selected } = session;
  const { view, messages } = selected;
  sendFlags(session, selected);
  session.untagged(`${messages.count} EXISTS`);
  if (!session.rev2) session.untagged(`${selected.recent} RECENT`);
  const unseen = view.unseen === 0 || session.rev2 || session.uidOnly ? undefined : firstUnseen(view);
  if (unseen !== undefined) session.untagged(`OK [UNSEEN ${unseen}] First message not seen`);
  session.untagged(`OK [UIDVALIDITY ${view.uidValidity}] UIDs are valid`);
  session.untagged(`OK [UIDNEXT ${view.uidNext}] Next UID`);
  session.untagged(`OK [HIGHESTMODSEQ ${Math.max(1, view.modseq)}] Highest`);
  session.untagged(`OK [MAILBOXID (${selected.mailbox.id})] Id`);
  // IMAP4rev2 tells its name and attributes too (RFC 9051, 6.3.2).
  if (session.rev2) session.untagged(listLine(session, selected.place, { oldName: given }));
}

function firstUnseen(view: MailboxView): number | undefined {
  for (let position = 0; position < view.count; position++) {
    if ((view.systemFlagsAt(position) & seen) === 0) return position + 1;
  }
  return undefined;
}

/** What changed since the client was last here: VANISHED (EARLIER), then flags. */
async function resync(session: WithMailbox, known: Qresync): Promise<void> {
  const { selected } = session;
  if (known.uidValidity !== selected.view.uidValidity) return;
  const ranges =
    known.knownUids?.is === 'ranges'
      ? resolveRanges(known.knownUids.ranges, selected.view.uidNext - 1)
      : [{ from: 1, to: star }];
  await sendVanished(session, ranges, known.modSeq);
  const { view, messages } = selected;
  for (let number = 1; number <= messages.count; number++) {
    const uid = messages.uidOf(number);
    const position = view.positionOf(uid);
    if (position === -1 || view.modseqAt(position) <= known.modSeq || !rangesInclude(ranges, uid)) continue;
    const flags = flagsText(view, position, !session.rev2 && selected.isRecent(uid));
    const shown = session.uidOnly ? '' : `UID ${uid} `;
    session.out.text(
      `${fetchLineStart(session, number, uid)}${shown}FLAGS ${flags} MODSEQ (${view.modseqAt(position)}))\r\n`,
    );
    if (session.out.full || (number % 256 === 0 && session.out.late)) await session.out.pause();
  }
}

/** VANISHED (EARLIER) for what was expunged after `since`. Without a log that far, all uids of the ranges that are not there now. */
export async function sendVanished(
  session: WithMailbox,
  ranges: readonly { from: number; to: number }[],
  since: number,
): Promise<void> {
  const { selected } = session;
  const { mailboxes } = session.server.parts;
  const log = await mailboxes.expungedSince(selected.owner, selected.mailbox.id, since);
  const gone = log?.filter((uid) => rangesInclude(ranges, uid)) ?? absent(selected, ranges);
  const text = typeof gone === 'string' ? gone : formatNumbers(gone);
  if (text !== '') session.untagged(`VANISHED (EARLIER) ${text}`);
}

/** As a set: the gaps between the uids that are there, up to the highest ever given. */
function absent(selected: Selected, ranges: readonly { from: number; to: number }[]): string {
  const { view } = selected;
  const gaps: string[] = [];
  const add = (from: number, to: number): void => {
    for (const range of ranges) {
      const low = Math.max(from, range.from);
      const high = Math.min(to, range.to);
      if (low <= high) gaps.push(low === high ? String(low) : `${low}:${high}`);
    }
  };
  let next = 1;
  for (let position = 0; position < view.count; position++) {
    const uid = view.uidAt(position);
    if (uid > next) add(next, uid - 1);
    next = uid + 1;
  }
  if (view.uidNext > next) add(next, view.uidNext - 1);
  return gaps.join(',');
}

/** Leaves the mailbox that is selected, and says so (RFC 7162, 3.2.11). */
async function leave(session: LoggedIn): Promise<void> {
  if (session.selected === undefined) return;
  await keepRecent(session as WithMailbox);
  session.deselect();
  session.untagged('OK [CLOSED] Previous mailbox closed');
}

/** What came while it was selected was shown as \Recent here: to no other session after this one. */
async function keepRecent(session: WithMailbox): Promise<void> {
  const { selected } = session;
  if (selected.readOnly || selected.messages.gone || selected.view.uidNext <= selected.mailbox.uidNext)
    return;
  if (selected.recent === 0) return;
  await claimRecent(session, selected.place);
}

/** From which uid messages are \Recent here; undefined when the store cannot write now: that keeps nobody from reading, and others will be told of them again. */
async function claimRecent(session: LoggedIn, { owner, mailbox }: Place): Promise<number | undefined> {
  try {
    return await session.server.parts.mailboxes.claimRecent(owner, mailbox.id);
  } catch (error) {
    if (error instanceof Refusal && (error.reason === 'storageFull' || error.reason === 'storageBusy'))
      return undefined;
    throw error;
  }
}

/** Expunges in silence and leaves. */
export async function closeMailbox(session: WithMailbox): Promise<Outcome> {
  const { selected } = session;
  await keepRecent(session);
  if (!selected.readOnly && !selected.messages.gone && selected.place.rights.includes('e')) {
    await session.server.parts.mailboxes.expunge(selected.owner, selected.mailbox.id);
  }
  session.deselect();
  return undefined;
}

export async function unselect(session: WithMailbox): Promise<Outcome> {
  await keepRecent(session);
  session.deselect();
  return undefined;
}
