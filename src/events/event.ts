/**
 * The event ledger: what happened to mail, one line each, append-only. Log, journey, metrics, reports and webhooks are all read from it.
 *
 * An event is written in the transaction that makes it true (`record`), into an outbox of the mail store; from there it moves to the
 * ledger (`events.event`) by watermark. So an event is never lost and never told twice, and writing one costs one small row.
 */
import type { MessageId } from '../base/ids.ts';

/** Where a refusal or reply was heard: `connect`, `tls`, `ehlo`, `auth`, `mail`, `rcpt`, `data`, `dot` (after the final dot), `quit`. */
export type SmtpPhase =
  | 'dns'
  | 'connect'
  | 'banner'
  | 'ehlo'
  | 'tls'
  | 'auth'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'dot';

export interface TlsInfo {
  /** `TLSv1.3` */
  readonly version: string;
  readonly cipher: string;
  /** The peer's certificate was valid for its name, or matched its TLSA records. */
  readonly verified: boolean;
  /** The proof was by DANE (RFC 7672), not by a certificate authority. */
  readonly byDane?: true;
  /** Why it was not verified, as OpenSSL or Node.js names it. */
  readonly unverified?: string;
}

/** What can be wrong with encryption to a server or with a policy about it, as reports name it (RFC 8460, 4.3). */
export type TlsProblem =
  | 'starttls-not-supported'
  | 'certificate-host-mismatch'
  | 'certificate-expired'
  | 'certificate-not-trusted'
  | 'validation-failure'
  | 'tlsa-invalid'
  | 'dnssec-invalid'
  | 'dane-required'
  | 'sts-policy-fetch-error'
  | 'sts-policy-invalid'
  | 'sts-webpki-invalid';

/** A policy on encryption that a delivery came under, and how that went. */
export interface TlsPolicy {
  /**
   * `rule`: the operator's for the destination. `dane`: TLSA records. `sts`: MTA-STS. `requireTls`: the sender asked for it (RFC 8689).
   * `waived`: the sender asked not to mind the policies of the recipient (`TLS-Required: No`).
   */
  readonly is: 'rule' | 'dane' | 'sts' | 'requireTls' | 'waived';
  /** Whose: the domain of a policy, the name of TLSA records. */
  readonly of: string;
  /** The level of a rule, the mode of an MTA-STS policy, the TLSA record that matched or all that there are. */
  readonly detail: string;
  /** Absent: the server did what the policy asks. */
  readonly problem?: TlsProblem;
  /** More about the problem, for people. */
  readonly why?: string;
}

/** One question asked of DNS on the way, and what came back. */
export interface DnsStep {
  readonly name: string;
  readonly type: string;
  /** Records as text ("10 mx.example.jp"), or why there are none ("NXDOMAIN", "timeout"). */
  readonly answer: readonly string[];
  readonly ms: number;
}

export type FilterAction =
  | 'kept'
  | 'filed'
  | 'redirected'
  | 'discarded'
  | 'rejected'
  | 'replied'
  | 'silent'
  | 'notified'
  | 'failed';

/** Why mail went by a smart host and not to the server of its destination: port 25 is closed on the way out of here, or nobody there answered. */
export type Detour = 'port25Closed' | 'unreachable';

/** What an application says of its mail, for searches, webhooks and reports. */
export interface MailLabels {
  /** The organisation's name for the kind of mail. */
  readonly stream?: string;
  readonly tags?: readonly string[];
  readonly metadata?: Readonly<Record<string, string>>;
  /** It goes to the simulator: nothing leaves the machine. */
  readonly test?: true;
}

