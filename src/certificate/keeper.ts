/**
 * Sees to the certificates that an authority issues by ACME: asks for those that are wanted and not there, renews them at two thirds of
 * their life or when the authority would like it (RFC 9773), and tells this node of every new one.
 *
 * Of the nodes that share a store one has the lease and does the work; the others look now and then whether something changed. A failure is kept
 * with the time of the next try, across restarts, so that nobody runs into the limits of the authority.
 */
import { sleep, type Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import {
  AcmeClient,
  AcmeError,
  renewalId,
  type AcmeAccount,
  type AcmeOptions,
  type ChallengeType,
} from '../net/acme-client.ts';
import { certificateFacts } from '../net/certificate-facts.ts';
import type { HttpsParts } from '../net/https-request.ts';
import type { Store } from '../store/store.ts';
import {
  accountAt,
  allCertificates,
  allPlans,
  certificatesVersion,
  dropCertificates,
  keepCertificate,
  keepPlan,
  setAccountUrl,
  setRenewal,
  takeLease,
  type IssuedCertificate,
  type Plan,
} from './rows/certificates.ts';
import { renewalTime, retryDelay, timeIn } from './schedule.ts';
import { solverOf, type DnsHook } from './solvers.ts';

export type { IssuedCertificate, Plan } from './rows/certificates.ts';

/** A certificate that should be there. */
export interface WantedCertificate {
  /** What it is for: the host, or a domain. */
  readonly name: string;
  readonly names: readonly string[];
}

export interface KeeperParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly https: HttpsParts;
  readonly acme: AcmeOptions;
  readonly challenge: ChallengeType;
  readonly hook: DnsHook | undefined;
  /** A renewal keeps the key of the certificate before. */
  readonly keepKey: boolean;
  readonly dnsWaitMs: number;
  /** This node. */
  readonly node: string;
  readonly wanted: () => Promise<readonly WantedCertificate[]>;
  readonly onChange: (certificates: readonly IssuedCertificate[]) => void;
  /** Between two looks. */
  readonly roundMs?: number;
  /** For tests: another authority. */
  readonly clientFor?: (account: AcmeAccount) => Authority;
}

type Authority = Pick<AcmeClient, 'account' | 'issue' | 'renewalWindow'>;

const roundDefaultMs = 60_000;
/** Longer than the patience of a client with an authority, so that two nodes never ask for the same. */
const leaseMs = 15 * 60_000;
/** The authority is asked for its wishes about a renewal between these. */
const wishesMinMs = 3_600_000;
const wishesMaxMs = 86_400_000;

