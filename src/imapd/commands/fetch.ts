/**
 * FETCH (RFC 3501, 6.4.5; RFC 7162, 3.1.4; RFC 3516; RFC 8474; RFC 8514; RFC 8970).
 *
 * Three speeds: what the mailbox holds in memory (flags, dates, sizes, ids) is a look-up and a line of text for each message; what is stored beside the message
 * (envelope, structure, preview) is read for a batch of messages at a time; bytes of a message are read where a section lies. Output leaves in slices, and
 * between slices others have their turn. Positions in the view are looked up anew after each pause.
 */
import { nextPosition } from '../../mailbox/mailbox-view.ts';
import { BodiesAhead } from '../../mailbox/bodies-ahead.ts';
import type { Uid } from '../../base/ids.ts';
import { seen } from '../../mailbox/flags.ts';
import type { Fetch, Places } from '../../proto/imap/command.ts';
import type { Range } from '../../proto/imap/sequence-set.ts';
import { flagsText } from '../flag-text.ts';
import { fetchLineStart } from '../fetch-line.ts';
import { detailsBatch } from '../options.ts';
import type { Outcome } from '../outcome.ts';
import { bad, no } from '../replies.ts';
import { sendNewKeywords, sendUpdates } from '../updates.ts';
import { readMemoryItems, planFetch, type FetchPlan } from './fetch-plan.ts';
import { checkEncodings, sendSection } from './fetch-section.ts';
import { detailTexts } from './fetch-details.ts';
import { enableCondstore } from './general.ts';
import { countOf, limited, slice } from './message-limit.ts';
import type { WithMailbox } from './run.ts';
import { sendVanished } from './select.ts';
import { knowTold } from './store.ts';

/** Messages between two looks at the clock. */
const lookEvery = 64;

export async function fetch(session: WithMailbox, command: Fetch): Promise<Outcome> {
  const { selected } = session;
  // RFC 7162, 3.2.3.
  if (command.vanished && !session.qresync) throw bad('QRESYNC must be enabled first');
  if (command.changedSince !== undefined || command.items.some((item) => item.is === 'modSeq'))
    enableCondstore(session);
  const plan = planFetch(command, session);
  const asked = selected.resolve(command.set, command.uid);
  const { ranges: numbers, cut } = limited(session, partOf(asked, command.partial));
  if (command.vanished && command.set.is === 'ranges') {
    const uids = uidRanges(session, command);
    await sendVanished(session, uids, command.changedSince!);
  }
  const missing =
    plan.details || plan.sections.length > 0
      ? await fetchBatches(session, plan, numbers)
      : await fetchFromMemory(session, plan, numbers);
  if (missing && !command.uid) throw no('Some of the messages are gone', 'EXPUNGEISSUED');
  return cut === undefined ? undefined : `[${cut}] Some messages were left out`;
}

/** PARTIAL: places among the messages of the set (RFC 9394, 3.3). */
function partOf(numbers: readonly Range[], partial: Places | undefined): readonly Range[] {
  if (partial === undefined) return numbers;
  const total = countOf(numbers);
  const { from, to } = partial.fromEnd
    ? { from: total - partial.to + 1, to: total - partial.from + 1 }
    : partial;
  return slice(numbers, Math.max(1, from), Math.min(total, to));
}

/** The uids asked for, also of messages that are gone. */
function uidRanges(session: WithMailbox, command: Fetch): readonly Range[] {
  const ranges = command.set.is === 'ranges' ? command.set.ranges : [];
  const last = session.selected.lastUid;
  return ranges.map(({ from, to }) => {
    const a = Math.min(from, Math.max(last, Math.min(from, to)));
    return a <= to ? { from: a, to } : { from: to, to: a };
  });
}

async function fetchFromMemory(
  session: WithMailbox,
  plan: FetchPlan,
  numbers: readonly Range[],
): Promise<boolean> {
  const { selected, out } = session;
  const { messages, view } = selected;
  let missing = false;
  let position = -1;
  for (const { from, to } of numbers) {
    for (let number = from; number <= to; number++) {
      const uid = messages.uidOf(number);
      sendNewKeywords(session, selected);
      position = nextPosition(view, uid, position);
      if (position === -1) missing = true;
      else if (plan.changedSince === undefined || view.modseqAt(position) > plan.changedSince) {
        out.text(
          `${fetchLineStart(session, number, uid)}${readMemoryItems(plan, selected, uid, position)})\r\n`,
        );
      }
      if (out.full || (number % lookEvery === 0 && out.late)) await out.pause();
    }
  }
  return missing;
}

/** One message of a batch. */
interface Wanted {
  readonly number: number;
  readonly uid: Uid;
}

