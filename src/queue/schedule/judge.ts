/**
 * What follows from an attempt: for each entry its row (gone, or when it is tried again), the events, and the notices that the sender is
 * owed. Pure.
 *
 * Notices (RFC 3461, 4.1 and 5.2): a failure is told unless NOTIFY leaves it out; a delay is told once, after a while, unless NOTIFY is
 * given without it; success only on request. The null sender is never told anything (RFC 3464, 2; RFC 5321, 4.5.5).
 */
import type { EventData, MailEvent } from '../../events/event.ts';
import { replyMaxChars, type Answer, type AttemptResult, type Outcome } from '../attempt.ts';
import type { LastAnswer } from '../filter.ts';
import type { Notify, QueuedMessage, Through } from '../message.ts';
import type { NoticedRecipient, NoticeRequest } from '../notice.ts';
import type { QueueOptions } from '../options.ts';
import { dsnColumn, entryFlags, heldDue } from '../rows/entry-row.ts';
import type { NextTry, SettledEntry } from '../rows/settle.ts';
import type { Entry } from './entry.ts';
import { retryDelayMs } from './retry.ts';
import { conversationsTold, seenBy, sidesOf, type Side } from './sides.ts';

/** A notice to be made; the body is added by whoever makes it. */
export type NoticeWanted = Omit<NoticeRequest, 'body'> & { readonly entry: Entry };

export interface Judged {
  readonly settled: readonly SettledEntry[];
  readonly events: readonly MailEvent[];
  readonly notices: readonly NoticeWanted[];
}

export interface ToJudge {
  readonly entries: readonly Entry[];
  readonly result: AttemptResult;
  readonly options: QueueOptions;
  readonly nowMs: number;
  readonly random: () => number;
}

type About = EventData['notified']['about'];

/** One attempt under judgement: what has been decided so far. */
interface Sheet {
  readonly given: ToJudge;
  readonly message: QueuedMessage;
  readonly events: MailEvent[];
  readonly told: Map<About, NoticedRecipient[]>;
}

export function judge(given: ToJudge): Judged {
  const { entries, result } = given;
  const { message } = entries[0]!.live;
  const sheet: Sheet = { given, message, events: [], told: new Map() };
  for (const { org, conversation } of conversationsTold(message, entries, result.conversations)) {
    note(sheet, { org, recipient: '', hides: false }, 'attempted', conversation);
  }
  const settled = entries.map((entry, i) => judgeOne(sheet, entry, result.outcomes[i]!));
  const notices = [...sheet.told].map(([about, recipients]) => ({
    about,
    message,
    recipients,
    atMs: given.nowMs,
    entry: entries[0]!,
  }));
  return { settled, events: sheet.events, notices };
}

function judgeOne(sheet: Sheet, entry: Entry, outcome: Outcome): SettledEntry {
  const gone = { ...entry.key, only: entry.live.only };
  const one: One = { entry, sides: sidesOf(sheet.message, entry, outcome) };
  switch (outcome.is) {
    case 'delivered':
      delivered(sheet, one, outcome);
      return gone;
    case 'failed':
      failed(sheet, one, outcome.answer, outcome.why);
      return gone;
    case 'redirected':
      return { ...gone, from: entry.address, redirect: redirected(sheet, one, outcome) };
    default: {
      if (outcome.is === 'unknown' && outcome.policy === 'bounce') {
        failed(sheet, one, outcome.answer, 'unanswered');
        return gone;
      }
      const next = tryAgain(sheet, one, outcome);
      if (next && outcome.is === 'unknown' && outcome.policy === 'hold')
        return { ...gone, next: held(sheet, one, next) };
      return next ? { ...gone, next } : gone;
    }
  }
}

/** One recipient, and who is told what became of it. */
interface One {
  readonly entry: Entry;
  readonly sides: readonly Side[];
}

