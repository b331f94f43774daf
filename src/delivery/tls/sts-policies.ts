/**
 * MTA-STS policies of other domains (RFC 8461, 3 and 5): found by DNS, fetched by HTTPS, kept until they run out.
 *
 * A policy that is kept holds whatever DNS and the web say now: that is what protects from someone who can hold them up. It is fetched anew when
 * the id in DNS changes, once a day besides, and when a delivery failed by it. A fetch that fails changes nothing, and is not tried
 * again for some minutes. Without a policy the domain is as if it had never heard of MTA-STS; the failure is told in reports.
 */
import type { Clock } from '../../base/clock.ts';
import type { DnsStep, TlsProblem } from '../../events/event.ts';
import { onlyPublic } from '../../net/dialer.ts';
import { httpsRequest } from '../../net/https-request.ts';
import type { Resolver } from '../../net/resolver.ts';
import {
  parseStsPolicy,
  stsPolicyHost,
  stsPolicyPath,
  StsPolicyError,
  type StsPolicy,
} from '../../proto/mta-sts/policy.ts';
import { readStsRecords, stsRecordName } from '../../proto/mta-sts/record.ts';
import type { Store } from '../../store/store.ts';
import { findPolicy, keepPolicy, type KeptPolicy } from './sts-rows.ts';

export interface StsFailure {
  readonly problem: Extract<
    TlsProblem,
    'sts-policy-fetch-error' | 'sts-policy-invalid' | 'sts-webpki-invalid'
  >;
  /** For people: "HTTP 404", "CERT_HAS_EXPIRED". */
  readonly detail: string;
}

/** What MTA-STS has to say of a domain. */
export interface StsState {
  /** Undefined, or mode `none`: nothing is asked. */
  readonly kept: KeptPolicy | undefined;
  /** A policy was announced and could not be had. */
  readonly failure: StsFailure | undefined;
  readonly step: DnsStep | undefined;
}

export interface StsParts {
  readonly clock: Clock;
  readonly resolver: Resolver;
  readonly store: Pick<Store, 'read' | 'write'> | undefined;
  /** Port of policy servers: 443 but in tests. */
  readonly port: number;
  readonly ca?: readonly string[];
  readonly allowPrivateAddresses: boolean;
}

/** RFC 8461, 3.3: a minute for the whole fetch, and 64 kilobytes. */
const fetchTimeoutMs = 60_000;
const policyMaxBytes = 64 * 1024;
/** A fetch that failed is not tried again sooner (RFC 8461, 3.3). */
const failureKeptMs = 300_000;
/** A policy whose id has not changed is fetched all the same when it is this old, so that it never runs out by itself. */
const refreshAfterMs = 86_400_000;
/** Domains remembered in memory; the store has the others. */
const domainsMax = 10_000;

interface Known {
  /** Undefined: none is kept in the store either. */
  kept: KeptPolicy | undefined;
  failure: StsFailure | undefined;
  /** The failure holds for this id, until then. */
  failedId: string;
  failedUntilMs: number;
  fetching: Promise<void> | undefined;
  /** A delivery failed by the policy: look again. */
  doubted: boolean;
}

export class StsPolicies {
  readonly #parts: StsParts;
  readonly #known = new Map<string, Known>();

  constructor(parts: StsParts) {
    this.#parts = parts;
  }

  /** The state of a domain (A-labels, lower case). Takes time when a policy must be fetched first; never rejects. */
  async of(domain: string): Promise<StsState> {
    const answer = await this.#parts.resolver.txt(stsRecordName(domain));
    const known = await this.#knownOf(domain);
    const record = readStsRecords(answer.is === 'records' ? answer.records : []);
    const step = record.is === 'none' && known.kept === undefined ? undefined : answer.step;
    if (record.is === 'id') await this.#follow(domain, record.id, known);
    const inForce = this.#inForce(known);
    if (record.is === 'invalid' && inForce === undefined)
      return { kept: undefined, failure: { problem: 'sts-policy-invalid', detail: record.problem }, step };
    return { kept: inForce, failure: record.is === 'id' ? known.failure : undefined, step };
  }

  /** A delivery failed by the policy: before the next one it is fetched again, for it may have changed (RFC 8461, 5.1). */
  doubt(domain: string): void {
    const known = this.#known.get(domain);
    if (known !== undefined) known.doubted = true;
  }

