/**
 * How encryption to each destination went, counted by day (UTC) and domain: what a report to that domain is made of (RFC 8460).
 *
 * Sessions are counted in memory and added to the store now and then, off the way of the mail: one write for many. Only domains that ask for
 * reports (TXT `_smtp._tls`) are kept. What a crash loses is a minute's numbers.
 */
import type { Clock, Timer } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { TlsProblem } from '../events/event.ts';
import type { Resolver } from '../net/resolver.ts';
import type { Store } from '../store/store.ts';
import {
  addTlsCounts,
  forgetOldTls,
  tlsCountsOf,
  tlsCountsOfDomain,
  type TlsCounts,
} from './tls/result-rows.ts';

export type { TlsCounts } from './tls/result-rows.ts';

/** A policy in the words of a report (RFC 8460, 4.4). */
export interface ReportedPolicy {
  readonly type: 'tlsa' | 'sts' | 'no-policy-found';
  /** Whose it is: the base domain of TLSA records (RFC 7672, 2.2), else the recipients' domain. */
  readonly domain: string;
  /** The TLSA records, or the lines of the MTA-STS policy. */
  readonly text: readonly string[];
  /** The patterns of an MTA-STS policy. */
  readonly mxHosts: readonly string[];
}

/** One attempt at a secure session, seen under one policy. */
export interface TlsSessionResult {
  /** The recipients' domain, which gets the report. */
  readonly domain: string;
  readonly policy: ReportedPolicy;
  /** Absent: it went well. */
  readonly failure?: TlsSessionFailure;
}

export interface TlsSessionFailure {
  readonly result: TlsProblem;
  readonly sendingIp: string;
  readonly mxHost: string;
  readonly receivingIp: string;
  /** A short code, never text of the peer's that identifies anybody (RFC 8460, 4.3). */
  readonly code: string;
}

export interface TlsResultsParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Pick<Store, 'write'>;
  readonly resolver: Pick<Resolver, 'txt'>;
}

const flushAfterMs = 60_000;
/** With so many domains and policies counted the store is told at once. */
const countsMax = 5000;
/** Kinds of failures kept apart for one domain and policy. */
const failuresMax = 200;
/** Domains asked for their records at one time. */
const askedAtOnce = 20;
const codeMaxChars = 80;
const domainsPerRead = 200;
const dayMs = 86_400_000;
/** A report goes out on the day after; a server that was down for a week still makes its own. */
const keptDays = 14;

interface Counted {
  readonly counts: TlsCounts;
  readonly failures: Map<string, TlsCounts['failures'][number]>;
}

export class TlsResults {
  readonly #parts: TlsResultsParts;
  #counted = new Map<string, Counted>();
  #timer: Timer | undefined;
  #flushing: Promise<void> = Promise.resolve();

  constructor(parts: TlsResultsParts) {
    this.#parts = parts;
  }

  record({ domain, policy, failure }: TlsSessionResult): void {
    const day = dayOf(this.#parts.clock.nowMs());
    const text = JSON.stringify(policy);
    const key = `${day} ${domain} ${text}`;
    let counted = this.#counted.get(key);
    if (counted === undefined) {
      counted = {
        counts: { day, domain, policy: text, successes: 0, failed: 0, failures: [] },
        failures: new Map(),
      };
      this.#counted.set(key, counted);
    }
    if (failure === undefined) counted.counts.successes += 1;
    else addFailure(counted, failure);
    this.#timer ??= this.#parts.clock.after(flushAfterMs, () => void this.flush());
    if (this.#counted.size >= countsMax) void this.flush();
  }

  /** Resolves when all that was counted until now is in the store, or dropped because the store would not have it. */
  flush(): Promise<void> {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    const counted = [...this.#counted.values()];
    this.#counted = new Map();
    if (counted.length > 0) {
      this.#flushing = this.#flushing
        .then(() => this.#store(counted))
        .catch((error: unknown) => {
          this.#parts.log.warn({ error, domains: counted.length }, 'counts of TLS sessions were lost');
        });
    }
    return this.#flushing;
  }

  async #store(counted: readonly Counted[]): Promise<void> {
    const domains = [...new Set(counted.map(({ counts }) => counts.domain))];
    const wanted = new Set<string>();
    for (let at = 0; at < domains.length; at += askedAtOnce) {
      const some = domains.slice(at, at + askedAtOnce);
      const answers = await Promise.all(some.map((domain) => this.#wantsReports(domain)));
      some.forEach((domain, i) => answers[i] === true && wanted.add(domain));
    }
    const kept = counted
      .filter(({ counts }) => wanted.has(counts.domain))
      .map(({ counts, failures }) => ({ ...counts, failures: [...failures.values()] }));
    if (kept.length > 0) await this.#parts.store.write(addTlsCounts, kept);
  }

  /** In doubt, yes: whoever writes the report asks again. */
  async #wantsReports(domain: string): Promise<boolean> {
    const answer = await this.#parts.resolver.txt(`_smtp._tls.${domain}`);
    if (answer.is === 'failure') return answer.reason !== 'invalidName';
    return answer.is === 'records' && answer.records.some((text) => text.startsWith('v=TLSRPTv1'));
  }
}

/** What was counted on a day (`2026-11-24`, UTC), in the order of the domains; all policies of a domain follow each other. */
export async function* tlsCounts(
  store: Pick<Store, 'scan'>,
  day: string,
): AsyncGenerator<TlsCounts, void, void> {
  let after = '';
  for (;;) {
    const counts = await store.scan(tlsCountsOf, { day, after, domainsMax: domainsPerRead });
    if (counts.length === 0) return;
    yield* counts;
    after = counts.at(-1)!.domain;
  }
}

/** What was counted on a day of one domain, by policy. */
export function tlsCountsFor(
  store: Pick<Store, 'scan'>,
  day: string,
  domain: string,
): Promise<readonly TlsCounts[]> {
  return store.scan(tlsCountsOfDomain, { day, domain });
}

/** Once a day: counts that no report will be made of any more, and MTA-STS policies that ran out. */
export async function tidyTls(store: Pick<Store, 'write'>, nowMs: number): Promise<void> {
  await store.write(forgetOldTls, { day: dayOf(nowMs - keptDays * dayMs), nowMs });
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

function addFailure({ counts, failures }: Counted, failure: TlsSessionFailure): void {
  counts.failed += 1;
  const code = failure.code.slice(0, codeMaxChars);
  const { result, sendingIp, mxHost, receivingIp } = failure;
  const key = [result, sendingIp, mxHost, receivingIp, code].join('\n');
  const known = failures.get(key);
  if (known !== undefined) known.sessions += 1;
  else if (failures.size < failuresMax)
    failures.set(key, { result, sendingIp, mxHost, receivingIp, code, sessions: 1 });
}