function delivered(
  sheet: Sheet,
  { entry, sides }: One,
  outcome: Extract<Outcome, { is: 'delivered' }>,
): void {
  for (const side of sides) {
    const event = eventFor(side, entry, outcome);
    if (event) note(sheet, side, 'delivered', event);
  }
  const relayedBy =
    outcome.notice !== 'final' && tellsOfRelay(sheet.message, outcome) && !entry.notify.includes('never');
  if (!relayedBy && (outcome.notice === 'passedOn' || !entry.notify.includes('success'))) return;
  const { host = '', ip = '', reply = '' } = outcome.event ?? {};
  const answer: Answer = { phase: 'dot', host, ip, reply };
  tell(sheet, outcome.notice === 'final' ? 'success' : 'relayed', {
    recipient: entry,
    answer,
    tries: entry.try,
  });
}

/** RFC 2852: the sender of mail with a time hears when a server has taken it on that keeps no time, and of every one if it asked for that. */
const tellsOfRelay = (
  { deliverBy }: QueuedMessage,
  outcome: Extract<Outcome, { is: 'delivered' }>,
): boolean => deliverBy !== undefined && (deliverBy.trace || outcome.keepsTime !== true);

/** A mailbox tells its own organisation; to the sender's it is a delivery like any other, but for where it went. */
function eventFor(
  side: Side,
  entry: Entry,
  { event, org }: Extract<Outcome, { is: 'delivered' }>,
): EventData['delivered'] | undefined {
  if (event && side.recipient === entry.address) return event;
  if (!event && (!org || org === side.org)) return undefined;
  return { host: '', ip: '', reply: '250 2.1.5', ms: event?.ms ?? 0, tls: null, try: entry.try };
}

/**
 * RFC 3461, 5.2.7: one address in place of one takes all parameters over and nobody is told; several take all but NOTIFY=SUCCESS, which is
 * answered here. A kept copy is a delivery.
 */
function redirected(
  sheet: Sheet,
  { entry, sides }: One,
  outcome: Extract<Outcome, { is: 'redirected' }>,
): NonNullable<SettledEntry['redirect']> {
  const { to, why, kept } = outcome;
  for (const side of sides)
    note(sheet, side, 'redirected', { to: side.hides ? [] : to.map((t) => t.address), why });
  const asked = entry.notify.includes('success');
  const answered = asked && (kept === true || to.length > 1);
  if (answered) {
    const answer: Answer = { phase: 'dot', host: '', ip: '', reply: '' };
    tell(sheet, kept ? 'success' : 'expanded', { recipient: entry, answer, tries: entry.try });
  }
  const notify = answered ? withoutSuccess(entry.notify) : entry.notify;
  const through: Through = {
    org: outcome.org ?? entry.through?.org ?? sheet.message.org,
    addresses: [...(entry.through?.addresses ?? []), entry.address],
  };
  return to.map(({ address, destination, copies = entry.copies }) => {
    // The same address elsewhere, because its domain has moved, has come through nothing.
    const came = address === entry.address ? entry.through : through;
    const way = { ...(came && { through: came }), ...(copies !== undefined && { copies }) };
    const dsn = dsnColumn({ orcpt: entry.orcpt, notify, ...way });
    return { address, destination, dsn };
  });
}

const withoutSuccess = (notify: readonly Notify[]): readonly Notify[] => {
  const rest = notify.filter((word) => word !== 'success');
  return rest.length === 0 ? ['never'] : rest;
};

function failed(sheet: Sheet, { entry, sides }: One, given: Answer, why: EventData['bounced']['why']): void {
  const answer = cut(given);
  for (const side of sides) {
    const { phase, host, reply } = seenBy(side, entry, answer);
    note(sheet, side, 'bounced', { phase, host, reply, why });
  }
  if (wants(entry.notify, 'failure'))
    tell(sheet, 'failure', { recipient: entry, answer, why, tries: entry.try });
}

