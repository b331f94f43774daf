/** What the directory holds besides accounts, as administrators see it. Times are milliseconds since 1970; 0 is never. */
import type { AccountId, CredentialId, OrgId } from '../base/ids.ts';
import type { Language } from './account.ts';
import type { Permission } from './permission.ts';
import type { Service, StreamKind, UnsubscribeKind } from './principal.ts';

export interface Org {
  readonly id: OrgId;
  readonly name: string;
  readonly language: Language;
  /** Runs this server: its owners and admins see and change every organisation. */
  readonly operator: boolean;
  readonly createdAtMs: number;
}

export interface Domain {
  /** A-labels in lower case. */
  readonly name: string;
  readonly org: OrgId;
  /** Every address of this domain is the same address of that one; `''` for a domain of its own. */
  readonly aliasOf: string;
  /** Characters that begin a subaddress; `''`: no subaddresses. */
  readonly separators: string;
  /** Gets mail for addresses that do not exist; `''`: such mail is refused. */
  readonly catchAll: string;
  /** Addresses like `a..b` and `a.` may be made here. */
  readonly legacyLocalParts: boolean;
  readonly caseSensitive: boolean;
  /** The mode of the domain's MTA-STS policy (RFC 8461); `''`: that of the settings. */
  readonly mtaSts: StsMode;
  /** URL of the logo that mailers may show beside its mail (BIMI); `''`: none. */
  readonly bimiLogo: string;
  readonly createdAtMs: number;
}

export const stsModes = ['', 'none', 'testing', 'enforce'] as const;
export type StsMode = (typeof stsModes)[number];

/** An alias stands for an address, a group for its members, a forward for addresses elsewhere. They differ in how they are told of. */
export const routeKinds = ['alias', 'group', 'forward'] as const;
export type RouteKind = (typeof routeKinds)[number];

export interface Route {
  readonly address: string;
  readonly org: OrgId;
  readonly kind: RouteKind;
  readonly displayName: string;
  readonly targets: readonly string[];
  readonly createdAtMs: number;
}

/** Mail of an account goes on to other addresses. No targets: it does not. */
export interface AccountForward {
  readonly targets: readonly string[];
  readonly keepCopy: boolean;
}

export interface AppPassword {
  readonly id: CredentialId;
  readonly account: AccountId;
  readonly name: string;
  /** What it opens; empty: everything. */
  readonly services: readonly Service[];
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly lastUsedAtMs: number;
  readonly lastUsedIp: string;
  readonly lastUsedService: string;
}

export interface ApiKey {
  readonly id: CredentialId;
  /** `''`: a key of the server's operator, good for every organisation. */
  readonly org: OrgId | '';
  /** The account it logs in as a bearer token (OAUTHBEARER, XOAUTH2), or `''`. */
  readonly account: AccountId | '';
  readonly name: string;
  readonly scopes: readonly KeyScope[];
  readonly limits: SendLimits;
  readonly createdBy: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly lastUsedAtMs: number;
}

/** What a program may send with a credential; what is absent is not bounded. */
export interface SendLimits {
  /** Names of streams; the first one is its own when a mail names none. */
  readonly streams?: readonly string[];
  /** Domains it may send from. */
  readonly domains?: readonly string[];
  /** Networks it may come from. */
  readonly networks?: readonly string[];
  /** All that it sends goes to the simulator. */
  readonly test?: true;
}

/** A kind of mail an organisation sends, by its own name for it. */
export interface Stream {
  readonly org: OrgId;
  readonly name: string;
  readonly kind: StreamKind;
  /** What this server puts into mail of it that has no List-Unsubscribe, and keeps. */
  readonly unsubscribe: UnsubscribeKind;
  readonly createdAtMs: number;
}

/** What lets a program submit without a password: the network it is in, or its TLS certificate. */
export const submitterKinds = ['network', 'certificate'] as const;
export interface Submitter {
  readonly id: CredentialId;
  readonly org: OrgId;
  readonly kind: (typeof submitterKinds)[number];
  /** An address or network; SHA-256 of the certificate in hex. */
  readonly value: string;
  readonly name: string;
  readonly limits: SendLimits;
  readonly createdBy: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

/** Mail that goes to a program over HTTP. */
export interface InboundRoute {
  readonly id: CredentialId;
  readonly org: OrgId;
  readonly domain: string;
  /** The part before the `@`; `*` stands for anything, also for nothing. */
  readonly pattern: string;
  readonly url: string;
  /** `whsec_…`: what it is told is signed with (Standard Webhooks). */
  readonly secret: string;
  /** The one before it, which signs beside it for a while. */
  readonly previous?: PreviousSecret;
  readonly options: InboundOptions;
  readonly createdAtMs: number;
}

export interface PreviousSecret {
  readonly secret: string;
  readonly untilMs: number;
}

export interface InboundOptions {
  /** The whole message goes along, in base64. */
  readonly raw: boolean;
  /** Files of up to so many bytes in all go along; of the others the name and the size alone. */
  readonly attachmentsMaxBytes: number;
}

/** A domain that stands in mail for the organisation: bounces come back to it (`returnPath`), links lead over it (`tracking`). */
export interface SendingDomain {
  readonly name: string;
  readonly org: OrgId;
  readonly purpose: SendingPurpose;
  readonly createdAtMs: number;
}

export const sendingPurposes = ['returnPath', 'tracking'] as const;
export type SendingPurpose = (typeof sendingPurposes)[number];

/** A permission of the API, `all` of its organisation's, or a mail service to log in to. */
export type KeyScope = Permission | 'all' | `mail:${Service}`;

/** Canonical rewriting: an address, or `@domain` for all its addresses, becomes another. */
export interface Rewrite {
  readonly direction: 'in' | 'out';
  readonly from: string;
  readonly org: OrgId;
  readonly to: string;
  readonly where: 'envelope' | 'header' | 'both';
  readonly createdAtMs: number;
}

export interface AuditRecord {
  readonly atMs: number;
  readonly id: string;
  readonly org: OrgId | '';
  /** Who: `account:<id>`, `key:<id>`, `cli`, `system`. */
  readonly by: string;
  readonly ip: string;
  /** `account.create`, `domain.delete`, … */
  readonly action: string;
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Where to go on; undefined on the last page. */
  readonly next: string | undefined;
}