async function fetchBatches(
  session: WithMailbox,
  plan: FetchPlan,
  numbers: readonly Range[],
): Promise<boolean> {
  const { messages, view } = session.selected;
  let missing = false;
  let batch: Wanted[] = [];
  for (const { from, to } of numbers) {
    for (let number = from; number <= to; number++) {
      const uid = messages.uidOf(number);
      const position = view.positionOf(uid);
      if (position === -1) missing = true;
      else if (plan.changedSince === undefined || view.modseqAt(position) > plan.changedSince)
        batch.push({ number, uid });
      if (batch.length < detailsBatch) continue;
      missing = (await sendBatch(session, plan, batch)) || missing;
      batch = [];
    }
  }
  return (await sendBatch(session, plan, batch)) || missing;
}

/** True if a message was expunged under way. */
async function sendBatch(session: WithMailbox, plan: FetchPlan, batch: readonly Wanted[]): Promise<boolean> {
  if (batch.length === 0) return false;
  const { selected, out } = session;
  const { view } = selected;
  const { owner } = selected;
  const marks = plan.marksSeen && !selected.readOnly && selected.place.rights.includes('s');
  const marked = marks ? await markSeen(session, batch) : undefined;
  const emails = batch.flatMap(({ uid }) => {
    const position = view.positionOf(uid);
    return position === -1 ? [] : [view.emailAt(position)];
  });
  const { mailboxes } = session.server.parts;
  const details = plan.needsIndex ? await mailboxes.details(owner, emails) : undefined;
  const bodies = plan.sections.length > 0 ? new BodiesAhead(mailboxes, owner, emails) : undefined;
  let missing = false;
  for (const [index, { number, uid }] of batch.entries()) {
    const position = view.positionOf(uid);
    const email = position === -1 ? undefined : view.emailAt(position);
    const known = email === undefined ? undefined : details?.get(email);
    const body = email === undefined ? undefined : await bodies?.of(email);
    if (
      email === undefined ||
      (plan.needsIndex && known === undefined) ||
      (plan.sections.length > 0 && body === undefined)
    ) {
      missing = true;
      continue;
    }
    const here = view.positionOf(uid);
    if (here === -1) {
      missing = true;
      continue;
    }
    if (plan.sections.length > 0) checkEncodings(plan.sections, known?.index);
    sendNewKeywords(session, selected);
    const parts: string[] = [];
    const memory = readMemoryItems(plan, selected, uid, here);
    if (memory !== '') parts.push(memory);
    if (marked?.has(uid)) parts.push(markedText(session, plan, uid, here));
    if (known !== undefined) parts.push(...detailTexts(plan.stored, known, session.utf8));
    out.text(`${fetchLineStart(session, number, uid)}${parts.filter((part) => part !== '').join(' ')}`);
    let separator = parts.length > 0 ? ' ' : '';
    for (const item of plan.sections) {
      out.text(separator);
      separator = ' ';
      await sendSection(session, item, { body: body!, index: known?.index });
    }
    out.text(')\r\n');
    if (out.full || (index % 8 === 0 && out.late)) await out.pause();
  }
  return missing;
}

/** Sets \Seen, which reading without PEEK implies, before the bytes are sent. Gives the uids whose flags changed by that. */
async function markSeen(session: WithMailbox, batch: readonly Wanted[]): Promise<ReadonlySet<number>> {
  const { selected } = session;
  const { view } = selected;
  const unseen = batch
    .map(({ uid }) => uid)
    .filter((uid) => {
      const position = view.positionOf(uid);
      return position !== -1 && (view.systemFlagsAt(position) & seen) === 0;
    });
  if (unseen.length === 0) return new Set();
  await sendUpdates(session, selected, { expunge: false });
  const done = await session.server.parts.mailboxes.storeFlags(selected.owner, selected.mailbox.id, unseen, {
    how: 'add',
    flags: { system: seen, keywords: [] },
  });
  knowTold(selected, done.changed);
  return new Set<number>(done.changed);
}

/** The new flags, where the client did not ask for them anyway. */
function markedText(session: WithMailbox, plan: FetchPlan, uid: Uid, position: number): string {
  const { selected } = session;
  const flags = plan.has('flags')
    ? ''
    : `FLAGS ${flagsText(selected.view, position, plan.recent && selected.isRecent(uid))}`;
  const modSeq =
    session.condstore && !plan.has('modSeq') ? `MODSEQ (${selected.view.modseqAt(position)})` : '';
  return `${flags}${flags !== '' && modSeq !== '' ? ' ' : ''}${modSeq}`;
}
