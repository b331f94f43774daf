/** What the filters keep back of a message: for each organisation that wants it so, the recipients that were reached by its addresses. */
import type { Judgement } from '../policy/chain.ts';
import type { QuarantineNote, QueuedMessage } from '../queue/message.ts';
import type { Recipients } from './recipients.ts';

const rulesMax = 20;
const detailMaxChars = 200;
const dayMs = 24 * 3600 * 1000;

export function keptBack(
  { acceptedAtMs, account }: Pick<QueuedMessage, 'acceptedAtMs' | 'account'>,
  { verdicts }: Judgement,
  { queued, orgOf }: Pick<Recipients, 'queued' | 'orgOf'>,
): QuarantineNote[] {
  return verdicts
    .filter(({ action }) => action === 'quarantine')
    .map(({ org, score, findings, quarantineDays }) => ({
      org,
      untilMs: acceptedAtMs + quarantineDays * dayMs,
      score,
      rules: findings
        .slice(0, rulesMax)
        .map(({ rule, weight, detail }) => ({ rule, weight, detail: detail.slice(0, detailMaxChars) })),
      // What one of ours sends is kept back for the organisation that sends it, whoever it is for.
      recipients: queued.map(({ id }) => id).filter((id) => account !== '' || orgOf.get(id) === org),
    }));
}