  async #knownOf(domain: string): Promise<Known> {
    const known = this.#known.get(domain);
    if (known !== undefined) return known;
    // The store failing is no reason to forget what was promised, nor to hold up mail: it is asked again next time.
    const kept = await this.#parts.store?.read(() => findPolicy(domain)).catch(() => 'unknown' as const);
    const made: Known = {
      kept: kept === 'unknown' ? undefined : kept,
      failure: undefined,
      failedId: '',
      failedUntilMs: -Infinity,
      fetching: undefined,
      doubted: false,
    };
    if (kept === 'unknown') return made;
    const raced = this.#known.get(domain);
    if (raced !== undefined) return raced;
    if (this.#known.size >= domainsMax) this.#known.delete(this.#known.keys().next().value!);
    this.#known.set(domain, made);
    return made;
  }

  #inForce({ kept }: Known): KeptPolicy | undefined {
    return kept !== undefined && kept.expiresAtMs > this.#parts.clock.nowMs() ? kept : undefined;
  }

  /** Waits for a policy that is not there yet; one that only needs a fresh look is fetched beside the mail. */
  async #follow(domain: string, id: string, known: Known): Promise<void> {
    const inForce = this.#inForce(known);
    const nowMs = this.#parts.clock.nowMs();
    const current = inForce?.id === id && !known.doubted;
    if (
      current &&
      nowMs - inForce.fetchedAtMs < Math.min(refreshAfterMs, inForce.policy.maxAgeSeconds * 500)
    ) {
      known.failure = undefined;
      return;
    }
    const failedLately = known.failedId === id && known.failedUntilMs > this.#parts.clock.monotonicMs();
    if (failedLately) return;
    known.fetching ??= this.#fetch(domain, id, known).finally(() => (known.fetching = undefined));
    if (!current) await known.fetching;
  }

  async #fetch(domain: string, id: string, known: Known): Promise<void> {
    // Another thread may have it by now.
    const stored = await this.#parts.store?.read(() => findPolicy(domain)).catch(() => undefined);
    const { clock, store } = this.#parts;
    if (stored?.id === id && stored.fetchedAtMs > (known.kept?.fetchedAtMs ?? -Infinity) && !known.doubted) {
      Object.assign(known, { kept: stored, failure: undefined });
      return;
    }
    const found = await this.#download(domain);
    known.doubted = false;
    if ('problem' in found) {
      known.failure = found;
      known.failedId = id;
      known.failedUntilMs = clock.monotonicMs() + failureKeptMs;
      return;
    }
    const fetchedAtMs = clock.nowMs();
    const expiresAtMs = fetchedAtMs + found.maxAgeSeconds * 1000;
    known.kept = { domain, id, policy: found, fetchedAtMs, expiresAtMs };
    known.failure = undefined;
    // In memory it holds at once; a store that is busy gets it with the next fetch.
    await store?.write(keepPolicy, known.kept).catch(() => undefined);
  }

  async #download(domain: string): Promise<StsPolicy | StsFailure> {
    const { resolver, clock, port, ca, allowPrivateAddresses } = this.#parts;
    const answer = await httpsRequest(
      {
        resolver,
        clock,
        ...(allowPrivateAddresses ? {} : { guard: onlyPublic }),
        ...(ca === undefined ? {} : { ca }),
      },
      {
        host: stsPolicyHost(domain),
        port,
        path: stsPolicyPath,
        answerMaxBytes: policyMaxBytes,
        timeoutMs: fetchTimeoutMs,
      },
    );
    if (answer.is === 'failure') {
      const problem = answer.reason === 'certificate' ? 'sts-webpki-invalid' : 'sts-policy-fetch-error';
      return { problem, detail: answer.code };
    }
    // Redirects must not be followed (RFC 8461, 3.3).
    if (answer.status !== 200) return { problem: 'sts-policy-fetch-error', detail: `HTTP ${answer.status}` };
    const type = (answer.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
    if (type !== 'text/plain')
      return { problem: 'sts-policy-invalid', detail: `is ${type || 'of no type'}, not text/plain` };
    try {
      return parseStsPolicy(answer.body.toString('utf8'));
    } catch (error) {
      if (error instanceof StsPolicyError) return { problem: 'sts-policy-invalid', detail: error.message };
      throw error;
    }
  }
}
