/**
 * DKIM keys of domains, and the life of each:
 *
 *   prepared --seen in DNS--> published --settled--> active --next one active--> retiring --old mail is through--> removed
 *
 * Of each algorithm one key of a domain signs: the active one. The first key of a domain is active at once, as nothing is lost while its record is not
 * there yet. A retiring key signs no more, but its record must stay for mail that is still on its way. Of a removed one the private half is gone.
 */
import type { OrgId } from '../base/ids.ts';

export const dkimStates = ['prepared', 'published', 'active', 'retiring', 'removed'] as const;
export type DkimState = (typeof dkimStates)[number];

export const dkimAlgorithms = ['rsa-sha256', 'ed25519-sha256'] as const;
export type DkimAlgorithm = (typeof dkimAlgorithms)[number];

export interface DkimKey {
  readonly domain: string;
  readonly selector: string;
  readonly org: OrgId;
  readonly algorithm: DkimAlgorithm;
  readonly state: DkimState;
  /** Its TXT record: `v=DKIM1; k=…; p=…`. */
  readonly record: string;
  readonly createdAtMs: number;
  /** Since when it is in this state. */
  readonly sinceMs: number;
  /** When its record was first seen in DNS; 0: not yet. */
  readonly seenAtMs: number;
}

/** A domain as those name it who look after it. */
export interface DomainRef {
  readonly org: OrgId;
  readonly domain: string;
}

/** A key that signs now. */
export interface StoredSigningKey {
  readonly domain: string;
  readonly selector: string;
  /** As it is kept (key-box.ts). */
  readonly kept: string;
  /** Its record has been seen in DNS. */
  readonly seen: boolean;
}

/** A selector as DNS takes it, in lower case. */
export const selectorShape =
  /^[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?)*$/;
