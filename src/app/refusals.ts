/**
 * Refusals on their way into the event ledger. Whoever wants to can make us refuse thousands of mails a second, and each event is a row that is
 * synced to disk; so they are gathered for a moment, and of one address (IPv6: its /64) only the first in a minute are recorded one by one, the rest as a
 * number. What is lost in a crash is the last moment: no mail depends on them.
 */
import type { Clock, Timer } from '../base/clock.ts';
import { Damper } from '../base/damper.ts';
import type { Log } from '../base/log.ts';
import type { Counter, Metrics } from '../base/metrics.ts';
import type { MailEvent } from '../events/event.ts';
import { recordEvents } from '../events/operations.ts';
import { subnetKey } from '../net/address-block.ts';
import type { Store } from '../store/store.ts';

type Refused = MailEvent<'refused'>;

/** How long refusals gather before they are written together. */
const gatherMs = 200;
const windowMs = 60_000;
/** Recorded one by one of one address in a window. */
const toldMax = 30;
/** Addresses told apart in a window. */
const addressesMax = 500;
/** Gathered while the store is slow; beyond it they are counted only by the metric. */
const gatheredMax = 20_000;

export interface RefusalParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

export class Refusals implements AsyncDisposable {
  readonly #parts: RefusalParts;
  readonly #damper: Damper<Refused>;
  readonly #count: Counter<'via' | 'phase'>;
  #gathered: Refused[] = [];
  #timer: Timer | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(parts: RefusalParts) {
    this.#parts = parts;
    this.#count = parts.metrics.counter(
      'hikyaku_intake_refused_total',
      'Refusals told to clients: of mail, of one recipient, of a login',
      ['via', 'phase'],
    );
    this.#damper = new Damper({
      clock: parts.clock,
      windowMs,
      toldMax,
      keysMax: addressesMax,
      onMore: ({ key, latest, count }) => this.#gather(summary(latest, { peer: key, count })),
    });
  }

  tell(event: Refused): void {
    this.#count.add(1, { via: event.data.via, phase: event.data.phase });
    if (this.#damper.admits(subnetKey(event.data.peer), event)) this.#gather(event);
  }

  #gather(event: Refused): void {
    if (this.#gathered.length >= gatheredMax) return;
    this.#gathered.push(event);
    this.#timer ??= this.#parts.clock.after(gatherMs, () => this.#flush());
  }

  #flush(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    const events = this.#gathered;
    if (events.length === 0) return;
    this.#gathered = [];
    const { store, log } = this.#parts;
    this.#writing = store
      .write(recordEvents, events)
      .catch((error: unknown) => log.warn({ error, events: events.length }, 'refusals were not recorded'));
  }

  /** Writes what was gathered. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#damper.flush();
    this.#flush();
    await this.#writing;
  }
}

/** `peer` is the address, or '' for the sum of many. Whom the latest one was about is not said: it stands for all of them. */
function summary(latest: Refused, { peer, count }: { peer: string; count: number }): Refused {
  return {
    ...latest,
    message: '',
    recipient: '',
    data: { ...latest.data, peer, helo: '', sender: '', more: count },
  };
}
