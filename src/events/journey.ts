/**
 * The journey of a message in words: one step for each event, as a person would tell it, in English or Japanese.
 *
 * A step has a headline, and lines with the facts under it: what DNS said, which host, TLS, the exact reply and what that reply means.
 */
import type { DnsStep, EventData, EventKind, SmtpPhase, TlsInfo, TlsPolicy } from './event.ts';
import type { LedgerEvent } from './ledger.ts';
import { words, type Language, type Words } from './journey-words.ts';

export interface JourneyStep {
  readonly seq: number;
  readonly atMs: number;
  readonly is: EventKind;
  /** Milliseconds since the first event of the message. */
  readonly sinceStartMs: number;
  readonly recipient: string;
  readonly headline: string;
  readonly details: readonly string[];
  readonly mood: 'good' | 'neutral' | 'waiting' | 'bad';
}

/** What a reply means in plain words; `''` when there is nothing to add. */
export type Meaning = (reply: string, phase: SmtpPhase, language: Language) => string;

/** The steps of one message, oldest first. */
export function journeyOf(
  events: readonly LedgerEvent[],
  language: Language,
  meaning: Meaning,
): JourneyStep[] {
  const startMs = events[0]?.atMs ?? 0;
  return events.map((event) => ({
    seq: event.seq,
    atMs: event.atMs,
    is: event.is,
    sinceStartMs: event.atMs - startMs,
    recipient: event.recipient,
    ...tell(event, { say: words[language], explain: (reply, phase) => meaning(reply, phase, language) }),
  }));
}

interface Teller {
  readonly say: Words;
  readonly explain: (reply: string, phase: SmtpPhase) => string;
}

/**
 * Of a message that two organisations of this server have to do with, each has events of its own. For whoever sees both, what is told
 * twice is left out.
 */
export function withoutEchoes(events: readonly LedgerEvent[]): LedgerEvent[] {
  const heard = new Set<string>();
  return events.filter((event) => {
    if (isLesserEcho(event, events)) return false;
    const { is, atMs, recipient, data } = event;
    const told = JSON.stringify([is, atMs, recipient, data]);
    if (heard.has(told)) return false;
    heard.add(told);
    return true;
  });
}

/** What another organisation was told less of. */
function isLesserEcho(event: LedgerEvent, events: readonly LedgerEvent[]): boolean {
  if (event.is === 'accepted')
    return event.data.via === 'local' && events.some((e) => e.is === 'accepted' && e.data.via !== 'local');
  if (event.is !== 'redirected' || event.data.to.length > 0) return false;
  return events.some((e) => e.is === 'redirected' && e.recipient === event.recipient && e.data.to.length > 0);
}

type Told = Pick<JourneyStep, 'headline' | 'details' | 'mood'>;

