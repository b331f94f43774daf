/**
 * Reads a refusal: from what was said, by whom and in which phase of SMTP, to a reason and a class.
 *
 * From the special to the general: rules of one provider, words that mean one thing whatever the code, the enhanced code, words that mean something only in
 * doubt, the phase, the reply code. The rule that decided is named, so that a person can disagree with it.
 */
import { reasonOfCode } from './provider-codes.ts';
import { providerRules } from './providers.ts';
import { type FailureReason, failureReasons } from './reasons.ts';
import { replyCodes, saysNothing } from './reply-codes.ts';
import { statusDetails, statusStrength } from './status-details.ts';
import type { BouncePhase, Refused, Verdict } from './verdict.ts';
import type { Strength } from './words/phrase.ts';
import { phrasebook } from './words/phrasebook.ts';
import { precedenceOf } from './words/precedence.ts';

/** Longer texts are cut: what decides stands in front. */
const textMax = 4000;

type Decided = readonly [reason: FailureReason, rule: string, confidence: number];

export function classifyRefusal(refused: Refused): Verdict {
  const text = unwrapped(refused.text.slice(0, textMax));
  const said = replyCodes(text);
  const status = saysNothing(said.status) && refused.status !== '' ? refused.status : said.status;
  const known = { ...refused, text, status, code: said.code };
  const [reason, rule, confidence] = decide(known);
  return { class: classOf(reason, known), reason, code: said.code, status, rule, confidence };
}

/** What the other server said, out of the sentences that the reporting one put around it. */
function unwrapped(text: string): string {
  // Cisco IronPort, Amazon SES: 5.3.0 - Other mail system problem 550-'Unknown user …'
  const quoted = /\b[45]\.[\dx]\.\d{1,3} - .{3,60}? (\d{3})[- ]?'([^']{3,}(?:'[^']+)*)'/i.exec(text);
  if (quoted) return `${quoted[1]} ${quoted[2]}`;
  // Gmail
  const at = text.indexOf('The error that the other server returned was:');
  return at === -1 ? text : text.slice(at);
}

interface Known extends Refused {
  readonly code: string;
}

/** Something that speaks for a reason. */
interface Evidence {
  readonly reason: FailureReason;
  readonly strength: Strength;
  readonly rule: string;
  /** Its place among the words; codes stand in front. */
  readonly at: number;
}

function decide(known: Known): Decided {
  return byProvider(known) ?? byEvidence(known) ?? byPhase(known);
}

function byProvider({ host, recipient, text, phase }: Known): Decided | undefined {
  const domain = recipient.slice(recipient.lastIndexOf('@') + 1);
  for (const { name, hosts, says, phases, reason } of providerRules) {
    const theirs = hosts.test(host) || (domain !== '' && hosts.test(`@${domain}`));
    if (theirs && (phases === undefined || phases.includes(phase)) && says.test(text))
      return [reason, `provider: ${name}`, 95];
  }
  const [reason, name] = reasonOfCode(text) ?? [];
  return reason && [reason, `provider: ${name}`, 95];
}

/** Words and code together: the strongest, and among equals the most special reason. */
function byEvidence(known: Known): Decided | undefined {
  const words = phrasebook
    .read(known.text)
    .map(
      ({ reason, strength, phrase, at }): Evidence => ({ reason, strength, at, rule: `words: ${phrase}` }),
    );
  const code = evidenceOfCode(known);
  const heard = [...words, ...(code ? [code] : [])].map((one) => weighed(one, known, code?.reason));
  const [best] = heard.filter((one) => one !== undefined).toSorted(compare);
  if (best?.strength === 'weak' && general.has(best.reason)) return byPhase(known, best);
  return best && [best.reason, best.rule, confidences[best.strength]];
}

/** What may be said of anything: the phase says more. */
const general = new Set<FailureReason>(['policy', 'security']);

const strengths: Readonly<Record<Strength, number>> = { certain: 0, sure: 1, fair: 2, weak: 3 };
const confidences: Readonly<Record<Strength, number>> = { certain: 95, sure: 90, fair: 75, weak: 60 };

const compare = (a: Evidence, b: Evidence): number =>
  strengths[a.strength] - strengths[b.strength] ||
  precedenceOf(a.reason) - precedenceOf(b.reason) ||
  a.at - b.at;

