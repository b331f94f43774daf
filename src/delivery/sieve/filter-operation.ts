/**
 * `delivery.filter`: what scripts decided of one message for one account, in one transaction: every copy, the memory of replies and of what was seen, counts
 * and events, and the decision itself.
 *
 * A delivery that is tried again, because it is not known how this ended, decides nothing anew: the script may have changed meanwhile, and `duplicate` would find
 * the message of a moment ago. It gets the decision of the first time, with the messages that are still to be queued, or learns that all was done.
 */
import type { AccountId } from '../../base/ids.ts';
import type { MailEvent } from '../../events/event.ts';
import { record } from '../../events/record.ts';
import { place, type Placement } from '../../mailbox/place.ts';
import type { Tracked } from '../../proto/sieve/action.ts';
import {
  claimReply,
  countHits,
  decisionOf,
  keepDecision,
  rememberSeen,
  type RuleHit,
} from '../../sieve/memory.ts';
import { operation } from '../../store/operation.ts';
import { maybe, type Transaction } from '../../store/transaction.ts';

/** Something that is only done when a reply may be sent. */
interface Conditional {
  /** Which of the claims; undefined: it is always done. */
  readonly claim?: number;
  /** False: done when the claim was not granted. */
  readonly granted?: boolean;
}

export interface FilterArgs {
  readonly account: AccountId;
  readonly key: string;
  /** The recipient in the queue: an account that a message reaches in several ways decides once. */
  readonly entry: string;
  readonly nowMs: number;
  readonly placements: readonly (Conditional & { readonly placement: Placement })[];
  /** Replies to be sent once in their time. */
  readonly claims: readonly { readonly to: string; readonly handle: string; readonly seconds: number }[];
  readonly tracked: readonly Tracked[];
  readonly hits: readonly RuleHit[];
  readonly events: readonly (Conditional & { readonly event: MailEvent })[];
  /** Texts that come back from the first time: what is to be queued, and whatever the caller wants to know again. */
  readonly sends: readonly (Conditional & { readonly text: string; readonly bodyFile?: string })[];
  /** `''`: it is in a mailbox, and nothing else is to be said. */
  readonly outcome: string;
}

export interface FilterResult {
  readonly sends: readonly string[];
  readonly outcome: string;
}

export const filterOperation = operation(
  'delivery.filter',
  function* (args: FilterArgs): Transaction<FilterResult> {
    const { account, key, nowMs } = args;
    const before = yield* decisionOf(account, key);
    if (before !== undefined) return again(JSON.parse(before) as Remembered, args.entry);
    const placed = yield* maybe('select uid from placement where key = ? and account = ?', key, account);
    if (placed !== undefined) return inMailbox;
    const granted: boolean[] = [];
    for (const claim of args.claims)
      granted.push(yield* claimReply({ account, ...claim }, { nowMs, seconds: claim.seconds }));
    const holds = ({ claim, granted: wanted = true }: Conditional): boolean =>
      claim === undefined || granted[claim] === wanted;
    for (const each of args.placements.filter(holds)) yield* place.body(each.placement);
    yield* rememberSeen(account, args.tracked, nowMs);
    yield* countHits(account, args.hits, nowMs);
    yield* record(args.events.filter(holds).map(({ event }) => event));
    const sends = args.sends.filter(holds);
    const result: FilterResult = {
      sends: sends.map(({ text }) => text),
      outcome: args.outcome,
    };
    // A copy of the message remembers its key by itself; what has none, or leads further, is remembered here.
    if (result.sends.length > 0 || args.tracked.length > 0 || args.outcome !== '')
      yield* keepDecision(account, key, {
        decision: JSON.stringify({ ...result, entry: args.entry } satisfies Remembered),
        bodies: sends.flatMap(({ bodyFile }) => bodyFile ?? []),
        nowMs,
      });
    return result;
  },
);

interface Remembered extends FilterResult {
  readonly entry: string;
}

/** It is in a mailbox, and that was all. */
const inMailbox: FilterResult = { sends: [], outcome: '' };

/** Decided and told by way of another recipient of the message. */
const doneBefore: FilterResult = { sends: [], outcome: JSON.stringify({ redirects: [], kept: true }) };

const again = ({ entry, ...result }: Remembered, now: string): FilterResult =>
  entry === now ? result : doneBefore;
