/**
 * Reads a refusal: from what was said, by whom and in which phase of SMTP, to a reason and a class.
 *
 * From the special to the general: rules of one provider, words that mean one thing whatever the code, the enhanced code, words that mean something only in
 * doubt, the phase, the reply code. The rule that decided is named, so that a person can disagree with it.
 */
import { phrases, unknownUser } from './phrases.ts';
import { providerRules } from './providers.ts';
import { type FailureReason, failureReasons } from './reasons.ts';
import { replyCodes, saysNothing } from './reply-codes.ts';
import { statusDetails } from './status-details.ts';
import type { BouncePhase, Refused, Verdict } from './verdict.ts';

/** Longer texts are cut: what decides stands in front. */
const textMax = 4000;

type Decided = readonly [reason: FailureReason, rule: string, confidence: number];

export function classifyRefusal(refused: Refused): Verdict {
  const text = refused.text.slice(0, textMax);
  const said = replyCodes(text);
  const status = saysNothing(said.status) && refused.status !== '' ? refused.status : said.status;
  const known = { ...refused, text, status, code: said.code };
  const [reason, rule, confidence] = decide(known);
  return { class: classOf(reason, known), reason, code: said.code, status, rule, confidence };
}

interface Known extends Refused {
  readonly code: string;
}

function decide(known: Known): Decided {
  return byProvider(known) ?? bySureWords(known) ?? byStatus(known) ?? byWords(known) ?? byPhase(known);
}

function byProvider({ host, recipient, text, phase }: Known): Decided | undefined {
  const domain = recipient.slice(recipient.lastIndexOf('@') + 1);
  for (const { name, hosts, says, phases, reason } of providerRules) {
    const theirs = hosts.test(host) || (domain !== '' && hosts.test(`@${domain}`));
    if (theirs && (phases === undefined || phases.includes(phase)) && says.test(text))
      return [reason, `provider: ${name}`, 95];
  }
  return undefined;
}

/** Before the code: servers give `5.1.1`, `5.7.1` and `5.0.0` with anything. */
function bySureWords(known: Known): Decided | undefined {
  const { text, status } = known;
  const detail = status.slice(2);
  for (const [position, [reason, says]] of phrases.entries()) {
    if (!says.test(text)) continue;
    if (reason === 'tooLarge' && detail === '2.3') return ['tooLargeForRecipient', `code: ${status}`, 90];
    if (sure.has(reason) || position < alwaysSure) return [reason, `words: ${reason}`, 90];
  }
  if (unknownUser.test(text)) return unknownUserIn(known);
  if (detail === '7.1' || detail === '7.0') return byWords(known);
  return undefined;
}

/** The first phrases are sure whatever their reason. */
const alwaysSure = 9;

/** Words that mean what they mean, whatever code stands beside them. */
const sure = new Set<FailureReason>([
  'suppressedElsewhere',
  'greylisted',
  'mailboxFull',
  'tooLargeForRecipient',
  'tooLarge',
  'mailboxDisabled',
  'takesNoMail',
  'noReverseName',
  'unauthenticated',
  'noRelay',
  'virus',
  'badReputation',
  'tooFast',
  'spam',
  'addressBlocked',
  'senderRefused',
]);

/**
 * `User unknown` is sure when it answers RCPT, or when the code says so too. After the recipient was taken it is what filters say to be left alone
 * (carriers of Japan above all), and without a phase it may be.
 */
function unknownUserIn({ phase, status, text, code }: Known): Decided | undefined {
  const detail = status.slice(2);
  if (detail === '1.2' || detail === '1.6' || detail === '1.8' || detail === '1.7') return undefined;
  if (noHost.test(text) && phase !== 'rcpt') return undefined;
  if (['1.0', '1.1', '1.3', '1.10'].includes(detail))
    return ['noSuchUser', 'words and code: no such user', 97];
  if (phase === 'rcpt') return ['noSuchUser', 'words at RCPT: no such user', 93];
  if (early.includes(phase)) return undefined;
  if (phase === '' && /^(?:2\.1|0\.0|)$/.test(detail) && code === '' && ownWords.test(text))
    return ['noSuchUser', "the system's own words: no such user", 75];
  return [
    'filtered',
    phase === '' ? 'words without a phase: no such user' : 'words after DATA: no such user',
    70,
  ];
}

/** How systems say of themselves, and not of what they were told, that there is no such mailbox. */
const ownWords =
  /(?:couldn'?t|could not|wasn'?t|was not|cannot) be found|not (?:listed|found) in|not recognized|invalid final delivery|no such (?:local )?user|mail\.local|unknown (?:local )?user: |does not exist|存在し|見つかり|RESOLVER\.ADR/i;

const noHost = /host unknown|unrouteable|unknown host|domain|dns/i;
const early: readonly BouncePhase[] = ['dns', 'connect', 'greeting', 'ehlo', 'tls', 'auth', 'mail'];

function byStatus({ status, phase, text, code }: Known): Decided | undefined {
  if (code === '556' || code === '521') return ['takesNoMail', `code: ${code}`, 85];
  if (saysNothing(status)) return undefined;
  // A server that could not be asked now.
  if (status === '4.4.4') return ['network', `code: ${status}`, 85];
  const detail = status.slice(2);
  const reason = statusDetails[detail];
  if (reason === undefined) return undefined;
  if (vague.has(detail)) return undefined;
  if (reason === 'noSuchUser' && (phase === 'data' || phase === 'dot') && unknownUser.test(text))
    return ['filtered', 'code after DATA: no such user', 75];
  return [reason, `code: ${status}`, 85];
}

/** Codes that servers give for want of a better one. */
const vague = new Set(['3.0', '4.0', '5.0', '7.0', '7.1', '5.4', '3.5']);

function byWords(known: Known): Decided | undefined {
  for (const [reason, says] of phrases) {
    if (reason === 'expired' && known.phase !== '' && known.phase !== 'connect') continue;
    if (says.test(known.text)) return [reason, `words: ${reason}`, general.has(reason) ? 60 : 75];
  }
  const detail = statusDetails[known.status.slice(2)];
  return detail === undefined ? undefined : [detail, `code: ${known.status}`, 60];
}

/** What systems also say in courtesies, and beside a better reason. */
const general = new Set<FailureReason>([
  'system',
  'mailerError',
  'policy',
  'network',
  'expired',
  'security',
  'protocol',
]);

const phaseReasons: Readonly<Partial<Record<BouncePhase, FailureReason>>> = {
  dns: 'network',
  connect: 'addressBlocked',
  greeting: 'addressBlocked',
  ehlo: 'addressBlocked',
  tls: 'tlsFailed',
  auth: 'security',
  mail: 'senderRefused',
};

function byPhase({ phase, text, code, status }: Known): Decided {
  const reason = phaseReasons[phase];
  if (reason !== undefined) return [reason, `phase: ${phase}`, 50];
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
