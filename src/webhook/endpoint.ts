/**
 * An endpoint: an address on the web that is told what happens to mail. It is told events in the order of the ledger, those of one message one after the other,
 * each at least once; an event has the same id however often it is told.
 */
import { Refusal } from '../base/refusal.ts';
import type { EventKind } from '../events/event.ts';

/** What happens to be told of; kinds that the ledger gets later belong to `*`. */
export const usualKinds: readonly (EventKind | 'opened' | 'clicked' | 'unsubscribed')[] = [
  'accepted',
  'refused',
  'deferred',
  'delivered',
  'stored',
  'bounced',
  'bouncedLater',
  'complained',
  'managed',
  'putOff',
  'opened',
  'clicked',
  'unsubscribed',
];

export interface EndpointSettings {
  readonly url: string;
  readonly description: string;
  /** `message.delivered` and so on; empty: the usual ones; `*`: all. */
  readonly events: readonly string[];
  /** Only mail of these streams; empty: all. */
  readonly streams: readonly string[];
  /** Only mail with one of these tags; empty: all. */
  readonly tags: readonly string[];
  /** Events in one request; 1: each by itself. */
  readonly batch: number;
}

export type EndpointState = 'active' | 'paused';

/** How deliveries go. Times in milliseconds, 0 for never. */
export interface EndpointHealth {
  readonly state: EndpointState;
  /** Why it is paused: `operator`, `failing`, `gone`; '' while active. */
  readonly reason: string;
  /** The last event of the ledger that has been dealt with. */
  readonly cursor: number;
  /** No delivery has succeeded since. */
  readonly failingSinceMs: number;
  readonly nextTryAtMs: number;
  readonly tries: number;
}

export interface Endpoint extends EndpointHealth {
  readonly id: string;
  /** `''`: the operator's, which is told of all organisations. */
  readonly org: string;
  readonly settings: EndpointSettings;
  readonly madeAtMs: number;
  readonly madeBy: string;
}

export interface Secret {
  readonly secret: string;
  /** 0: the one that holds. */
  readonly untilMs: number;
}

export const batchMax = 500;
/** Endpoints of one organisation. */
export const endpointsMax = 50;
export const urlMaxChars = 1000;

/** The URL of an endpoint; Refusal `invalid` for what is none, or names who calls. */
export function endpointUrl(text: string, plainHttp: boolean): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const no = (why: string): Refusal => new Refusal('invalid', why, { at: 'url' });
  if (!url || text.length > urlMaxChars) throw no('is not a URL');
  if (url.protocol !== 'https:' && !(plainHttp && url.protocol === 'http:'))
    throw no('must begin with https://');
  if (url.username !== '' || url.password !== '') throw no('must not have a name or password in it');
  if (url.hash !== '') throw no('must not have a # in it');
  return url;
}

const listOf = (value: readonly string[]): readonly string[] => [
  ...new Set(value.map((each) => each.trim())),
];

/** Refusal `invalid`. */
export function checkedSettings(given: EndpointSettings, plainHttp: boolean): EndpointSettings {
  const url = endpointUrl(given.url, plainHttp).href;
  const events = listOf(given.events);
  const wrong = events.findIndex((each) => each !== '*' && !/^message\.[a-zA-Z]{2,40}$/.test(each));
  if (wrong !== -1) throw new Refusal('invalid', 'is not the name of an event', { at: `events.${wrong}` });
  return { ...given, url, events, streams: listOf(given.streams), tags: listOf(given.tags) };
}

export function wantsKind({ events }: EndpointSettings, kind: EventKind): boolean {
  if (events.length === 0) return (usualKinds as readonly string[]).includes(kind);
  return events.includes('*') || events.includes(`message.${kind}`);
}

const firstWaitMs = 5000;
/** Waits before the tries that follow; the last one again and again. */
const waitsMs = [firstWaitMs, 30_000, 120_000, 300_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000];
const jitter = 0.2;

export function waitMs(tries: number, random: number): number {
  const base = waitsMs[Math.min(Math.max(0, tries - 1), waitsMs.length - 1)] ?? firstWaitMs;
  return Math.round(base * (1 - jitter + 2 * jitter * random));
}

/** An event that was not taken is tried again for so long; an endpoint that takes nothing is paused then. */
export const retryForMs = 72 * 3_600_000;
