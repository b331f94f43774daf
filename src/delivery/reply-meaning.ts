/**
 * What a reply of a mail server means, in words for a person: what happened, and what can be done. English and Japanese.
 *
 * Looked up from the special to the general: what a large provider says in a way of its own, then the enhanced code (RFC 3463, RFC 5248,
 * RFC 7372, RFC 7505), then the reply code and the phase. So there is always an answer.
 */
import { meanings, type MeaningKey } from './words/meanings.ts';

export interface ReplyMeaning {
  /** What happened. */
  readonly what: string;
  /** What the sender, or the administrator, can do. */
  readonly advice: string;
  /** Stable name of the meaning, for filters and tests. */
  readonly key: MeaningKey;
}

export interface RepliedWith {
  readonly phase: string;
  /** Name of the server that replied, or `''`. */
  readonly host: string;
  /** With its code. */
  readonly reply: string;
}

export function replyMeaning(answer: RepliedWith, language: 'en' | 'ja'): ReplyMeaning {
  const key = keyOf(answer);
  const [what, advice] = meanings[key][language];
  return { what, advice, key };
}

function keyOf({ phase, host, reply }: RepliedWith): MeaningKey {
  for (const [hosts, says, key] of providers) if (hosts.test(host) && says.test(reply)) return key;
  const [, code = '', enhanced = ''] = /^(\d{3})(?:[ -](\d\.\d{1,3}\.\d{1,3}))?/.exec(reply) ?? [];
  if (code.startsWith('2')) return phase === 'dot' ? 'delivered' : 'accepted';
  for (const [says, key] of phrases) if (says.test(reply)) return key;
  const byDetail = enhanced === '' ? undefined : details[enhanced.slice(2)];
  if (byDetail) return byDetail;
  const byCode = codes[code];
  if (byCode) return byCode;
  const byPhase = phases[phase];
  if (byPhase) return byPhase;
  return code.startsWith('5') ? 'refused' : 'later';
}

const google = /(?:google|googlemail|gmail)\.com$|aspmx/i;
const microsoft = /(?:outlook|hotmail|office365|microsoft)\.com$/i;
const yahoo = /yahoo(?:dns)?\.(?:com|net|co\.jp)$/i;
const docomo = /docomo\.ne\.jp$/i;
const au = /(?:ezweb|au)\.(?:ne|com)(?:\.jp)?$|auone/i;
const softbank = /(?:softbank|i\.softbank|vodafone|disney)\.(?:ne\.)?jp$/i;

