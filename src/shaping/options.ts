/** Settings of shaping: rules, sources, pools, and how receivers' limits are learned. */
import type { Rate } from './rate.ts';

export type Stream = 'transactional' | 'bulk';

/** What a rule can limit. */
export const limitNames = [
  'connections',
  'connectionRate',
  'messagesPerConnection',
  'messageRate',
  'recipientsPerMessage',
  'byteRate',
] as const;
export type LimitName = (typeof limitNames)[number];

export interface Limits {
  /** At one time. */
  readonly connections?: number;
  /** Connections opened in a time. */
  readonly connectionRate?: Rate;
  readonly messagesPerConnection?: number;
  /** Copies (recipients) in a time. */
  readonly messageRate?: Rate;
  /** Recipients in one transaction. */
  readonly recipientsPerMessage?: number;
  readonly byteRate?: Rate;
}

/** To which receivers it applies; all that is named must fit. Nothing named: to all. */
export interface Where {
  /** Name of a provider group (rules/providers.ts). */
  readonly provider?: string;
  /** A mail server of the site; `.example.jp` is all below. Every server of the site must fit. */
  readonly host?: string;
  /** Name of a source. */
  readonly source?: string;
}

/** Whose mail is counted. `*` counts each by itself. Nothing named: all of it together. */
export interface Who {
  readonly domain?: string;
  readonly org?: string;
  readonly stream?: Stream;
  readonly campaign?: string;
}

export interface ShapingRule extends Where, Who {
  /** `shipped 12` or `settings 3`: how it is told of. */
  readonly name: string;
  readonly from: 'shipped' | 'settings';
  /** Counted over all sites of the provider together, not for each site. */
  readonly across: boolean;
  readonly limits: Limits;
  /** Why it is what it is, and where that is known from. */
  readonly why: string;
}

/** What is done when a server says something. */
export interface ReplyRule {
  readonly name: string;
  readonly provider?: string;
  readonly org?: string;
  readonly campaign?: string;
  /** Where it was said; empty: anywhere. */
  readonly phases: readonly string[];
  readonly says: RegExp;
  readonly does: ReplyAction;
  /** For `suspend`, where the reply names no time. */
  readonly forMs: number;
  /** Whom it is about: the address we send from, or the organisation's mail from it. */
  readonly about: 'source' | 'org';
  readonly why: string;
}

/** `fewer`: fewer connections. `slower`: a lower rate. `suspend`: nothing for a while. `ignore`: nothing. */
export type ReplyAction = 'fewer' | 'slower' | 'suspend' | 'ignore';

export interface SourceOption {
  readonly name: string;
  /** Addresses of this machine, one of each family at most. */
  readonly addresses: readonly string[];
  readonly hostname: string;
  readonly proxy: SourceProxy | undefined;
  /** First day of its warm-up (`2026-04-01`); `''`: it is warm. */
  readonly warmUpFrom: string;
}

export interface SourceProxy {
  readonly is: 'socks5' | 'haproxy';
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
}

export interface PoolOption {
  readonly name: string;
  /** Empty: all. */
  readonly streams: readonly Stream[];
  readonly orgs: readonly string[];
  readonly members: readonly { readonly source: string; readonly weight: number }[];
}

export interface ShapingOptions {
  readonly rules: readonly ShapingRule[];
  readonly replies: readonly ReplyRule[];
  readonly sources: readonly SourceOption[];
  readonly pools: readonly PoolOption[];
  readonly learn: boolean;
  /** Messages over one connection, and connections of one site, where no rule says otherwise. */
  readonly connectionMessages: number;
  readonly connectionsMax: number;
  /** Copies a new address may send to one provider on its first day; each day `warmUpGrowth` times as many, until `warmUpDays` are over. */
  readonly warmUpFirst: number;
  readonly warmUpGrowth: number;
  readonly warmUpDays: number;
  /** Block lists that our own addresses are looked up in; empty: none. */
  readonly blockLists: readonly string[];
  /** Domains of senders that warm up. */
  readonly domains: readonly { readonly domain: string; readonly warmUpFrom: string }[];
  readonly weights: readonly { readonly org: string; readonly weight: number }[];
}
