/**
 * A day of sending in virtual time: mail waits for every receiver all day, connections carry it, the shaper says what may go. What is put off comes back
 * later, as in the queue, and is sent again.
 */
import type { Clock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import type { AttemptResult, Outcome } from '../queue/attempt.ts';
import type { Gate, Pass } from '../queue/gate.ts';
import type { QueuedMessage } from '../queue/message.ts';
import { SharedTable } from './shared-table.ts';
import type { ShapingOptions } from './options.ts';
import { Shaper } from './shaper.ts';
import type { SiteGate } from './gate.ts';
import { hiddenReceivers, seeded, type HiddenReceiver, type Random, type Told } from './testing-receivers.ts';

export interface DayOptions {
  readonly seed: number;
  readonly hours: number;
  /** Messages in all: each receiver's part is what it can take in the time. Infinity: as many as it takes. */
  readonly messages: number;
  readonly shaping: ShapingOptions;
  /** A point of the curves each so many seconds. */
  readonly pointSeconds: number;
  readonly connections: number;
}

export interface Point {
  readonly atMs: number;
  readonly capacity: number;
  readonly taken: number;
  readonly putOff: number;
}

export interface ReceiverDay {
  readonly name: string;
  /** Copies that it could have taken. */
  readonly capacity: number;
  readonly taken: number;
  /** Put off because of us; `noise` are those about recipients. */
  readonly putOff: number;
  readonly noise: number;
  readonly points: readonly Point[];
}

/** Sends a day. The same seed gives the same day. */
export function simulateDay(options: DayOptions): readonly ReceiverDay[] {
  const random = seeded(options.seed);
  return hiddenReceivers(random).map((receiver) => new Sender(options, receiver, random).run());
}

/** Min-heap of times with numbers of what happens then. */
class Agenda {
  readonly #times: number[] = [];
  readonly #what: number[] = [];

  get size(): number {
    return this.#times.length;
  }

  get nextMs(): number {
    return this.#times[0] ?? Infinity;
  }

  add(atMs: number, what: number): void {
    const [times, whats] = [this.#times, this.#what];
    let i = times.push(atMs) - 1;
    whats.push(what);
    while (i > 0) {
      const up = (i - 1) >> 1;
      if (times[up]! <= atMs) break;
      times[i] = times[up]!;
      whats[i] = whats[up]!;
      i = up;
    }
    times[i] = atMs;
    whats[i] = what;
  }

  take(): number {
    const [times, whats] = [this.#times, this.#what];
    const first = whats[0]!;
    const atMs = times.pop()!;
    const what = whats.pop()!;
    if (times.length === 0) return first;
    let i = 0;
    for (;;) {
      let down = 2 * i + 1;
      if (down >= times.length) break;
      if (down + 1 < times.length && times[down + 1]! < times[down]!) down += 1;
      if (times[down]! >= atMs) break;
      times[i] = times[down]!;
      whats[i] = whats[down]!;
      i = down;
    }
    times[i] = atMs;
    whats[i] = what;
    return first;
  }
}

/** What stands on the agenda besides the answers to messages, which are numbered from 0. */
const wake = -1;

const delivered: AttemptResult = { outcomes: [{ is: 'delivered', notice: 'passedOn' }], conversations: [] };

class Sender {
  readonly #options: DayOptions;
  readonly #receiver: HiddenReceiver;
  readonly #random: Random;
  readonly #agenda = new Agenda();
  readonly #gate: SiteGate;
  readonly #message: QueuedMessage;
  readonly #points: Point[] = [];
  readonly #results = new Map<string, AttemptResult>();
  #nowMs = 0;
  #busy = 0;
  #connections: number;
  #left: number;
  #taken = 0;
  #putOff = 0;
  #noise = 0;
  #wakeMs = Infinity;
  #out: Pass[] = [];
  #free: number[] = [];
  #lastTaken = 0;
  #lastPutOff = 0;

  constructor(options: DayOptions, receiver: HiddenReceiver, random: Random) {
    this.#options = options;
    this.#receiver = receiver;
    this.#random = random;
    const clock: Clock = {
      nowMs: () => this.#nowMs,
      monotonicMs: () => this.#nowMs,
      after: () => {
        throw new Error('the simulation sets no timers');
      },
    };
    const shaper = new Shaper({
      options: options.shaping,
      table: SharedTable.alone(),
      clock,
      log: silentLog,
    });
    this.#gate = shaper.gate({ site: receiver.host, hosts: [receiver.host], destination: receiver.domain });
    this.#connections = Math.min(5, this.#gate.connectionsMax ?? options.connections);
    this.#message = {
      org: 'shop',
      sender: '',
      stream: 'bulk',
      campaign: 'spring',
      sizeBytes: 20_000,
    } as QueuedMessage;
    this.#left = options.messages;
  }

  run(): ReceiverDay {
    const endMs = this.#options.hours * 3_600_000;
    let capacity = 0;
    for (let pointMs = 0; pointMs < endMs; ) {
      const nextMs = Math.min(endMs, pointMs + this.#options.pointSeconds * 1000);
      const rate = this.#receiver.capacity(pointMs);
      capacity += (rate * (nextMs - pointMs)) / 1000;
      this.#until(nextMs);
      this.#point(pointMs, rate, (nextMs - pointMs) / 1000);
      pointMs = nextMs;
    }
    const { name } = this.#receiver;
    return {
      name,
      capacity,
      taken: this.#taken,
      putOff: this.#putOff,
      noise: this.#noise,
      points: this.#points,
    };
  }

  #point(atMs: number, capacity: number, seconds: number): void {
    const taken = (this.#taken - this.#lastTaken) / seconds;
    const putOff = (this.#putOff - this.#lastPutOff) / seconds;
    [this.#lastTaken, this.#lastPutOff] = [this.#taken, this.#putOff];
    this.#points.push({ atMs, capacity, taken, putOff });
  }

  #until(endMs: number): void {
    this.#send();
    while (this.#agenda.nextMs <= endMs) {
      this.#nowMs = this.#agenda.nextMs;
      const what = this.#agenda.take();
      if (what === wake) {
        if (this.#nowMs >= this.#wakeMs) this.#wakeMs = Infinity;
      } else this.#answered(what);
      this.#send();
    }
    this.#nowMs = endMs;
  }

  #send(): void {
    const gate: Gate = this.#gate;
    while (this.#busy < Math.floor(this.#connections) && this.#left > 0) {
      const answer = gate.ask(this.#message, this.#receiver.domain, this.#nowMs);
      if (answer.is === 'wait') {
        if (answer.untilMs < this.#wakeMs) {
          // As the timers of the server are: not before, and some milliseconds late.
          this.#wakeMs = Math.ceil(answer.untilMs) + Math.floor(this.#random() * 4);
          this.#agenda.add(this.#wakeMs, wake);
        }
        return;
      }
      answer.go(1, this.#message);
      this.#busy += 1;
      this.#left -= 1;
      const slot = this.#free.pop() ?? this.#out.length;
      this.#out[slot] = answer;
      this.#agenda.add(this.#nowMs + 80 + this.#random() * 160, slot);
    }
  }

  #answered(slot: number): void {
    const told = this.#receiver.answer(this.#nowMs, this.#busy);
    this.#busy -= 1;
    this.#free.push(slot);
    const result = told.reply === '' ? delivered : this.#resultOf(told);
    const { tooMany } = this.#out[slot]!.over(this.#message, result);
    const most = this.#gate.connectionsMax ?? this.#options.connections;
    if (told.reply === '') {
      this.#taken += 1;
      this.#connections = Math.min(most, this.#connections + 1 / this.#connections);
      return;
    }
    this.#left += 1;
    if (/4\.7\.1 Greylisted|4\.2\.2/.test(told.reply)) this.#noise += 1;
    else this.#putOff += 1;
    if (tooMany) this.#connections = Math.max(1, this.#connections / 2);
  }

  #resultOf({ reply, phase }: Told): AttemptResult {
    let result = this.#results.get(reply);
    if (!result) {
      const answer = { phase, host: this.#receiver.host, ip: '', reply };
      const outcome: Outcome = { is: 'deferred', answer, siteDown: false };
      this.#results.set(reply, (result = { outcomes: [outcome], conversations: [] }));
    }
    return result;
  }
}

/** Of what a receiver could have taken, what it took; of all answers about us, those that put mail off. */
export function measure({ capacity, taken, putOff }: ReceiverDay): {
  readonly used: number;
  readonly deferred: number;
} {
  return { used: taken / capacity, deferred: putOff / Math.max(1, taken + putOff) };
}