/** What providers say in their own way. First match wins. */
const providers: readonly (readonly [RegExp, RegExp, MeaningKey])[] = [
  [google, /5\.7\.26/, 'unauthenticated'],
  [google, /[45]\.7\.28|unusual rate|rate limited/i, 'tooFast'],
  [google, /4\.2\.1|receiving mail (?:too quickly|at a rate)/i, 'recipientTooFast'],
  [google, /5\.7\.1.*(?:spam|unsolicited|likely)/i, 'spam'],
  [google, /5\.7\.25|PTR/i, 'noReverseName'],
  [google, /4\.7\.2[37]|5\.7\.27|5\.7\.30/i, 'unauthenticated'],
  [google, /5\.7\.29|4\.7\.29/i, 'tlsNeeded'],
  [microsoft, /5\.7\.60[68]|S3140|S3150|block list/i, 'blockedAddress'],
  [microsoft, /RP-00[123]|4\.7\.65[01]|S775|S843/i, 'tooFast'],
  [microsoft, /5\.7\.515|5\.7\.509|does not meet the required authentication/i, 'unauthenticated'],
  [microsoft, /5\.5\.0.*mailbox unavailable|5\.1\.10/i, 'noSuchMailbox'],
  [microsoft, /5\.4\.1.*access denied/i, 'noSuchMailbox'],
  [yahoo, /TSS0\d|\[TS0\d\]|temporarily deferred/i, 'tooFast'],
  [yahoo, /\[BL\d+\]|5\.7\.9/i, 'blockedAddress'],
  [yahoo, /554 .*(?:dd )?(?:not.*mailbox|doesn't have a yahoo|no such account)/i, 'noSuchMailbox'],
  [docomo, /550 .*(?:unknown|domain of sender|bgate|rejected)/i, 'carrierRefuses'],
  [docomo, /(?:421|451|452).*(?:busy|try again|many)/i, 'tooFast'],
  [au, /550 .*(?:user unknown|<.*>: user)/i, 'carrierRefuses'],
  [au, /(?:421|451|452)/, 'tooFast'],
  [softbank, /550 .*(?:invalid recipient|unknown)/i, 'carrierRefuses'],
  [softbank, /(?:421|451|452).*(?:excess|many|limit|busy)/i, 'tooFast'],
];

/** What many servers say in words where the code says little. */
const phrases: readonly (readonly [RegExp, MeaningKey])[] = [
  // Our own findings.
  [/^550 5\.7\.1 Not tried: on the suppression list/, 'suppressed'],
  [/^451 4\.7\.5 MTA-STS of /, 'stsUnlisted'],
  [/^451 4\.7\.5 The TLSA records of /, 'tlsaUnknown'],
  [/^451 4\.7\.5 TLS failed: .*\(asked for by DANE/, 'daneMismatch'],
  [/^451 4\.7\.5 \S+ has no TLSA record/, 'daneMissing'],
  [/^550 5\.7\.30 Neither DNSSEC/, 'requireTls'],
  [/greylist|gray ?list|postgrey|try again in \d+ (?:sec|min)/i, 'greylisted'],
  [/spamhaus|barracuda|spamcop|sorbs|dnsbl|\brbl\b|block ?list|black ?list/i, 'blockedAddress'],
  [/dmarc|\bspf\b|\bdkim\b|unauthenticated|authentication (?:checks|results)/i, 'unauthenticated'],
  [/(?:over|exceed).{0,12}quota|quota.{0,12}exceed|mailbox (?:is )?full|out of storage/i, 'mailboxFull'],
  [
    /user unknown|no such (?:user|mailbox|recipient)|unknown (?:user|recipient)|does not exist|recipient not found/i,
    'noSuchMailbox',
  ],
  [/\bspam\b|unsolicited/i, 'spam'],
  [/virus|malware/i, 'harmful'],
  [/relay(?:ing)? (?:access )?denied|not permitted to relay|relaying/i, 'noRelay'],
  [/too many (?:connections|messages|mails)|rate limit|throttl/i, 'tooFast'],
];

/** By subject and detail of the enhanced code: its class only says for how long. */
const details: Readonly<Record<string, MeaningKey>> = {
  '1.0': 'noSuchMailbox',
  '1.1': 'noSuchMailbox',
  '1.2': 'noSuchDomain',
  '1.3': 'badAddress',
  '1.6': 'moved',
  '1.7': 'badSender',
  '1.8': 'badSender',
  '1.10': 'takesNoMail',
  '2.0': 'mailboxTrouble',
  '2.1': 'mailboxDisabled',
  '2.2': 'mailboxFull',
  '2.3': 'tooLarge',
  '2.4': 'listTrouble',
  '3.1': 'serverFull',
  '3.2': 'serverClosed',
  '3.4': 'tooLarge',
  '4.1': 'noAnswer',
  '4.2': 'connectionLost',
  '4.3': 'dnsTrouble',
  '4.4': 'noWay',
  '4.5': 'tooFast',
  '4.6': 'loop',
  '4.7': 'expired',
  '5.3': 'tooManyRecipients',
  '6.3': 'sevenBitOnly',
  '6.7': 'noInternational',
  '7.0': 'refused',
  '7.1': 'notAllowed',
  '7.4': 'tlsNeeded',
  '7.5': 'tlsFailed',
  '7.8': 'loginFailed',
  '7.23': 'unauthenticated',
  '7.25': 'noReverseName',
  '7.26': 'unauthenticated',
  '7.30': 'requireTls',
};

const codes: Readonly<Record<string, MeaningKey>> = {
  '421': 'serverClosed',
  '450': 'later',
  '452': 'serverFull',
  '521': 'takesNoMail',
  '530': 'tlsNeeded',
  '535': 'loginFailed',
  '550': 'refused',
  '551': 'moved',
  '552': 'mailboxFull',
  '553': 'badAddress',
  '556': 'takesNoMail',
};

const phases: Readonly<Record<string, MeaningKey>> = {
  dns: 'dnsTrouble',
  connect: 'noAnswer',
  tls: 'tlsFailed',
  auth: 'loginFailed',
};