export interface EventData {
  /**
   * The whole message was taken responsibility for (250). One for each organisation that has to do with it: the sender's names all
   * recipients, every other its own, and `via: 'local'` stands for mail from another organisation of this server.
   */
  accepted: {
    via: 'mx' | 'submission' | 'lmtp' | 'http' | 'jmap' | 'relay' | 'system' | 'local';
    sender: string;
    recipients: readonly string[];
    sizeBytes: number;
    headerMessageId: string;
    subject: string;
    /** The account that authenticated, by its address, or ''. */
    account: string;
    /** Its id, and with what it logged in (`password`, `app:ID`, `key:ID`). */
    login?: { account: string; credential: string };
    /** The API key or network of an application that sent it. */
    credential?: string;
    /** What the application says of it; absent: nothing. */
    labels?: MailLabels;
    /** It is not due before. */
    notBeforeMs?: number;
    peer: string;
    helo: string;
    tls: TlsInfo | null;
    reply: string;
  };
  /** Who stands behind a mail from outside, as far as it can be proved. */
  authenticated: {
    spf: { result: string; identity: 'mailfrom' | 'helo'; domain: string; why: string };
    dkim: readonly { result: string; domain: string; selector: string; why: string }[];
    /** `forwarders`: whose seals there are, the first one first. */
    arc: { result: string; why: string; forwarders: readonly string[] };
    dmarc: {
      result: string;
      /** The domain in From, or why there is none: `nobody`, `unreadable`, `severalFields`, `severalDomains`. */
      author: string;
      /** What the domain asks for; '' when it asks for nothing. */
      policy: string;
      /** By what the author is proved. */
      by: readonly ('spf' | 'dkim')[];
    };
    /** What was done with it: `clear` where nothing spoke against it. */
    action: 'accept' | 'junk';
    reason: 'clear' | 'dmarc' | 'spf' | 'author' | 'senderRule' | 'temporary';
    /** Why what the domain asks for was not done, or ''. */
    override: string;
  };
  /** What the filters found, and what was done for it; to each organisation its own. */
  judged: {
    action: 'accept' | 'mark' | 'junk' | 'quarantine' | 'defer' | 'refuse';
    score: number;
    /** What the score was held against; null: against nothing. */
    threshold: number | null;
    rules: readonly { rule: string; weight: number; detail: string }[];
    /** The rule that decided whatever the sum, or ''. */
    decisive: string;
    failures: readonly { check: string; why: string; policy: 'accept' | 'mark' | 'defer' }[];
  };
  /** We signed a mail of our own (DKIM). */
  signed: {
    domain: string;
    /** `seen`: its record has been seen in DNS. Empty when signing failed. */
    keys: readonly { selector: string; algorithm: string; seen: boolean }[];
  };
  /** A limit on what is sent in a day is used up: it goes when its turn comes. */
  putOff: { untilMs: number; limit: 'account' | 'credential' | 'org'; perDay: number };
  /** One recipient or a whole transaction was refused with 4xx or 5xx while the sender was connected. */
  refused: {
    via: string;
    peer: string;
    helo: string;
    sender: string;
    phase: SmtpPhase;
    reply: string;
    reason: string;
    /** What the filters found of it; absent where it was not them. */
    judged?: EventData['judged'];
    /** Refusals like this one, the latest, that are not in the ledger one by one: one peer made too many in a short time. */
    more?: number;
  };
  /** One conversation with one server for one or more recipients; the outcome of each follows as its own event. */
  attempted: {
    recipients: readonly string[];
    destination: string;
    dns: readonly DnsStep[];
    host: string;
    ip: string;
    port: number;
    localIp: string;
    tls: TlsInfo | null;
    policies?: readonly TlsPolicy[];
    detour?: Detour;
    /** The connection was kept from an earlier message. */
    reused: boolean;
    phase: SmtpPhase;
    reply: string;
    ms: number;
    try: number;
  };
  delivered: {
    host: string;
    ip: string;
    reply: string;
    ms: number;
    tls: TlsInfo | null;
    policies?: readonly TlsPolicy[];
    detour?: Detour;
    dns?: readonly DnsStep[];
    reused?: boolean;
    try: number;
  };
  deferred: { phase: SmtpPhase; host: string; reply: string; nextTryAtMs: number; try: number };
  /** Given up. */
  bounced: {
    phase: SmtpPhase;
    host: string;
    reply: string;
    /** `suppressed`: not tried, as the address is on the list of those that get no mail. `unanswered`: the text was sent, and no reply came. */
    why: 'refused' | 'expired' | 'unroutable' | 'policy' | 'loop' | 'suppressed' | 'unanswered';
  };
  /** A notice about this message was sent to its sender, as another message. */
  notified: { about: 'failure' | 'delay' | 'success' | 'relayed' | 'expanded'; notice: string; to: string };
  /** A report came back after the message had been taken: it was not delivered after all, or is late. */
  bouncedLater: {
    class: 'hard' | 'soft' | 'block' | 'delayed' | 'delivered' | 'unknown';
    /** As proto/bounce names it. */
    reason: string;
    reply: string;
    /** Enhanced code, or ''. */
    status: string;
    host: string;
    /** What decided, and how sure it is (0 to 100). */
    rule: string;
    confidence: number;
    /** The message that brought it. */
    notice: string;
  };
  /** The recipient has called it spam, or its provider for them. */
  complained: { reason: string; by: string; notice: string };
  /** A machine has answered: a holiday, a challenge. */
  autoReplied: { reason: string; subject: string; notice: string };
  /** The address came onto the list of those that get no mail; `untilMs` 0: for good. */
  suppressed: { cause: string; reason: string; scope: string; untilMs: number };
  stored: { account: string; mailbox: string; uid: number; ms: number };
  /** An administrator or a rule acted: hold, release, retry, delete. */
  managed: {
    action: 'held' | 'released' | 'retried' | 'deleted' | 'cancelled' | 'moved';
    by: string;
    why: string;
  };
  /** One recipient became others: alias, group, forward. `to` is empty for whom it is none of its business. */
  /** Milters have changed it: who, and what. */
  revised: {
    by: readonly { milter: string; what: readonly ('header' | 'body' | 'sender' | 'recipients')[] }[];
  };
  redirected: {
    to: readonly string[];
    why: 'alias' | 'group' | 'forward' | 'catchAll' | 'rule' | 'returnPath' | 'hook';
  };
  /** A filter of the recipient did something, or could not. */
  filtered: {
    account: string;
    /** Whose script (`account`, `domain`, `org`, `server`), its name, and the rule in it: its name, or '', and its line. */
    by: string;
    script: string;
    rule: string;
    line: number;
    action: FilterAction;
    /** The mailbox, address or reason; for what went wrong, the sentence in English. */
    detail: string;
  };
}

export type EventKind = keyof EventData;

/** One event. `recipient` is `''` when it speaks of the whole message; `message` is `''` for a refusal before any message. */
export type MailEvent<K extends EventKind = EventKind> = {
  [T in K]: {
    readonly is: T;
    readonly atMs: number;
    readonly message: MessageId | '';
    readonly org: string;
    readonly recipient: string;
    readonly data: EventData[T];
  };
}[K];
