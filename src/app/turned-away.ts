/**
 * What is said of connections that were not taken: above a limit, without a TLS handshake or a PROXY header that can be read. All are counted; of
 * one address the first in a minute have a line in the log, the rest share one with their number.
 */
import type { Clock } from '../base/clock.ts';
import { Damper } from '../base/damper.ts';
import type { Log } from '../base/log.ts';
import type { Counter, Metrics } from '../base/metrics.ts';
import { subnetKey } from '../net/address-block.ts';
import type { ListenerProblem } from '../net/listener.ts';

const windowMs = 60_000;
const toldMax = 5;
const keysMax = 1000;

export interface TurnedAwayParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

interface Told {
  readonly listener: string;
  readonly problem: ListenerProblem;
}

export class TurnedAway {
  readonly #log: Log;
  readonly #damper: Damper<Told>;
  readonly #count: Counter<'listener' | 'reason'>;

  constructor({ clock, log, metrics }: TurnedAwayParts) {
    this.#log = log;
    this.#count = metrics.counter(
      'hikyaku_connections_refused_total',
      'Connections that were not taken, by reason: a limit (connections, perAddress), tls, proxy, accept',
      ['listener', 'reason'],
    );
    this.#damper = new Damper({
      clock,
      windowMs,
      toldMax,
      keysMax,
      onMore: ({ latest, count }) =>
        log.info(
          { listener: latest.listener, ...latest.problem, more: count },
          'more connections were not taken',
        ),
    });
  }

  note(listener: string, problem: ListenerProblem): void {
    const reason = problem.is === 'refused' ? problem.detail : problem.is;
    this.#count.add(1, { listener, reason });
    const address = problem.is === 'accept' ? '' : subnetKey(problem.peer.ip);
    if (this.#damper.admits(`${listener} ${reason} ${address}`, { listener, problem }))
      this.#log.info({ listener, ...problem }, 'a connection was not taken');
  }

  /** Tells what was counted. */
  [Symbol.dispose](): void {
    this.#damper.flush();
  }
}
