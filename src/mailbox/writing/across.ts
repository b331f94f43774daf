/**
 * Copying and moving between accounts, or with other flags: the messages are read and appended anew, since no transaction touches two accounts.
 *
 * A copy is all or nothing: what was appended is taken back when something fails. A move appends first and expunges then, so that a crash in between leaves a
 * message in both mailboxes and never in none.
 */
import type { AccountId, MailboxId, ModSeq, Uid } from '../../base/ids.ts';
import type { Bodies, StoredBody } from '../../store/body.ts';
import type { Flags } from '../flags.ts';
import type { Mailboxes } from '../mailboxes.ts';
import type { MailboxView } from '../mailbox-view.ts';
import type { Copied, NewMessage } from './message-writer.ts';

/** Messages, and octets of them, that are appended in one transaction. */
const pieceMax = 100;
const pieceMaxBytes = 32 * 1024 * 1024;

export interface AcrossSource {
  readonly account: AccountId;
  readonly mailbox: MailboxId;
  /** Ascending. */
  readonly uids: readonly number[];
}

export interface AcrossTarget {
  readonly account: AccountId;
  readonly mailbox: MailboxId;
}

export interface AcrossHow {
  readonly move: boolean;
  /** What becomes of a message's flags there. */
  readonly flags: (flags: Flags) => Flags;
  readonly progress?: (done: number, total: number) => void;
}

interface Parts {
  readonly mailboxes: Mailboxes;
  readonly bodies: Bodies;
  /** The view of the source. */
  readonly view: MailboxView;
}

/** Those of the uids that are there still. */
export async function copyAcross(
  parts: Parts,
  source: AcrossSource,
  target: AcrossTarget,
  how: AcrossHow,
): Promise<Copied> {
  const { mailboxes, view } = parts;
  const from: Uid[] = [];
  const to: Uid[] = [];
  let uidValidity = 0;
  let modseq = 0;
  const uids = source.uids.filter((uid) => view.positionOf(uid) !== -1);
  try {
    for (let at = 0; at < uids.length; ) {
      const piece = await pieceFrom(parts, source, uids.slice(at, at + pieceMax), how);
      at += piece.taken;
      how.progress?.(at, uids.length);
      if (piece.messages.length === 0) continue;
      const done = await mailboxes.append(target.account, target.mailbox, piece.messages);
      from.push(...piece.uids);
      to.push(...done.uids);
      uidValidity = done.uidValidity;
      modseq = done.modseq;
    }
  } catch (error) {
    if (to.length > 0) await mailboxes.expunge(target.account, target.mailbox, to, true);
    throw error;
  }
  if (how.move && from.length > 0) await mailboxes.expunge(source.account, source.mailbox, from, true);
  return { uidValidity, from, to, modseq: modseq as ModSeq };
}

async function pieceFrom(
  { mailboxes, bodies, view }: Parts,
  { account }: AcrossSource,
  wanted: readonly number[],
  { flags }: AcrossHow,
): Promise<{ messages: NewMessage[]; uids: Uid[]; taken: number }> {
  const messages: NewMessage[] = [];
  const uids: Uid[] = [];
  let bytes = 0;
  let taken = 0;
  for (const uid of wanted) {
    const before = view.positionOf(uid);
    if (bytes > pieceMaxBytes) break;
    taken += 1;
    const stored = before === -1 ? undefined : await mailboxes.body(account, view.emailAt(before));
    const body = stored && (await ownCopy(bodies, stored));
    const email = body && (await mailboxes.prepare(body));
    const at = view.positionOf(uid);
    if (body === undefined || email === undefined || at === -1) continue;
    bytes += email.sizeBytes;
    messages.push({ flags: flags(view.flagsAt(at)), receivedAtMs: view.receivedAtMsAt(at), body, email });
    uids.push(uid as Uid);
  }
  return { messages, uids, taken };
}

/** A file is copied: the one that is there may be swept once its owner has expunged the message. */
async function ownCopy(bodies: Bodies, body: StoredBody): Promise<StoredBody> {
  if (body.is === 'inline') return body;
  const writer = bodies.writer();
  try {
    for await (const chunk of bodies.stream(body)) await writer.write(chunk);
  } catch (error) {
    await writer.abort();
    throw error;
  }
  return writer.finish();
}