export class CertificateKeeper implements Disposable {
  readonly #parts: KeeperParts;
  readonly #stop = new AbortController();
  readonly #askAtMs = new Map<string, number>();
  #version = 0;
  #issued: readonly IssuedCertificate[] = [];
  #plans: readonly Plan[] = [];
  #client: Authority | undefined;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
  }

  /** What is there now. */
  get issued(): readonly IssuedCertificate[] {
    return this.#issued;
  }

  /** What could not be had, as of the last look. */
  get troubles(): readonly Plan[] {
    return this.#plans;
  }

  /** Loads what there is. */
  open(): Promise<void> {
    return this.#load();
  }

  /** Looks after it from now on. The listeners that an authority comes to must be there. */
  begin(): void {
    void this.#run();
  }

  /** Ends the looking after; what is being asked of the authority at the moment is given up. */
  [Symbol.dispose](): void {
    this.#stop.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const { clock, log, roundMs = roundDefaultMs } = this.#parts;
    while (!signal.aborted) {
      await this.#round().catch((error: unknown) => {
        if (!signal.aborted) log.warn({ error }, 'certificates could not be looked after');
      });
      await sleep(clock, roundMs, signal).catch(() => {});
    }
  }

  async #round(): Promise<void> {
    await this.#load();
    if (!(await this.#lead())) return;
    const wanted = await this.#parts.wanted();
    await this.#clearUp(wanted);
    for (const one of wanted) {
      if (this.#stop.signal.aborted) return;
      await this.#heed(one);
      if (this.#isDue(one) && (await this.#lead())) await this.#obtain(one);
    }
  }

  #lead(): Promise<boolean> {
    const { store, clock, node } = this.#parts;
    const nowMs = clock.nowMs();
    return store.write(takeLease, { keeper: node, nowMs, untilMs: nowMs + leaseMs });
  }

  async #load(): Promise<void> {
    const { store, onChange } = this.#parts;
    const version = await store.read(() => certificatesVersion());
    this.#plans = await store.read(() => allPlans());
    if (version === this.#version) return;
    this.#issued = await store.read(() => allCertificates());
    this.#version = version;
    onChange(this.#issued);
  }

  /** What is no longer wanted stays until it runs out: clients may come for some time yet. */
  async #clearUp(wanted: readonly WantedCertificate[]): Promise<void> {
    const { store, clock } = this.#parts;
    const names = new Set(wanted.map(({ name }) => name));
    const old = this.#issued.filter(
      ({ name, expiresAtMs }) => !names.has(name) && expiresAtMs < clock.nowMs(),
    );
    const idle = this.#plans.filter(({ name }) => !names.has(name));
    const gone = [...old, ...idle].map(({ name }) => name);
    if (gone.length === 0) return;
    await store.write(dropCertificates, gone);
    await this.#load();
  }

  #isDue({ name, names }: WantedCertificate): boolean {
    const nowMs = this.#parts.clock.nowMs();
    const plan = this.#plans.find((one) => one.name === name);
    if (plan !== undefined && plan.nextAtMs > nowMs) return false;
    const kept = this.#issued.find((one) => one.name === name);
    return kept === undefined || kept.renewAtMs <= nowMs || names.some((each) => !kept.names.includes(each));
  }

  async #obtain({ name, names }: WantedCertificate): Promise<void> {
    const { store, clock, log, challenge, keepKey } = this.#parts;
    const before = this.#issued.find((one) => one.name === name);
    try {
      const client = await this.#known();
      const solver = solverOf(challenge, this.#parts);
      const replaces = before && (await this.#replaceable(client, before));
      const { chain, key } = await client.issue(names, solver, {
        ...(replaces === undefined ? {} : { replaces }),
        ...(keepKey && before !== undefined ? { key: before.key } : {}),
      });
      const facts = certificateFacts(chain);
      const renewAtMs = renewalTime(facts);
      await store.write(keepCertificate, {
        name,
        names,
        chain,
        key,
        renewAtMs,
        expiresAtMs: facts.expiresAtMs,
      });
      log.info({ names, issuer: facts.issuer, expiresAtMs: facts.expiresAtMs }, 'a certificate was issued');
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      if (error instanceof AcmeError && error.type === 'accountDoesNotExist') await this.#forgetAccount();
      const failures = (this.#plans.find((one) => one.name === name)?.failures ?? 0) + 1;
      const delayMs = retryDelay(failures, error instanceof AcmeError ? error.retryAfterMs : 0);
      const problem = error instanceof Error ? error.message : String(error);
      await store.write(keepPlan, { name, failures, nextAtMs: clock.nowMs() + delayMs, problem });
      log.warn({ names, failures, retryMs: delayMs, problem }, 'a certificate could not be had');
    }
    await this.#load();
  }

  /** Of the same authority: another one knows nothing of it. */
  async #replaceable(client: Authority, before: IssuedCertificate): Promise<string | undefined> {
    const id = await renewalId(before.chain);
    return id !== undefined && (await client.renewalWindow(id)) !== undefined ? id : undefined;
  }

  /** The authority may want a renewal sooner, as when it has to revoke, or later. */
  async #heed({ name }: WantedCertificate): Promise<void> {
    const { clock, store } = this.#parts;
    const kept = this.#issued.find((one) => one.name === name);
    if (kept === undefined || (this.#askAtMs.get(name) ?? 0) > clock.nowMs()) return;
    this.#askAtMs.set(name, clock.nowMs() + wishesMinMs);
    try {
      const id = await renewalId(kept.chain);
      const window = id === undefined ? undefined : await (await this.#known()).renewalWindow(id);
      if (window === undefined) return void this.#askAtMs.set(name, clock.nowMs() + wishesMaxMs);
      const againMs = Math.min(Math.max(window.askAgainMs, wishesMinMs), wishesMaxMs);
      this.#askAtMs.set(name, clock.nowMs() + againMs);
      if (kept.renewAtMs >= window.startMs && kept.renewAtMs <= window.endMs) return;
      const renewAtMs = timeIn(window);
      await store.write(setRenewal, { name, renewAtMs });
      this.#issued = this.#issued.map((one) => (one.name === name ? { ...one, renewAtMs } : one));
    } catch (error) {
      if (!(error instanceof AcmeError)) throw error;
    }
  }

  /** The authority has lost or closed our account: the next try makes it anew, with the same key. */
  async #forgetAccount(): Promise<void> {
    this.#client = undefined;
    await this.#parts.store.write(setAccountUrl, { directory: this.#parts.acme.directory, url: '' });
  }

  async #known(): Promise<Authority> {
    if (this.#client !== undefined) return this.#client;
    const { store, https, acme, clientFor } = this.#parts;
    const { directory } = acme;
    const account = await store.write(accountAt, { directory, made: AcmeClient.makeAccount() });
    const client = clientFor?.(account) ?? new AcmeClient(https, acme, account);
    const url = await client.account();
    if (url !== account.url) await store.write(setAccountUrl, { directory, url });
    this.#client = client;
    return client;
  }
}
