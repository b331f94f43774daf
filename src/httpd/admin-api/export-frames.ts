/** The messages of an open mailbox as frames, one after another, as fast as they are taken: memory is that of a chunk. */
import { frameStart } from '../../base/frames.ts';
import type { AccountId } from '../../base/ids.ts';
import type { MailboxSession } from '../../mailbox/mailbox-session.ts';
import type { Mailboxes, StoredBody } from '../../mailbox/mailboxes.ts';
import type { ExportHead } from './contract-moving.ts';
import { shownFlags } from './moving-flags.ts';

interface Exported {
  readonly account: AccountId;
  /** Let go at the end. */
  readonly session: MailboxSession;
  readonly after: number;
}

export async function* exportFrames(
  mailboxes: Mailboxes,
  { account, session, after }: Exported,
): AsyncGenerator<Uint8Array, void, void> {
  using open = session;
  const { view } = open;
  // Positions shift while others expunge: uids do not.
  for (let uid = after; ; ) {
    const at = view.positionFrom(uid + 1);
    if (at >= view.count) return;
    uid = view.uidAt(at);
    const head: ExportHead = {
      uid,
      flags: shownFlags(view.flagsAt(at)),
      receivedAtMs: view.receivedAtMsAt(at),
    };
    const body = await mailboxes.body(account, view.emailAt(at));
    if (body !== undefined) yield* frame(mailboxes, head, body);
  }
}

async function* frame(
  mailboxes: Mailboxes,
  head: ExportHead,
  body: StoredBody,
): AsyncGenerator<Uint8Array, void, void> {
  if (body.is === 'inline') {
    yield Buffer.concat([frameStart(head, body.bytes.length), body.bytes]);
    return;
  }
  yield frameStart(head, body.sizeBytes);
  yield* mailboxes.stream(body);
}
