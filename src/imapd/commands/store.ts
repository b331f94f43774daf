/** STORE (RFC 3501, 6.4.6; RFC 7162, 3.1.3) and EXPUNGE (RFC 3501, 6.4.3; RFC 4315). */
import { nextPosition } from '../../mailbox/mailbox-view.ts';
import type { Uid } from '../../base/ids.ts';
import type { Store } from '../../proto/imap/command.ts';
import { formatNumbers, type SequenceSet } from '../../proto/imap/sequence-set.ts';
import { deleted, type Flags } from '../../mailbox/flags.ts';
import { fetchLineStart } from '../fetch-line.ts';
import { flagsText, parseFlags } from '../flag-text.ts';
import type { Outcome } from '../outcome.ts';
import { no } from '../replies.ts';
import type { Selected } from '../selected.ts';
import { sendNewKeywords, sendUpdates } from '../updates.ts';
import { changeable, permitted } from './flag-rights.ts';
import { enableCondstore } from './general.ts';
import { limited, limitedUids } from './message-limit.ts';
import type { WithMailbox } from './run.ts';

/** Messages between two looks at the clock. */
const lookEvery = 256;

export async function store(session: WithMailbox, command: Store): Promise<Outcome> {
  const { selected } = session;
  if (selected.readOnly) throw no('The mailbox is open for reading only', 'READ-ONLY');
  const changes = changesFor(selected, command.mode, parseFlags(command.flags));
  if (command.unchangedSince !== undefined) enableCondstore(session);
  const asked = selected.resolve(command.set, command.uid);
  const { ranges: numbers, cut } = limited(session, asked);
  // What others changed must be told: it could hide behind our own change.
  const told = await sendUpdates(session, selected, { expunge: false });
  const { uids, missing } = selected.pick(numbers);
  const before = command.silent ? flagsBefore(selected, uids) : undefined;
  // Was it before the change or after? Of these the client hears again, so that what it heard last is true.
  for (const uid of told) before?.delete(uid);
  const done = await change(session, uids, changes, command.unchangedSince);
  knowTold(selected, before === undefined ? done.changed : asExpected(selected, { done, changes, before }));
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
  return cut === undefined ? undefined : `[${cut}] Some messages were left out`;
}

interface Change {
  readonly how: Store['mode'];
  readonly flags: Flags;
}

/**
 * What a client with these rights does by the command (RFC 4314, 4): flags that it may not change stay as they are, so for it FLAGS replaces only the others. With
 * no right to any flag of the command it is refused.
 */
function changesFor({ place, view }: Selected, how: Store['mode'], flags: Flags): Change[] {
  const { rights } = place;
  const all = ['s', 't', 'w'].every((right) => rights.includes(right));
  if (all) return [{ how, flags }];
  const allowed = permitted(flags, rights);
  const some = allowed.system !== 0 || allowed.keywords.length > 0;
  const asked = flags.system !== 0 || flags.keywords.length > 0;
  if ((asked && !some) || changeable(rights) === 0) throw no('Not allowed to change these flags', 'NOPERM');
  if (how !== 'replace') return [{ how, flags: allowed }];
  const kept = new Set(allowed.keywords.map((keyword) => keyword.toLowerCase()));
  const dropped = {
    system: changeable(rights) & ~allowed.system,
    keywords: rights.includes('w') ? view.keywords.filter((keyword) => !kept.has(keyword.toLowerCase())) : [],
  };
  return [
    { how: 'remove', flags: dropped },
    { how: 'add', flags: allowed },
  ];
}

async function change(
  session: WithMailbox,
  given: readonly Uid[],
  changes: readonly Change[],
  unchangedSince: number | undefined,
): Promise<{ changed: readonly Uid[]; failed: readonly Uid[] }> {
  const { owner, mailbox } = session.selected;
  const { mailboxes } = session.server.parts;
  const changed = new Set<Uid>();
  const failed = new Set<Uid>();
  let uids = given;
  for (const [i, each] of changes.entries()) {
    // The second part of a change must not fail for what the first did.
    const test = unchangedSince === undefined || i > 0 ? {} : { unchangedSince };
    const done = await mailboxes.storeFlags(owner, mailbox.id, uids, { ...each, ...test });
    for (const uid of done.changed) changed.add(uid);
    for (const uid of done.failed) failed.add(uid);
    uids = uids.filter((uid) => !failed.has(uid));
  }
  return { changed: [...changed].sort((a, b) => a - b), failed: [...failed] };
}

