/**
 * Reads deeds into the list: counts hard errors in sequence, and suppresses. Exactly once: how far the ledger was read moves in the same transaction, and what is before that is
 * passed over, also when two nodes read the same events.
 */
import { record } from '../../events/record.ts';
import { operation } from '../../store/operation.ts';
import { batch, maybe, row, rows, type Transaction } from '../../store/transaction.ts';
import type { Deed } from '../deeds.ts';
import { replyMax, type Suppression, suppressionKey } from '../entry.ts';
import { complaintScope, errorsUntil, keptUntil, type SuppressionPolicy } from '../policy.ts';
import { policyText, putStatement } from './list-rows.ts';

export interface NoteArgs {
  readonly deeds: readonly Deed[];
  /** How far the ledger was read. */
  readonly upTo: number;
  readonly policy: SuppressionPolicy;
}

/** Gives how many entries were made. */
export const noteDeeds = operation(
  'suppression.note',
  function* ({ deeds, upTo, policy }: NoteArgs): Transaction<number> {
    const seen = (yield* watchedTo()) ?? 0;
    const policies = new Map<string, SuppressionPolicy>();
    let made = 0;
    for (const deed of deeds) {
      if (deed.seq <= seen) continue;
      const own = policies.get(deed.org) ?? (yield* policyOf(deed.org, policy));
      policies.set(deed.org, own);
      const entry = yield* entryAfter(deed, own);
      if (entry === undefined) continue;
      made += 1;
      yield* suppress(entry, deed);
    }
    yield* rows(
      `insert into suppression_watch (id, seq) values (0, ?) on conflict (id) do update set seq = excluded.seq where suppression_watch.seq < excluded.seq`,
      upTo,
    );
    return made;
  },
);

export function* watchedTo(): Transaction<number | undefined> {
  return (yield* maybe<{ seq: number }>('select seq from suppression_watch where id = 0'))?.seq;
}

export function* policyOf(org: string, server: SuppressionPolicy): Transaction<SuppressionPolicy> {
  const own = yield* policyText(org);
  return own === undefined ? server : { ...server, ...(JSON.parse(own) as Partial<SuppressionPolicy>) };
}

function* entryAfter(deed: Deed, policy: SuppressionPolicy): Transaction<Suppression | undefined> {
  const address = suppressionKey(deed.recipient);
  if (address === undefined) return undefined;
  const { org, atMs, reason } = deed;
  if (deed.is === 'delivered') {
    yield* rows('delete from suppression_strike where org = ? and address = ?', org, address);
    return undefined;
  }
  if (deed.is === 'complaint') {
    const untilMs = keptUntil(policy, { cause: 'complaint', reason, atMs });
    return { ...entry(deed, address), scope: complaintScope(policy), cause: 'complaint', untilMs };
  }
  const needed = errorsUntil(policy, address);
  if (needed === 0) return undefined;
  const { count } = yield* row<{ count: number }>(
    `insert into suppression_strike (org, address, count, at) values (?, ?, 1, ?)
      on conflict (org, address) do update set count = suppression_strike.count + 1, at = excluded.at returning count`,
    org,
    address,
    atMs,
  );
  if (count < needed) return undefined;
  return { ...entry(deed, address), untilMs: keptUntil(policy, { cause: 'hard', reason, atMs }) };
}

const entry = ({ org, reason, phase, reply, message, atMs }: Deed, address: string): Suppression => ({
  org,
  address,
  scope: 'org',
  cause: 'hard',
  reason,
  phase,
  reply: reply.slice(0, replyMax),
  message,
  by: '',
  atMs,
  untilMs: 0,
});

function* suppress(found: Suppression, { recipient }: Deed): Transaction<void> {
  yield* batch([putStatement(found)]);
  const { org, atMs, message, cause, reason, scope, untilMs } = found;
  yield* record([
    {
      is: 'suppressed',
      atMs,
      message: message as never,
      org,
      recipient,
      data: { cause, reason, scope, untilMs },
    },
  ]);
}
