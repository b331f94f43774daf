/** What has become of submissions by now: of their delivery, by the ledger; and the notices that came for them. */
import type { AccountId } from '../../../base/ids.ts';
import { Refusal } from '../../../base/refusal.ts';
import type { Kept } from '../../../profile/profiles.ts';
import type { Call } from '../records.ts';
import { becameOf } from './delivery-status.ts';
import { type Notices, noticesFor } from './notices.ts';
import type { SubmissionParts, SubmissionValue } from './submission.ts';

/** When the ledger says nothing for so long, nothing more is expected; nor are notices. */
const watchedMs = 30 * 24 * 3600 * 1000;
/** The newest submissions, whose notices are looked for. */
const noticedMax = 200;

/** Submissions of the account, with what has become of them by now. */
export async function currentSubmissions(
  parts: SubmissionParts,
  { account }: Call,
): Promise<readonly Kept<SubmissionValue>[]> {
  const { profiles } = parts;
  if (!account.isPersonal) return [];
  const kept = await profiles.list<SubmissionValue>(account.id, 'EmailSubmission');
  const news = await newsOf(parts, account.id, kept);
  if (news.length === 0) return kept;
  try {
    await profiles.write(
      account.id,
      'EmailSubmission',
      news.map(({ before, data }) => ({ is: 'update' as const, id: before.id, data, seen: before.data })),
    );
  } catch (error) {
    // Another request was quicker.
    if (!(error instanceof Refusal) || !['conflict', 'notFound'].includes(error.reason)) throw error;
  }
  return profiles.list<SubmissionValue>(account.id, 'EmailSubmission');
}

interface News {
  readonly before: Kept<SubmissionValue>;
  readonly data: string;
}

async function newsOf(
  parts: SubmissionParts,
  account: AccountId,
  kept: readonly Kept<SubmissionValue>[],
): Promise<readonly News[]> {
  const nowMs = parts.clock.nowMs();
  const noticed = await noticesOf(parts, account, kept);
  const news: News[] = [];
  for (const before of kept) {
    const { value } = before;
    const now = value.isOver ? value : await current(parts, value, nowMs);
    const notices = noticed.get(value.messageId ?? '');
    const data = JSON.stringify(notices === undefined ? now : { ...now, notices });
    if (data !== before.data) news.push({ before, data });
  }
  return news;
}

/** What was looked through, by account: its mail, and the submissions. */
const lookedMax = 10_000;
const looked = new Map<AccountId, string>();

/** By Message-ID, of those that are watched: nothing while the mail of the account is the same. */
async function noticesOf(
  parts: SubmissionParts,
  account: AccountId,
  kept: readonly Kept<SubmissionValue>[],
): Promise<ReadonlyMap<string, Notices>> {
  const fromMs = parts.clock.nowMs() - watchedMs;
  const ids = kept
    .filter(({ value }) => Date.parse(value.sendAt) > fromMs)
    .flatMap(({ value }) => value.messageId ?? [])
    .slice(-noticedMax);
  if (ids.length === 0) return new Map();
  const at = `${await parts.mailboxes.mail.version(account)} ${kept.at(-1)?.id}`;
  if (looked.get(account) === at) return new Map();
  const found = await noticesFor(parts, account, ids);
  looked.delete(account);
  looked.set(account, at);
  if (looked.size > lookedMax) looked.delete(looked.keys().next().value!);
  return found;
}

async function current(
  { events }: SubmissionParts,
  value: SubmissionValue,
  nowMs: number,
): Promise<SubmissionValue> {
  const waits = Date.parse(value.sendAt) > nowMs;
  if (waits) return value;
  const found = await events.search(value.message, 1);
  const of = found.is === 'message' ? found.events : [];
  const became = becameOf(
    value.envelope.rcptTo.map(({ email }) => email),
    of,
  );
  const isOld = Date.parse(value.sendAt) < nowMs - watchedMs;
  return {
    ...value,
    undoStatus: became.isCancelled ? 'canceled' : 'final',
    deliveryStatus: became.deliveryStatus,
    isOver: became.isOver || isOld,
  };
}