const tellers: {
  readonly [K in EventKind]: (data: EventData[K], recipient: string, teller: Teller) => Told;
} = {
  accepted: (data, _, { say }) => ({
    headline: say.accepted(data.via, data.sender, data.peer),
    details: [
      say.recipients(data.recipients),
      say.about(data.subject, data.headerMessageId, data.sizeBytes),
      ...(data.account === '' ? [] : [say.signedIn(data.account)]),
      ...tlsLine(data.tls, say),
      say.reply(data.reply),
    ],
    mood: 'good',
  }),
  refused: (data, recipient, { say, explain }) => ({
    headline:
      data.more === undefined ? say.refused(data.peer, recipient) : say.refusedMore(data.peer, data.more),
    details: [
      ...replyLines(data.reply, data.phase, { say, explain }),
      ...(data.judged
        ? [say.judged.headline(data.judged), ...say.judged.details(data.judged)]
        : [data.reason]),
    ],
    mood: 'bad',
  }),
  attempted: (data, _, { say, explain }) => ({
    headline:
      data.phase === 'connect' && data.host !== ''
        ? say.unreached(data.destination, data.host, data.ip, data.port)
        : say.attempted(data.destination, data.host, data.ip, data.port),
    details: [
      ...data.dns.map((step) => dnsLine(step, say)),
      ...connectionLine(data, say),
      ...tlsLine(data.tls, say),
      ...policyLines(data.policies, say),
      ...(data.detour === undefined ? [] : [say.detour[data.detour]]),
      ...(data.reply === '' ? [] : replyLines(data.reply, data.phase, { say, explain })),
      say.took(data.ms, data.try),
    ],
    mood: 'neutral',
  }),
  delivered: (data, recipient, { say }) => ({
    headline: say.delivered(recipient, data.host, data.ip),
    details: [
      ...(data.dns ?? []).map((step) => dnsLine(step, say)),
      ...(data.reused === true ? [say.reusedConnection] : []),
      ...tlsLine(data.tls, say),
      ...policyLines(data.policies, say),
      ...(data.detour === undefined ? [] : [say.detour[data.detour]]),
      say.reply(data.reply),
      say.took(data.ms, data.try),
    ],
    mood: 'good',
  }),
  deferred: (data, recipient, teller) => ({
    headline: teller.say.deferred(recipient, data.host),
    details: [...replyLines(data.reply, data.phase, teller), teller.say.nextTry(data.nextTryAtMs, data.try)],
    mood: 'waiting',
  }),
  bounced: (data, recipient, teller) => ({
    headline: teller.say.bounced(recipient, data.why),
    details: replyLines(data.reply, data.phase, teller),
    mood: 'bad',
  }),
  bouncedLater: (data, recipient, { say }) => ({
    headline: say.returned.bouncedLater(recipient, data.class),
    details: [
      say.returned.reason(data.reason),
      ...(data.reply === '' ? [] : [say.reply(data.reply)]),
      say.returned.decidedBy(data.rule, data.confidence),
      say.returned.reportId(data.notice),
    ],
    mood: data.class === 'delivered' ? 'good' : data.class === 'delayed' ? 'waiting' : 'bad',
  }),
  complained: (data, recipient, { say }) => ({
    headline: say.returned.complained(recipient),
    details: [say.returned.reason(data.reason), say.returned.reportId(data.notice)],
    mood: 'bad',
  }),
  autoReplied: (data, recipient, { say }) => ({
    headline: say.returned.autoReplied(recipient, data.subject),
    details: [say.returned.reason(data.reason), say.returned.reportId(data.notice)],
    mood: 'neutral',
  }),
  suppressed: (data, recipient, { say }) => ({
    headline: say.returned.suppressed(recipient, data),
    details: [say.returned.reason(data.reason), say.returned.until(data.untilMs)],
    mood: 'bad',
  }),
  notified: (data, _, { say }) => ({
    headline: say.notified(data.about, data.to),
    details: [say.noticeId(data.notice)],
    mood: 'neutral',
  }),
  stored: (data, recipient, { say }) => ({
    headline: say.stored(recipient, data.mailbox),
    details: [say.howToRead(data.mailbox, data.uid), say.took(data.ms, 1)],
    mood: 'good',
  }),
  putOff: (data, _, { say }) => ({
    headline: say.putOff(data.untilMs),
    details: [say.sendingLimit(data.limit, data.perDay)],
    mood: 'neutral',
  }),
  managed: (data, recipient, { say }) => ({
    headline: say.managed(data.action, data.by, recipient),
    details: data.why === '' ? [] : [data.why],
    mood: 'neutral',
  }),
  authenticated: (data, _, { say }) => ({
    headline: say.authenticated.headline(data),
    details: say.authenticated.details(data),
    mood:
      data.action === 'junk' || data.dmarc.result === 'fail'
        ? 'bad'
        : data.dmarc.result === 'pass'
          ? 'good'
          : 'neutral',
  }),
  judged: (data, _, { say }) => ({
    headline: say.judged.headline(data),
    details: say.judged.details(data),
    mood: data.action === 'accept' ? (data.failures.length > 0 ? 'neutral' : 'good') : 'bad',
  }),
  signed: (data, _, { say }) => ({
    headline: say.authenticated.signed(data),
    details: say.authenticated.signedBy(data),
    mood: data.keys.length === 0 ? 'bad' : data.keys.every(({ seen }) => seen) ? 'good' : 'neutral',
  }),
  filtered: (data, recipient, { say }) => ({
    headline: say.filtered(data.action, recipient, data.detail),
    details: [say.rule(data.by, data.script, data.rule, data.line)],
    mood: data.action === 'failed' ? 'bad' : 'neutral',
  }),
  revised: (data, _, { say }) => ({
    headline: data.by.map(({ milter, what }) => say.revised(milter, what)).join('; '),
    details: [],
    mood: 'neutral',
  }),
  redirected: (data, recipient, { say }) => ({
    headline: say.redirected(recipient, data.why),
    details: data.to.length === 0 ? [] : [say.recipients(data.to)],
    mood: 'neutral',
  }),
};

function tell(event: LedgerEvent, teller: Teller): Told {
  const one = tellers[event.is] as (data: unknown, recipient: string, teller: Teller) => Told;
  return one(event.data, event.recipient, teller);
}

function connectionLine({ reused, localIp }: EventData['attempted'], say: Words): string[] {
  if (reused) return [say.reusedConnection];
  return localIp === '' ? [] : [say.newConnection(localIp)];
}

function replyLines(reply: string, phase: SmtpPhase, { say, explain }: Teller): string[] {
  const plain = explain(reply, phase);
  const exact = reply === '' ? [] : [say.replyIn(reply, phase)];
  return plain === '' ? exact : [...exact, say.means(plain)];
}

const tlsLine = (tls: TlsInfo | null, say: Words): string[] => (tls === null ? [] : [say.tls(tls)]);

const policyLines = (policies: readonly TlsPolicy[] | undefined, say: Words): string[] =>
  (policies ?? []).map((policy) => say.tlsPolicy(policy));

const dnsLine = (step: DnsStep, say: Words): string => say.dns(step.type, step.name, step.answer, step.ms);