/** What the enhanced code says, or the reply code where it is one of few that say something. */
function evidenceOfCode({ status, code }: Known): Evidence | undefined {
  const at = -1;
  if (code === '556' || code === '521')
    return { reason: 'takesNoMail', strength: 'fair', at, rule: `code: ${code}` };
  if (saysNothing(status)) return undefined;
  // A server that could not be asked now.
  if (status === '4.4.4') return { reason: 'network', strength: 'fair', at, rule: `code: ${status}` };
  if (status === '4.3.2') return { reason: 'system', strength: 'weak', at, rule: `code: ${status}` };
  const detail = status.slice(2);
  const reason = statusDetails[detail];
  return reason && { reason, strength: statusStrength(detail), at, rule: `code: ${status}` };
}

/** What a piece of evidence is worth in this phase, beside this code. */
function weighed(one: Evidence, known: Known, byCode: FailureReason | undefined): Evidence | undefined {
  if (one.reason === 'noSuchUser')
    return one.rule.startsWith('words') ? unknownUserIn(one, known) : unknownCodeIn(one, known);
  if (one.reason === 'noSuchDomain' && aboutUs.has(known.phase) && /domain/i.test(known.text))
    return { ...one, reason: known.phase === 'mail' ? 'senderRefused' : 'addressBlocked' };
  if (one.reason === 'tooLarge' && byCode === 'tooLargeForRecipient') return { ...one, reason: byCode };
  if (
    one.reason === 'expired' &&
    known.phase !== '' &&
    known.phase !== 'connect' &&
    one.rule.startsWith('words')
  )
    return { ...one, strength: 'weak' };
  return one;
}

/**
 * `User unknown` is sure when it answers RCPT, or when the code says so too. After the recipient was taken it is what filters say to be left alone
 * (carriers of Japan above all), and without a phase it may be.
 */
function unknownUserIn(one: Evidence, { phase, status, text, code }: Known): Evidence | undefined {
  const detail = status.slice(2);
  if (detail === '1.2' || detail === '1.6' || detail === '1.8' || detail === '1.7') return undefined;
  if (['1.0', '1.1', '1.3', '1.10'].includes(detail) || phase === 'rcpt') return one;
  if (phase === 'mail') return { ...one, reason: 'senderRefused', strength: 'weak' };
  if (early.includes(phase)) return { ...one, strength: 'weak' };
  const own = phase === '' && (code === '' ? ownWords.test(text) : text.includes('mail.local'));
  if (own && /^(?:2\.1|[05]\.0|)$/.test(detail)) return one;
  if (strengths[one.strength] > strengths.sure) return undefined;
  return {
    ...one,
    reason: 'filtered',
    strength: 'fair',
    rule: `${one.rule}${phase === '' ? ', no phase' : ', after DATA'}`,
  };
}

function unknownCodeIn(one: Evidence, { phase }: Known): Evidence {
  return early.includes(phase) ? { ...one, strength: 'weak' } : one;
}

/** Phases in which a domain is that of the client or of the sender. */
const aboutUs = new Set<BouncePhase>(['greeting', 'ehlo', 'mail']);

/** How systems say of themselves, and not of what they were told, that there is no such mailbox. */
const ownWords =
  /(?:couldn'?t|could not|wasn'?t|was not|cannot) be found|not (?:listed|found) in|not recognized|invalid final delivery|no such (?:local )?user|mail\.local|unknown (?:local )?user: |does not exist|存在し|見つかり|RESOLVER\.ADR/i;

const early: readonly BouncePhase[] = ['dns', 'connect', 'greeting', 'ehlo', 'tls', 'auth', 'mail'];

const phaseReasons: Readonly<Partial<Record<BouncePhase, FailureReason>>> = {
  dns: 'network',
  connect: 'addressBlocked',
  greeting: 'addressBlocked',
  ehlo: 'addressBlocked',
  tls: 'tlsFailed',
  auth: 'security',
  mail: 'senderRefused',
};

function byPhase({ phase, text, code, status }: Known, otherwise?: Evidence): Decided {
  const reason = phaseReasons[phase];
  if (reason !== undefined) return [reason, `phase: ${phase}`, 50];
  if (otherwise) return [otherwise.reason, otherwise.rule, confidences[otherwise.strength]];
  if (status.startsWith('4') || code.startsWith('4')) return ['expired', 'temporary', 40];
  return text.trim() === '' && saysNothing(status)
    ? ['unclear', 'nothing said', 0]
    : ['unclear', 'no rule', 10];
}

/** A temporary refusal is never hard, whatever it says: the server itself expects it to pass. */
function classOf(reason: FailureReason, { code, status }: Known): Verdict['class'] {
  const own = failureReasons[reason];
  const temporary = code === '' ? status.startsWith('4') : code.startsWith('4');
  return own === 'hard' && temporary ? 'soft' : own;
}
