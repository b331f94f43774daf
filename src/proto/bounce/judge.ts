/**
 * What one recipient of a report is judged by: the field for what the server said, lines of the text that quote it, then the text itself. The first that says something sure
 * decides.
 */
import { classifyRefusal } from './classify.ts';
import { hostIn, phaseIn } from './dialogue.ts';
import type { Pieces } from './pieces.ts';
import { type BounceClass, type BounceReason, failureReasons } from './reasons.ts';
import { replyCodes, type ReplyCodes, saysNothing } from './reply-codes.ts';
import { statementIn } from './statements.ts';
import type { BouncePhase, Verdict } from './verdict.ts';

export interface ReturnedRecipient {
  readonly class: BounceClass;
  readonly reason: BounceReason;
  /** Final recipient, or `''` when none is told (complaints). */
  readonly address: string;
  /** As the sender wrote it, or `''`. */
  readonly originalAddress: string;
  readonly phase: BouncePhase;
  /** Reply code, or `''`. */
  readonly code: string;
  readonly status: string;
  readonly diagnostic: string;
  readonly remoteMta: string;
  readonly rule: string;
  /** 0 to 100. */
  readonly confidence: number;
}

/** What one recipient's report consists of, before it is judged. */
export interface Told {
  readonly address: string;
  readonly originalAddress?: string;
  readonly action?: string;
  readonly status?: string;
  readonly said: string;
  /** What a field for it says: weighs more than the text around it. */
  readonly diagnostic?: string;
  readonly host?: string;
}

/** Characters of a diagnostic that are kept. */
const diagnosticMax = 1000;

export function judged(told: Told, pieces: Pieces): ReturnedRecipient {
  const phase = phaseIn(`${told.diagnostic ?? ''}\n${told.said}`) || phaseIn(pieces.text);
  const host = told.host || hostIn(told.said) || hostIn(pieces.text);
  const { verdict, text } = verdictOf(told, { phase, host, recipient: told.address, shown: pieces.text });
  const { rule, confidence, code, status, reason } = verdict;
  const diagnostic = text.slice(0, diagnosticMax);
  const about = {
    address: told.address,
    originalAddress: told.originalAddress ?? '',
    phase,
    code,
    status,
    diagnostic,
    remoteMta: host,
    confidence,
  };
  const action = told.action ?? '';
  if (arrived.has(action))
    return { ...about, class: 'delivered', reason: 'delivered', rule: `action: ${action}` };
  if (action === 'delayed' || (action === '' && isDelayNotice(pieces)))
    return { ...about, class: 'delayed', reason: delayedReason(reason, rule), rule };
  // Given up for good: what was temporary for the server is not so for us.
  const givenUp = verdict.class === 'soft' && hard.has(reason);
  return { ...about, class: givenUp ? 'hard' : verdict.class, reason, rule };
}

const arrived = new Set(['delivered', 'relayed', 'expanded', 'deliverable']);

interface Around {
  readonly phase: BouncePhase;
  readonly host: string;
  readonly recipient: string;
  /** The whole text. */
  readonly shown: string;
}

/** The first text that says something sure; else the best of what is said. */
function verdictOf(told: Told, around: Around): Found {
  const texts = textsOf(told, around.shown);
  const stated = statementIn(around.shown);
  if (stated) {
    const said = [...texts].find((text) => text.trim() !== '') ?? '';
    const codes = withStatus(replyCodes(said), told.status);
    const { reason, name } = stated;
    const rule = `statement: ${name}`;
    return { text: said, verdict: { ...codes, class: failureReasons[reason], reason, rule, confidence: 90 } };
  }
  const { phase, host, recipient } = around;
  let best: Found | undefined;
  let codes: ReplyCodes | undefined;
  for (const text of texts) {
    const said = replyCodes(text);
    if (said.code !== '') codes ??= said;
    const verdict = classifyRefusal({ phase, host, recipient, text, status: told.status ?? '' });
    if (best === undefined || verdict.confidence > best.verdict.confidence + margin) best = { verdict, text };
    if (best.verdict.confidence >= sureEnough) break;
  }
  const { verdict, text } = best!;
  if (verdict.code !== '' || codes === undefined) return { verdict, text };
  const status = saysNothing(verdict.status) ? codes.status || verdict.status : verdict.status;
  return { text, verdict: { ...verdict, code: codes.code, status } };
}

interface Found {
  readonly verdict: Verdict;
  readonly text: string;
}

/** From what weighs most; made only when the one before has not decided. */
function* textsOf({ diagnostic = '', said }: Told, shown: string): Generator<string> {
  let any = false;
  for (const text of [
    () => diagnostic,
    () => replyLines(said),
    () => essence(said),
    () => replyLines(shown),
  ]) {
    const made = text();
    if (made.trim() === '') continue;
    any = true;
    yield made;
  }
  const last = essence(shown);
  if (!any || last !== '') yield last;
}

const withStatus = (codes: ReplyCodes, status = ''): ReplyCodes =>
  saysNothing(codes.status) && status !== '' ? { ...codes, status } : codes;

const sureEnough = 70;
/** A later text must be surer by this to win. */
const margin = 10;

/** What servers said, among what the report says: lines with a reply code, and what they go on with. */
function replyLines(said: string): string {
  const found: string[] = [];
  let open = false;
  for (const raw of said.split('\n')) {
    const line = raw.trim();
    const replies = replied.test(line) && !/^(?:Out: )?2\d\d/.test(line) && !line.startsWith('>>> ');
    if (replies) found.push(line);
    else if (open && line !== '' && !/^(?:>>>|<<<|\.\.\.|---)/.test(line) && !/^[\w-]+:\s/.test(line))
      found.push(line);
    open = replies || (open && line !== '' && !/^(?:>>>|<<<|---)/.test(line));
  }
  return found.join(' ');
}

const replied = /(?:^|[\s:;(])[45][0-5]\d(?:[ -]|$)|(?:^|[\s:;(#])[45]\.\d{1,2}\.\d{1,3}\b|^<<< /;

const hard = new Set<string>(['noSuchUser', 'moved']);

/** A delay of which no more is told than that there is one. */
function delayedReason(reason: BounceReason, rule: string): BounceReason {
  return reason === 'unclear' || (reason === 'network' && rule.startsWith('code:')) ? 'expired' : reason;
}

function isDelayNotice(pieces: Pieces): boolean {
  return /\(delay\)|delayed|warning|could not send message for|still being retried/i.test(
    pieces.header('subject'),
  );
}

/** The lines that say why, without the courtesies around them. */
function essence(said: string): string {
  const lines = said
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return lines
    .filter((line) => !courtesy.test(line))
    .join(' ')
    .trim();
}

const courtesy =
  /^(?:--|==|\*\*|hi!|this is (?:the|a(?:n)?) (?:mail|automatic|permanent|mime)|this (?:message|report) (?:was|is) (?:created|generated)|for (?:further|more) (?:assistance|information)|if you (?:do so|have|believe|feel|need)|please (?:include|contact|do not|note|check)|you can delete|your own text|i'm sorry|sorry it didn't|the mail system|i'm afraid|>>> (?:RCPT|MAIL|DATA|EHLO|HELO|QUIT)|(?:a|the) message that you (?:sent|have sent)|recipients?\.|its recipients)/i;
