/** What the filters keep back of a message: for each organisation that wants it so, the recipients that were reached by its addresses. */
import type { EntryId } from '../base/ids.ts';
import type { Judgement } from '../policy/chain.ts';
import type { QuarantineNote, QueuedMessage } from '../queue/message.ts';
import type { Recipients } from './recipients.ts';

const rulesMax = 20;
const detailMaxChars = 200;
const dayMs = 24 * 3600 * 1000;

type Reached = Pick<Recipients, 'queued' | 'reachedBy'>;

export function keptBack(
  { acceptedAtMs, account }: Pick<QueuedMessage, 'acceptedAtMs' | 'account'>,
  { verdicts }: Judgement,
  recipients: Reached,
): QuarantineNote[] {
  const keeping = verdicts.filter(({ action }) => action === 'quarantine');
  if (keeping.length === 0) return [];
  // What one of ours sends is kept back for the organisation that sends it, whoever it is for.
  const sent = account === '' ? undefined : recipients.queued.map(({ id }) => id);
  const byKeeper = sent ? undefined : keptByOrg(new Set(keeping.map(({ org }) => org)), recipients);
  return keeping
    .map(({ org, score, findings, quarantineDays }) => ({
      org,
      untilMs: acceptedAtMs + quarantineDays * dayMs,
      score,
      rules: findings
        .slice(0, rulesMax)
        .map(({ rule, weight, detail }) => ({ rule, weight, detail: detail.slice(0, detailMaxChars) })),
      recipients: sent ?? byKeeper?.get(org) ?? [],
    }))
    .filter(({ recipients: kept }) => kept.length > 0);
}

/** Who is reached through several organisations gets the mail where one of them lets it pass; where all keep it, it is in the hands of the first. */
function keptByOrg(keeping: ReadonlySet<string>, recipients: Reached): Map<string, EntryId[]> {
  const kept = new Map<string, EntryId[]>();
  for (const [id, orgs] of recipients.reachedBy()) {
    if (!orgs.isSubsetOf(keeping)) continue;
    const [first = ''] = orgs;
    const known = kept.get(first);
    if (known) known.push(id);
    else kept.set(first, [id]);
  }
  return kept;
}
