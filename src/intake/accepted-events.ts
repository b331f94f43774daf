/**
 * What the event ledger is told of a message that was accepted: the sender's organisation of all its recipients, every other organisation of
 * its own. So each sees its side of mail that crosses between them, and not who else got it, nor where the sender sat.
 */
import type { EventData, MailEvent, MailLabels } from '../events/event.ts';
import type { Principal } from '../directory/principal.ts';
import { joinAddress, type Mailbox } from '../proto/smtp/path.ts';
import type { QueuedMessage } from '../queue/message.ts';
import { acceptedReply } from './accepted-reply.ts';
import type { SessionInfo } from './session-info.ts';

export interface Named {
  /** Recipients as the client named them. */
  readonly named: readonly Mailbox[];
  /** The same by whose they are; `''` for addresses that are nobody's here. */
  readonly namedByOrg: ReadonlyMap<string, readonly string[]>;
  readonly labels?: MailLabels | undefined;
}

type Accepted = EventData['accepted'];

export function acceptedEvents(
  session: SessionInfo,
  message: QueuedMessage,
  { named, namedByOrg, labels }: Named,
): MailEvent[] {
  const { principal } = session;
  const event = (org: string, data: Accepted): MailEvent => ({
    is: 'accepted',
    atMs: message.acceptedAtMs,
    message: message.id,
    org,
    recipient: '',
    data,
  });
  const whole = facts(session, message);
  if (principal === undefined)
    return [...namedByOrg].map(([org, recipients]) => event(org, { ...whole, recipients }));
  const recipients = named.map((to) => joinAddress(to));
  const whose = { ...who(principal), ...labelled(principal, labels) };
  const events = [event(principal.org, { ...whole, recipients, ...whose })];
  for (const [org, theirs] of namedByOrg) {
    if (org === '' || org === principal.org) continue;
    const inside = { via: 'local', peer: '', helo: '', tls: null } as const;
    events.push(event(org, { ...whole, ...inside, recipients: theirs }));
  }
  return events;
}

/** Logins of people are watched for being in other hands; programs may send as they please. */
function who({ account, address, credential, application }: Principal): Partial<Accepted> {
  return application ? { credential } : { account: address, login: { account, credential } };
}

function labelled({ application }: Principal, given: MailLabels | undefined): Pick<Accepted, 'labels'> {
  const stream = given?.stream ?? application?.stream;
  const labels = { ...given, ...(stream && { stream }), ...(application?.test && { test: true as const }) };
  return Object.keys(labels).length === 0 ? {} : { labels };
}

function facts({ via, ip, helo, tls }: SessionInfo, message: QueuedMessage): Omit<Accepted, 'recipients'> {
  return {
    via,
    sender: message.sender,
    sizeBytes: message.sizeBytes,
    headerMessageId: message.headerMessageId,
    subject: message.subject,
    account: '',
    peer: ip,
    helo,
    tls,
    ...(message.notBeforeMs > message.acceptedAtMs && { notBeforeMs: message.notBeforeMs }),
    reply: acceptedReply(message.id),
  };
}
