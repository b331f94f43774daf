/** What intake and the event ledger are told of a session. */
import { Refusal } from '../base/refusal.ts';
import { judgedRefusal } from '../intake/judged-events.ts';
import { JudgedRefusal } from '../intake/judged-refusal.ts';
import type { Principal } from '../directory/principal.ts';
import type { Refused } from '../intake/intake.ts';
import type { SessionInfo } from '../intake/session-info.ts';
import type { Connection } from '../net/connection.ts';
import { joinAddress, type Mailbox } from '../proto/smtp/path.ts';
import type { Service } from './service.ts';
import type { Client, Step } from './session-state.ts';

export interface SessionFacts {
  readonly connection: Connection;
  readonly service: Service;
  readonly client: Client;
  readonly principal: Principal | undefined;
}

export function sessionInfo({ connection, service, client, principal }: SessionFacts): SessionInfo {
  const { tls, peer, local } = connection;
  return {
    via: service.kind === 'submissions' ? 'submission' : service.kind,
    ip: peer.ip,
    localIp: local.ip,
    helo: client.helo,
    protocol: service.isLmtp ? 'LMTP' : client.extended ? 'ESMTP' : 'SMTP',
    tls: tls && { version: tls.version, cipher: tls.cipher, verified: tls.verified },
    principal,
    trusted: client.trusted,
  };
}

/** What a step that says no is about. */
export interface No {
  /** What was thrown. */
  readonly why?: unknown;
  readonly sender?: Mailbox | null | undefined;
  readonly recipient?: Mailbox;
}

/** For the event ledger; undefined when the step says no to nothing that belongs there. */
export function refusedBy({ say, refused }: Step, { why, sender, recipient }: No): Refused | undefined {
  if (refused === undefined || say === undefined) return undefined;
  const judgement = why instanceof JudgedRefusal ? why.judgement : undefined;
  const judged = judgement && judgedRefusal(judgement);
  return {
    sender: joinAddress(sender ?? null),
    recipient: joinAddress(recipient ?? null),
    phase: refused === 'data' ? 'dot' : refused,
    reply: say.slice(0, say.indexOf('\r\n')),
    reason: why instanceof Refusal ? why.reason : 'protocol',
    ...(judged && { judged }),
  };
}