/** Undefined when the time of the message is up: it has failed. */
function tryAgain(
  sheet: Sheet,
  one: One,
  outcome: Extract<Outcome, { is: 'deferred' | 'unknown' }>,
): NextTry | undefined {
  const { entry, sides } = one;
  const { nowMs, options, random } = sheet.given;
  const { expiresAtMs } = sheet.message;
  const answer = cut(outcome.answer);
  if (nowMs >= expiresAtMs) {
    failed(sheet, one, answer, 'expired');
    return undefined;
  }
  const asked = outcome.is === 'deferred' ? (outcome.notBeforeMs ?? 0) : 0;
  const wish = Math.max(nowMs + retryDelayMs(options, entry.try, random()), asked);
  // One last try when time is up, rather than a return without one; and one when the sender is to hear that it is late.
  const by = sheet.message.deliverBy?.atMs ?? 0;
  const due = Math.max(Math.min(wish, expiresAtMs, by > nowMs ? by : Infinity), nowMs + 1);
  for (const side of sides) {
    const { phase, host, reply } = seenBy(side, entry, answer);
    note(sheet, side, 'deferred', { phase, host, reply, nextTryAtMs: due, try: entry.try });
  }
  const { phase, host, reply } = answer;
  const last: LastAnswer = { phase, host, reply, atMs: nowMs };
  return { due, tries: entry.try, flags: flagsAfter(sheet, entry, outcome), last: JSON.stringify(last) };
}

/** It may have arrived: whether it goes again is for somebody to say. */
function held(sheet: Sheet, { sides }: One, next: NextTry): NextTry {
  const why = 'the whole mail was sent, and no answer came';
  for (const side of sides) note(sheet, side, 'managed', { action: 'held', by: 'unanswered', why });
  return { ...next, due: next.due + heldDue, flags: next.flags | entryFlags.held };
}

function flagsAfter(
  sheet: Sheet,
  entry: Entry,
  outcome: Extract<Outcome, { is: 'deferred' | 'unknown' }>,
): number {
  let flags = entry.flags & entryFlags.delayTold;
  if (outcome.is === 'deferred' && outcome.siteDown) flags |= entryFlags.siteDown;
  const { options, nowMs } = sheet.given;
  const { deliverBy, notBeforeMs } = sheet.message;
  // What the sender asked to be held is not late (RFC 4865).
  const usualMs = options.delayNoticeAfterMs === 0 ? Infinity : notBeforeMs + options.delayNoticeAfterMs;
  const afterMs = deliverBy?.mode === 'notify' ? deliverBy.atMs : usualMs;
  const told = (flags & entryFlags.delayTold) !== 0;
  if (told || nowMs < afterMs) return flags;
  if (wants(entry.notify, 'delay')) {
    tell(sheet, 'delay', { recipient: entry, answer: cut(outcome.answer), tries: entry.try });
  }
  return flags | entryFlags.delayTold;
}

function wants(notify: readonly Notify[], what: Notify): boolean {
  return notify.length === 0 || notify.includes(what);
}

function tell(sheet: Sheet, about: About, recipient: NoticedRecipient): void {
  if (sheet.message.sender === '' && !isOwnNotice(sheet.message, about, recipient)) return;
  const recipients = sheet.told.get(about);
  if (recipients) recipients.push(recipient);
  else sheet.told.set(about, [recipient]);
}

/**
 * What has no sender is answered to nobody, but for a notice of ours (it bears its own id) that asks for it: who is told then is for its
 * maker to say.
 */
function isOwnNotice(
  { id, headerMessageId }: QueuedMessage,
  about: About,
  { recipient }: NoticedRecipient,
): boolean {
  const ours = headerMessageId.startsWith(`<${id}@`);
  return ours && about === 'failure' && recipient.notify.includes('failure');
}

function note<K extends keyof EventData>(
  sheet: Sheet,
  { org, recipient }: Side,
  is: K,
  data: EventData[K],
): void {
  const { id } = sheet.message;
  // The pair of `is` and `data` is right by the signature above; TypeScript does not follow it into the union.
  sheet.events.push({ is, atMs: sheet.given.nowMs, message: id, org, recipient, data } as MailEvent);
}

function cut(answer: Answer): Answer {
  return answer.reply.length <= replyMaxChars
    ? answer
    : { ...answer, reply: `${answer.reply.slice(0, replyMaxChars)}…` };
}
