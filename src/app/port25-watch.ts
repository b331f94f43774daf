/**
 * Looks now and then whether port 25 is open on the way out (OP25B), for servers that have a route for when it is not: mail then goes by that route at
 * once instead of waiting for each destination in vain, and it is said.
 */
import { sleep, systemClock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import type { Settings } from '../config/schema.ts';
import { probePort25, type Port25Verdict } from '../delivery/port25.ts';
import type { Resolver } from '../net/resolver.ts';

export interface WatchParts {
  readonly settings: Settings;
  readonly resolver: Resolver;
  readonly log: Log;
  readonly metrics: Metrics;
  /** As was found before. */
  readonly closed: boolean;
  readonly onChange: (closed: boolean) => void;
}

const everyMs = 10 * 60_000;
const tryMs = 10_000;
/** Nobody needs to listen there: a refusal shows that there is a network. */
const controlPort = 443;

/** What the watch does at each look, and the doctor when he is asked. */
export function lookAtPort25({ delivery }: Settings, resolver: Resolver): Promise<Port25Verdict> {
  const { port, localAddresses } = delivery;
  return probePort25({
    clock: systemClock,
    resolver,
    port,
    hosts: delivery.probeHosts,
    localAddresses,
    timeoutMs: tryMs,
    controlPort,
  });
}

export class Port25Watch implements Disposable {
  readonly #parts: WatchParts;
  readonly #stop = new AbortController();
  #closed: boolean;

  constructor(parts: WatchParts) {
    this.#parts = parts;
    this.#closed = parts.closed;
    if (parts.settings.routes.some((route) => route.when === 'unreachable')) void this.#run();
  }

  get closed(): boolean {
    return this.#closed;
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const { settings, resolver, log } = this.#parts;
      const verdict = await lookAtPort25(settings, resolver).catch((error: unknown) => {
        log.warn({ error }, 'port 25 could not be looked at');
        return undefined;
      });
      if (signal.aborted) return;
      // What could not be found out changes nothing.
      if (verdict !== undefined && verdict.is !== 'unknown') this.#found(verdict);
      await sleep(systemClock, everyMs, signal).catch(() => {});
    }
  }

  #found(verdict: Port25Verdict): void {
    const { log, metrics, onChange } = this.#parts;
    const closed = verdict.is === 'closed';
    metrics
      .gauge('hikyaku_delivery_port25_closed', '1 when port 25 is closed on the way out of this machine.')
      .set(closed ? 1 : 0);
    if (closed === this.#closed) return;
    this.#closed = closed;
    const tries = verdict.tries.map(({ host, came }) => `${host}: ${came}`);
    if (closed) log.warn({ tries }, 'port 25 is closed on the way out (OP25B): mail goes by the smart host');
    else log.info({ tries }, 'port 25 is open again: mail goes to the servers of its destinations');
    onChange(closed);
  }
}
