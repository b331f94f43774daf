/** What the event ledger is told of who stands behind a mail: from outside, to every organisation that gets it; of our own, that it was signed. */
import type { EventData, MailEvent } from '../events/event.ts';
import type { Authentication } from '../policy/authentication.ts';
import type { Signed } from '../policy/signer.ts';
import type { QueuedMessage } from '../queue/message.ts';
import type { Named } from './accepted-events.ts';
import type { Proof } from '../policy/inspector.ts';
import type { SessionInfo } from './session-info.ts';

/** Signatures that are told of. */
const signaturesMax = 10;

export function authenticatedEvents(
  message: QueuedMessage,
  { found, decision, junkFor }: Proof,
  { namedByOrg }: Pick<Named, 'namedByOrg'>,
): MailEvent[] {
  const { by: reason, override } = decision;
  return [...namedByOrg.keys()].map((org) => ({
    is: 'authenticated',
    atMs: message.acceptedAtMs,
    message: message.id,
    org,
    recipient: '',
    data: {
      ...proofs(found),
      action: junkFor.includes(org) ? 'junk' : 'accept',
      reason,
      override: override?.comment ?? '',
    },
  }));
}

/** For the organisation that sends it; where that is not known, as for trusted networks, for those who are told that it was accepted. */
export function signedEvents(
  message: QueuedMessage,
  { domain, keys }: Signed,
  { principal, namedByOrg }: Pick<SessionInfo, 'principal'> & Pick<Named, 'namedByOrg'>,
): MailEvent[] {
  const orgs = principal === undefined ? [...namedByOrg.keys()] : [principal.org];
  return orgs.map((org) => ({
    is: 'signed',
    atMs: message.acceptedAtMs,
    message: message.id,
    org,
    recipient: '',
    data: { domain, keys: keys.map(({ selector, algorithm, seen }) => ({ selector, algorithm, seen })) },
  }));
}

function proofs({
  spf,
  dkim,
  arc,
  author,
  dmarc,
}: Authentication): Pick<EventData['authenticated'], 'spf' | 'dkim' | 'arc' | 'dmarc'> {
  const by = [
    ...(dmarc?.spfAligned ? (['spf'] as const) : []),
    ...(dmarc?.dkimAligned ? (['dkim'] as const) : []),
  ];
  return {
    spf: { result: spf.result, identity: spf.identity, domain: spf.domain, why: spf.why },
    dkim: dkim
      .slice(0, signaturesMax)
      .map(({ result, domain, selector, why }) => ({ result, domain, selector, why })),
    arc: { result: arc.result, why: arc.why, forwarders: arc.sets.map(({ seal }) => seal.domain) },
    dmarc: {
      result: dmarc?.result ?? 'permerror',
      author: author.is === 'author' ? author.domain : author.is,
      policy: dmarc?.policy ?? '',
      by,
    },
  };
}
