/** What was found of a mail by all who looked at it, put together: the verdict that keeps it back or lets it pass, and what the event ledger is told. */
import type { MailEvent } from '../events/event.ts';
import type { Judgement } from '../policy/chain.ts';
import type { MilterOutcome } from '../policy/milters.ts';
import type { Signed } from '../policy/signer.ts';
import type { QueuedMessage, Submission } from '../queue/message.ts';
import { authenticatedEvents, signedEvents } from './authenticated-events.ts';
import { judgedEvents } from './judged-events.ts';
import { keptBack } from './kept-back.ts';
import { milterJudgement, revisedEvents } from './milter-events.ts';
import type { Recipients } from './recipients.ts';
import type { SessionInfo } from './session-info.ts';
import type { Accepting } from './text-watch.ts';

export interface AllFound {
  readonly session: SessionInfo;
  readonly recipients: Recipients;
  readonly ruling: Accepting | undefined;
  readonly outcome: MilterOutcome | undefined;
  readonly signed: Signed | undefined;
}

/** Of the filters, or of milters where there are none. */
function judgementOf(found: AllFound): Judgement | undefined {
  const { ruling, outcome } = found;
  if (ruling?.judgement || outcome === undefined) return ruling?.judgement;
  return milterJudgement(outcome, orgsOf(found));
}

/** Who is told of the mail: the organisation that sends it, or those that get it. */
const orgsOf = ({ session: { principal }, recipients }: AllFound): readonly string[] =>
  principal === undefined ? [...recipients.namedByOrg.keys()] : [principal.org];

export function quarantineOf(message: QueuedMessage, found: AllFound): Pick<Submission, 'quarantine'> {
  const judgement = judgementOf(found);
  const notes = judgement ? keptBack(message, judgement, found.recipients) : [];
  return notes.length === 0 ? {} : { quarantine: notes };
}

export function rulingEvents(message: QueuedMessage, found: AllFound): MailEvent[] {
  const { session, recipients, ruling, outcome, signed } = found;
  const { namedByOrg } = recipients;
  const judgement = judgementOf(found);
  return [
    ...(ruling?.proof ? authenticatedEvents(message, ruling.proof, recipients) : []),
    ...(judgement ? judgedEvents(message, judgement) : []),
    ...(outcome ? revisedEvents(message, outcome, orgsOf(found)) : []),
    ...(signed ? signedEvents(message, signed, { ...session, namedByOrg }) : []),
  ];
}