type Known = Map<Uid, Flags>;

/** What the client knows of the messages' flags. */
function flagsBefore({ view }: Selected, uids: readonly Uid[]): Known {
  const known = new Map<Uid, Flags>();
  let position = -1;
  for (const uid of uids) {
    position = nextPosition(view, uid, position);
    if (position !== -1) known.set(uid, view.flagsAt(position));
  }
  return known;
}

/** With .SILENT a client works out the new flags itself. Where another session changed the message at the same time it cannot: it must be told. */
function asExpected(
  { view }: Selected,
  { done, changes, before }: { done: { changed: readonly Uid[] }; changes: readonly Change[]; before: Known },
): Uid[] {
  let position = -1;
  return done.changed.filter((uid) => {
    position = nextPosition(view, uid, position);
    const old = before.get(uid);
    if (position === -1 || old === undefined) return false;
    const expected = changes.reduce(applied, old);
    const now = view.flagsAt(position);
    return now.system === expected.system && sameKeywords(now.keywords, expected.keywords);
  });
}

function applied(old: Flags, { how, flags }: Change): Flags {
  if (how === 'replace') return flags;
  const named = new Set(flags.keywords.map((keyword) => keyword.toLowerCase()));
  const others = old.keywords.filter((keyword) => !named.has(keyword.toLowerCase()));
  return how === 'add'
    ? { system: old.system | flags.system, keywords: [...others, ...flags.keywords] }
    : { system: old.system & ~flags.system, keywords: others };
}

function sameKeywords(a: readonly string[], b: readonly string[]): boolean {
  if (a.length === 0 && b.length === 0) return true;
  const left = new Set(a.map((keyword) => keyword.toLowerCase()));
  const right = new Set(b.map((keyword) => keyword.toLowerCase()));
  return left.size === right.size && left.isSubsetOf(right);
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
  // IMAP4rev2 wants the uid in all that was not asked for with FETCH (RFC 9051, appendix E); with nothing else in it a line would say nothing.
  const withUid =
    !session.uidOnly &&
    (command.uid || session.qresync || (session.rev2 && (!command.silent || session.condstore)));
  let position = -1;
  let count = 0;
  for (const uid of uids) {
    sendNewKeywords(session, selected);
    position = nextPosition(view, uid, position);
    if (position === -1) continue;
    let text = withUid ? `UID ${uid}` : '';
    if (!command.silent)
      text += `${text === '' ? '' : ' '}FLAGS ${flagsText(view, position, !session.rev2 && selected.isRecent(uid))}`;
    if (session.condstore) text += `${text === '' ? '' : ' '}MODSEQ (${view.modseqAt(position)})`;
    if (text === '') continue;
    out.text(`${fetchLineStart(session, messages.sequenceOf(uid), uid)}${text})\r\n`);
    if (++count % lookEvery === 0 && (out.full || out.late)) await out.pause();
  }
}

export async function expunge(session: WithMailbox, set: SequenceSet | undefined): Promise<Outcome> {
  const { selected } = session;
  if (selected.readOnly) throw no('The mailbox is open for reading only', 'READ-ONLY');
  if (!selected.place.rights.includes('e')) throw no('Not allowed to expunge here', 'NOPERM');
  const asked = set === undefined ? undefined : selected.pick(selected.resolve(set, true)).uids;
  const { uids, cut } = limitedDeleted(session, asked);
  if (uids?.length !== 0)
    await session.server.parts.mailboxes.expunge(selected.owner, selected.mailbox.id, uids);
  await sendUpdates(session, selected, { expunge: true });
  if (cut !== undefined) return `[${cut}] Some messages were left out`;
  return session.condstore ? `[HIGHESTMODSEQ ${Math.max(1, selected.messages.modseq)}] Expunged` : undefined;
}

/** Only what has \Deleted counts for the limit. */
function limitedDeleted(
  session: WithMailbox,
  asked: readonly number[] | undefined,
): { uids: readonly number[] | undefined; cut: string | undefined } {
  if (session.server.parts.options.messageLimit === 0) return { uids: asked, cut: undefined };
  const { view } = session.selected;
  const all = asked ?? Array.from({ length: view.count }, (_, position) => view.uidAt(position));
  const marked = all.filter((uid) => {
    const position = view.positionOf(uid);
    return position !== -1 && (view.systemFlagsAt(position) & deleted) !== 0;
  });
  return limitedUids(session, marked);
}
