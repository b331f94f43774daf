/** Settings of delivery. */

export type RouteTls =
  /** Encrypted when the server offers it and it works, whoever's certificate it shows. */
  | 'opportunistic'
  /** Encrypted and the certificate is valid for the host's name, or the mail waits. */
  | 'verify'
  /** Encrypted, any certificate. */
  | 'require'
  /** TLS from the first byte (port 465), certificate valid. */
  | 'implicit'
  | 'never';

/**
 * What encryption to a destination must be at least. `none`: never. `may`: when it works, whatever the destination asks for. `encrypt`: always, any
 * certificate. `verify`: a certificate valid for the host that MX named. `dane`: proved by TLSA records. `secure`: a certificate
 * valid for the destination's own name, or for the names of the rule.
 */
export type TlsLevel = 'none' | 'may' | 'encrypt' | 'verify' | 'dane' | 'secure';

export interface TlsRule {
  /** As A-labels in lower case; `.example.jp` is all below, `*` is every destination. */
  readonly domain: string;
  readonly level: TlsLevel;
  /** For `secure`; `.example.jp` is any name below it. Empty: the domain itself, and names below it. */
  readonly names: readonly string[];
}

/** What is done when the whole text was sent and no answer came: the mail may have arrived. */
export type UnansweredPolicy =
  /** Tried again: it may arrive twice (RFC 5321, 6.1). */
  | 'retry'
  /** Kept until somebody decides. */
  | 'hold'
  /** Given back to the sender. */
  | 'bounce';

/** The first rule that fits decides. */
export interface UnansweredRule {
  /** Of the organisation that sends; absent: of all. */
  readonly org?: string;
  /** As A-labels in lower case; `.example.jp` is all below, `*` is every destination. */
  readonly domains: readonly string[];
  readonly policy: UnansweredPolicy;
}

/** Where mail of some domains goes instead of where their MX records point. */
export interface RouteOption {
  /** Domains as A-labels in lower case; `.example.jp` is all below, `*` is every remote domain. The longest match wins. */
  readonly domains: readonly string[];
  /** Only mail whose sender is of these domains, written as those above; the null sender is of none. Absent: everybody's. */
  readonly senders?: readonly string[];
  /** `unreachable`: only when none of the servers that DNS names can be reached, as where port 25 is closed. Absent: always. */
  readonly when?: 'always' | 'unreachable';
  /** Tried in this order; those with weights share the load by them, and stand in for one another. */
  readonly hosts: readonly RouteHost[];
  readonly protocol?: 'smtp' | 'lmtp';
  readonly tls?: RouteTls;
  readonly auth?: { readonly username: string; readonly password: string };
  /** Instead of those of all delivery. */
  readonly localAddresses?: readonly string[];
}

export interface RouteHost {
  readonly host: string;
  /** 25 when absent (24 for LMTP). */
  readonly port?: number;
  /** Look up the MX records of `host` instead of its address. Only where it is the only host. */
  readonly mx?: boolean;
  /** Its part of the load, beside the weights of the others. */
  readonly weight?: number;
}

/** How long the other side may take in each phase (RFC 5321, 4.5.3.2), in milliseconds. */
export interface DeliveryTimeouts {
  /** Until the connection stands. */
  readonly connectMs: number;
  /** Until the greeting, and until TLS stands. */
  readonly greetingMs: number;
  /** EHLO, MAIL, RCPT and every other command. */
  readonly commandMs: number;
  /** The answer to DATA. */
  readonly dataMs: number;
  /** Each piece of a long text. */
  readonly blockMs: number;
  /** The answer to the final dot. */
  readonly dotMs: number;
}

export interface DeliveryOptions {
  /** Our name in EHLO and in notices. */
  readonly hostname: string;
  readonly routes: readonly RouteOption[];
  /** Port of every MX host: 25 but in tests. */
  readonly smtpPort: number;
  /** Whether a domain's MX may lead to loopback, private and link-local addresses: for tests and closed networks only. */
  readonly allowPrivateAddresses: boolean;
  /** Our own addresses as the world sees them, to find ourselves among MX hosts; host names besides `hostname`. */
  readonly ownAddresses: readonly string[];
  readonly ownNames: readonly string[];
  /** Addresses to send from, one of each family; a family without one is not used. None: the system chooses. */
  readonly localAddresses: readonly string[];
  /** Whether the IPv6 addresses of a host are tried. */
  readonly ipv6: boolean;
  readonly tls: RouteTls;
  readonly tlsRules: readonly TlsRule[];
  readonly unanswered: readonly UnansweredRule[];
  /** TLSA records of other servers count (RFC 7672); needs a resolver that validates. */
  readonly dane: boolean;
  /** MTA-STS policies of other domains count (RFC 8461). */
  readonly mtaSts: boolean;
  /** Port of their policy servers: 443 but in tests. */
  readonly stsPort: number;
  /** PEM certificates trusted instead of the system's roots. */
  readonly caCertificates?: readonly string[];
  /** Where notices say they come from: `Mail Delivery System <mailer-daemon@hostname>`. */
  readonly noticeFrom?: string;
  /** How long a notice may wait before it is given up. */
  readonly noticeLifetimeMs: number;
  /** Who hears of notices that cannot be delivered: an address; absent: nobody. */
  readonly doubleBounceTo?: string;
  /**
   * `user+name` in the mailbox `name` of the user: never, where there is one, or made when there is none. Strangers choose the name: `create`
   * lets them make mailboxes, up to the account's limit.
   */
  readonly detailMailbox: 'none' | 'existing' | 'create';
  /** The largest part of a returned message in a notice. */
  readonly returnedMaxBytes: number;
  readonly timeouts: DeliveryTimeouts;
  /**
   * What cannot be changed into 7 bits (it is signed, or too large) goes as it is to servers without 8BITMIME, nearly all of which take it, instead of back
   * to its sender as RFC 6152 has it.
   */
  readonly eightBitAnyway: boolean;
  /** Messages over one connection before it is closed. */
  readonly connectionMessagesMax: number;
  readonly connectionIdleMs: number;
  /** Connections that are kept without work, over all sites. */
  readonly idleConnectionsMax: number;
}

export const deliveryDefaults: Omit<DeliveryOptions, 'hostname'> = {
  routes: [],
  smtpPort: 25,
  allowPrivateAddresses: false,
  ownAddresses: [],
  ownNames: [],
  localAddresses: [],
  ipv6: true,
  tls: 'opportunistic',
  detailMailbox: 'none',
  tlsRules: [],
  unanswered: [],
  dane: true,
  mtaSts: true,
  stsPort: 443,
  returnedMaxBytes: 50 * 1024,
  noticeLifetimeMs: 5 * 24 * 3_600_000,
  timeouts: {
    connectMs: 30_000,
    greetingMs: 300_000,
    commandMs: 300_000,
    dataMs: 120_000,
    blockMs: 180_000,
    dotMs: 600_000,
  },
  eightBitAnyway: false,
  connectionMessagesMax: 1000,
  connectionIdleMs: 5000,
  idleConnectionsMax: 200,
};
