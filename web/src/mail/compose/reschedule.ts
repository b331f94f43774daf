/** Mail that waits for its time, sent at another. */
import type { Id, Identity } from '../jmap/types.ts';
import { begun } from './begin.ts';
import { sendDraft, type SendOptions, takeBack } from './message.ts';
import { openDraft } from './open-draft.ts';
import type { Scheduled } from './scheduled.ts';

interface Change {
  readonly account: Id;
  readonly boxes: Pick<SendOptions, 'drafts' | 'sent'>;
  readonly identities: readonly Identity[];
}

/** Taken back and handed in anew, so that its date is the time at which it leaves. Fails between the two, it is a draft. */
export async function rescheduled(
  { account, boxes, identities }: Change,
  { submission: id, email, identity }: Scheduled,
  untilMs: number,
): Promise<void> {
  await takeBack(account, id, boxes);
  const kept = await openDraft(account, email);
  const known = identities.find((each) => each.id === identity) ?? identities[0];
  if (kept === undefined || known === undefined) return;
  const from = known.email.startsWith('*@') ? { ...known, email: kept.as?.[0] ?? known.email } : known;
  const draft = begun(kept, { account, from, format: kept.format });
  await sendDraft(account, draft, from, { ...boxes, holdSeconds: 0, untilMs });
}
