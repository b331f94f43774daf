/**
 * What large providers and the carriers of Japan mean when they say it: rules by the server that answered or by the recipient's domain, aware of the phase.
 *
 * Carriers (as they and their senders document it): docomo's `550 Unknown user` after RCPT is no such user, after DATA a filter of the recipient's; its `552 too much
 * mail data` a full mailbox; au's `550 : User unknown` without an address is a filter; SoftBank's `553 … does not exist` is about our domain.
 */
import type { FailureReason } from './reasons.ts';
import type { BouncePhase } from './verdict.ts';

export interface ProviderRule {
  readonly name: string;
  /** Tested with the server's name, and with the recipient's domain behind an `@`. */
  readonly hosts: RegExp;
  readonly says: RegExp;
  /** Phases in which it holds. Absent: any. */
  readonly phases?: readonly BouncePhase[];
  readonly reason: FailureReason;
}

const docomo = /(?:^|[.@])(?:docomo\.ne\.jp|mopera\.(?:net|ne\.jp)|docomo-camera\.ne\.jp)$/i;
const au =
  /(?:^|[.@])(?:ezweb\.ne\.jp|au\.com|auone\.jp|uqmobile\.jp|ido\.ne\.jp|sky\.(?:tkk|tkc|tu-ka)\.ne\.jp|dion\.ne\.jp|auone-net\.jp|kddi\.com)$/i;
const softbank =
  /(?:^|[.@])(?:(?:i\.)?softbank\.(?:ne\.)?jp|[dhtcrknsq]\.vodafone\.ne\.jp|jp-[dhtcrknsq]\.ne\.jp|y-?mobile1?\.ne\.jp|disney\.ne\.jp|emnet\.ne\.jp|willcom\.com|pdx\.ne\.jp)$/i;
const rakuten = /(?:^|[.@])(?:rakuten\.jp|rakumail\.jp)$|rakumail-jp\./i;
const google = /(?:^|[.@])(?:google\.com|googlemail\.com|gmail\.com|aspmx\S*)$/i;
const microsoft =
  /(?:^|[.@])(?:outlook\.com|hotmail\.\w[\w.]*|live\.\w[\w.]*|msn\.com|office365\.com|prod\.outlook\.com|exchangelabs\.com|frontbridge\.com)$/i;
const yahoo = /(?:^|[.@])(?:yahoodns\.net|yahoo\.(?:com|co\.\w\w|\w\w)|ymail\.com|aol\.com|yahooinc\.com)$/i;
const yahooJapan = /(?:^|[.@])(?:yahoo\.co\.jp|ybb\.ne\.jp)$/i;
const orange = /(?:^|[.@])(?:orange\.fr|wanadoo\.fr|francetelecom\.fr|laposte\.net)$/i;
const apple = /(?:^|[.@])(?:icloud\.com|me\.com|mac\.com|apple\.com)$/i;
const messageLabs = /(?:^|[.@])(?:messagelabs\.com|symanteccloud\.com)$/i;
const mimecast = /(?:^|[.@])mimecast(?:-offshore)?\.(?:com|co\.za|org)$/i;
const tencent = /(?:^|[.@])(?:qq\.com|foxmail\.com|exmail\.qq\.com)$/i;
const comcast = /(?:^|[.@])(?:comcast\.net|cox\.net|charter\.net|rr\.com|spectrum\.net)$/i;
const anyone = /^/;

/** Whether the address, or the server, is of a mobile carrier of Japan: one unknown user there is one too many. */
export function isJapaneseCarrier(domain: string): boolean {
  return [docomo, au, softbank, rakuten].some((one) => one.test(`@${domain}`));
}

const dataPhases = ['data', 'dot'] as const;

export const providerRules: readonly ProviderRule[] = [
  { name: 'docomo full', hosts: docomo, says: /552 .*too much mail data/i, reason: 'mailboxFull' },
  { name: 'docomo many', hosts: docomo, says: /552 .*too many recipients/i, reason: 'tooManyConnections' },
  {
    name: 'docomo filter',
    hosts: docomo,
    says: /550 .*unknown user/i,
    phases: dataPhases,
    reason: 'filtered',
  },
  { name: 'docomo user', hosts: docomo, says: /550 .*unknown user/i, phases: ['rcpt'], reason: 'noSuchUser' },
  { name: 'docomo syntax', hosts: docomo, says: /50[34] /, reason: 'protocol' },
  { name: 'au filter', hosts: au, says: /550 ?:? : user unknown|550 : user unknown/i, reason: 'filtered' },
  {
    name: 'au disabled',
    hosts: au,
    says: /account is (?:disabled|temporarily limited)/i,
    reason: 'mailboxDisabled',
  },
  {
    name: 'au user',
    hosts: au,
    says: /550:? .*<[^>]+>: user unknown|address rejected/i,
    phases: ['', 'rcpt'],
    reason: 'noSuchUser',
  },
  { name: 'au relay', hosts: au, says: /554 .*relay access denied/i, reason: 'noSuchUser' },
  { name: 'SoftBank user', hosts: softbank, says: /550 .*invalid recipient/i, reason: 'noSuchUser' },
  { name: 'SoftBank sender', hosts: softbank, says: /553 .*does not exist/i, reason: 'senderRefused' },
  { name: 'Rakuten user', hosts: rakuten, says: /550 user not found/i, reason: 'noSuchUser' },

  {
    name: 'Google quota',
    hosts: google,
    says: /4\.2\.1|receiving mail (?:too quickly|at a rate)/i,
    reason: 'tooFast',
  },
  { name: 'Google over quota', hosts: google, says: /[45]\.2\.2/, reason: 'mailboxFull' },
  { name: 'Google disabled', hosts: google, says: /5\.2\.1/, reason: 'mailboxDisabled' },
  { name: 'Google PTR', hosts: google, says: /[45]\.7\.(?:23|25)\b|PTR record/i, reason: 'noReverseName' },
  {
    name: 'Google authentication',
    hosts: google,
    says: /[45]\.7\.(?:2[67]|30|31|32|40)\b/,
    reason: 'unauthenticated',
  },
  { name: 'Google TLS', hosts: google, says: /[45]\.7\.29\b/, reason: 'tlsFailed' },
  { name: 'Google rate', hosts: google, says: /[45]\.7\.28\b/, reason: 'tooFast' },
  {
    name: 'Google reputation',
    hosts: google,
    says: /very low reputation|reputation of the sending/i,
    reason: 'badReputation',
  },
  {
    name: 'Google spam',
    hosts: google,
    says: /likely (?:unsolicited|suspicious)|unsolicited/i,
    reason: 'spam',
  },

  {
    name: 'Microsoft reputation of the address',
    hosts: microsoft,
    says: /rate limited due to ip reputation/i,
    reason: 'badReputation',
  },
  {
    name: 'Microsoft block list',
    hosts: microsoft,
    says: /5\.7\.60[68]|5\.7\.511|S3140|S3150|banned sending ip|block list/i,
    reason: 'addressBlocked',
  },
  {
    name: 'Microsoft DMARC',
    hosts: microsoft,
    says: /5\.7\.(?:509|515|23)\b|dmarc/i,
    reason: 'unauthenticated',
  },
  {
    name: 'Microsoft rate',
    hosts: microsoft,
    says: /RP-00[123]|4\.7\.65[01]|S77[1-9]|S843|4\.7\.500/,
    reason: 'tooFast',
  },
  {
    name: 'Microsoft reputation',
    hosts: microsoft,
    says: /SC-00[1-4]|DY-00[12]|OU-00[12]/,
    reason: 'addressBlocked',
  },
  {
    name: 'Microsoft user',
    hosts: microsoft,
    says: /mailbox unavailable|5\.1\.10\b|5\.4\.1\b.*access denied/i,
    reason: 'noSuchUser',
  },
  {
    name: 'Microsoft restricted',
    hosts: microsoft,
    says: /5\.7\.1(?:2[49]|3[34])\b|RESOLVER\.RST\./,
    reason: 'security',
  },

  { name: 'Yahoo! JAPAN user', hosts: yahooJapan, says: /554 .*(?:5\.1\.1|dd )/i, reason: 'noSuchUser' },
  {
    name: 'Yahoo complaints',
    hosts: yahoo,
    says: /\[?TSS?0\d\]?|unexpected volume or user complaints/i,
    reason: 'badReputation',
  },
  { name: 'Yahoo block', hosts: yahoo, says: /\[BL\d+\]/, reason: 'addressBlocked' },
  { name: 'Yahoo policy', hosts: yahoo, says: /5\.7\.9.*policy|not accepted for policy/i, reason: 'policy' },
  {
    name: 'Exchange Online user',
    hosts: anyone,
    says: /5\.4\.1 .*recipient address rejected: access denied/i,
    reason: 'noSuchUser',
  },
  {
    name: 'Yahoo gone',
    hosts: anyone,
    says: /requested mail action aborted, mailbox not found/i,
    reason: 'noSuchUser',
  },
  {
    name: 'Yahoo closed',
    hosts: anyone,
    says: /delivery error: dd .*is no longer valid/i,
    reason: 'mailboxDisabled',
  },
  { name: 'Yahoo permanent', hosts: yahoo, says: /will be permanently deferred/i, reason: 'senderRefused' },
  {
    name: 'Yahoo disabled',
    hosts: yahoo,
    says: /is no longer valid\.|mailbox is disabled/i,
    reason: 'mailboxDisabled',
  },
  {
    name: 'Yahoo user',
    hosts: yahoo,
    says: /554 .*(?:\bdd\b|doesn't have a yahoo|no such account|not.*mailbox)/i,
    reason: 'noSuchUser',
  },

  { name: 'Apple quota', hosts: apple, says: /5\.2\.2|over quota/i, reason: 'mailboxFull' },
  { name: 'Apple policy', hosts: apple, says: /\[(?:CS|HM)\d\d\]/, reason: 'policy' },
  { name: 'Comcast block', hosts: comcast, says: /\bBL\d{6}|BL0000/, reason: 'addressBlocked' },

  {
    name: 'Orange SPF',
    hosts: orange,
    says: /spf\/dns de votre nom de domaine/i,
    reason: 'unauthenticated',
  },

  {
    name: 'Symantec user',
    hosts: messageLabs,
    says: /no such user|invalid recipient|mailbox is not allowed/i,
    reason: 'noSuchUser',
  },
  { name: 'Symantec login', hosts: messageLabs, says: /turn on smtp authentication/i, reason: 'security' },
  {
    name: 'Symantec reputation',
    hosts: messageLabs,
    says: /connection rejected by policy/i,
    reason: 'badReputation',
  },
  {
    name: 'Symantec filter',
    hosts: messageLabs,
    says: /message filtered|filtered by outbound/i,
    reason: 'spam',
  },

  {
    name: 'Mimecast reputation',
    hosts: mimecast,
    says: /internal resources are temp/i,
    reason: 'badReputation',
  },
  {
    name: 'Mimecast sender',
    hosts: mimecast,
    says: /envelope (?:blocked|rejected)/i,
    reason: 'senderRefused',
  },
  {
    name: 'Mimecast block',
    hosts: mimecast,
    says: /recipient temporarily unavailable/i,
    reason: 'addressBlocked',
  },
  {
    name: 'Mimecast connections',
    hosts: mimecast,
    says: /account service is temporarily unavailable/i,
    reason: 'tooManyConnections',
  },

  {
    name: 'QQ pace',
    hosts: tencent,
    says: /mailbox unavailable or access den|frequency.*limited/i,
    reason: 'tooFast',
  },
  {
    name: 'QQ block',
    hosts: tencent,
    says: /suspected (?:bounce attacks|spam ip)|connection denied/i,
    reason: 'addressBlocked',
  },
  {
    name: 'QQ recipient',
    hosts: tencent,
    says: /rejected by recipients|suspected spam/i,
    reason: 'senderRefused',
  },
];
