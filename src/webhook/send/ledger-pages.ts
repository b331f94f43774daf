/**
 * The ledger as those who follow it read it: in pages of fixed places, so that all endpoints that stand at the same place share one reading. Full pages never change;
 * the last one is read again after a moment. Memory is bounded by the number of pages.
 */
import type { Clock } from '../../base/clock.ts';
import type { EventData } from '../../events/event.ts';
import { after, type LedgerEvent } from '../../events/ledger.ts';
import { batch } from '../../store/transaction.ts';
import type { Store } from '../../store/store.ts';
import { factsOf, type MessageFacts } from '../payload.ts';

export const pageEvents = 500;
const pagesMax = 12;
const factsMax = 5000;
const freshMs = 200;

interface Page {
  readonly events: Promise<readonly LedgerEvent[]>;
  readonly readAtMs: number;
}

export class LedgerPages {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #pages = new Map<number, Page>();
  readonly #facts = new Map<string, MessageFacts | undefined>();

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Events behind `seq` to the end of their page, and where that is: at least one page on, or the end of the ledger. */
  async after(seq: number): Promise<{ readonly events: readonly LedgerEvent[]; readonly end: number }> {
    const number = Math.floor(seq / pageEvents);
    const events = (await this.#page(number)).filter((event) => event.seq > seq);
    return { events, end: events.at(-1)?.seq ?? seq };
  }

  async #page(number: number): Promise<readonly LedgerEvent[]> {
    const known = this.#pages.get(number);
    const nowMs = this.#clock.monotonicMs();
    const last = (number + 1) * pageEvents;
    if (known) {
      const events = await known.events;
      if (events.at(-1)?.seq === last || nowMs - known.readAtMs < freshMs) return events;
    }
    const read = this.#store.read(() => after(number * pageEvents, pageEvents));
    const events = read.then((found) => found.filter((event) => event.seq <= last));
    events.catch(() => this.#pages.delete(number));
    this.#pages.delete(number);
    this.#pages.set(number, { events, readAtMs: nowMs });
    for (const oldest of this.#pages.keys()) {
      if (this.#pages.size <= pagesMax) break;
      this.#pages.delete(oldest);
    }
    const own = await events;
    if (own.length > 0) return own;
    // What was here has become too old: go on where something is.
    const beyond = await this.#store.read(() => after(last, 1));
    return beyond;
  }

  /** Events by their numbers. */
  async these(seqs: readonly number[]): Promise<readonly LedgerEvent[]> {
    const found: LedgerEvent[] = [];
    for (const seq of seqs) {
      const [event] = await this.#store.read(() => after(seq - 1, 1));
      if (event?.seq === seq) found.push(event);
    }
    return found;
  }

  /** What is known of the messages of events. */
  async facts(events: readonly LedgerEvent[]): Promise<(event: LedgerEvent) => MessageFacts | undefined> {
    const key = ({ message, org }: LedgerEvent): string => `${message} ${org}`;
    for (const event of events) if (event.is === 'accepted') this.#facts.set(key(event), factsOf(event.data));
    const unknown = events.filter((event) => event.message !== '' && !this.#facts.has(key(event)));
    const wanted = [...new Map(unknown.map((event) => [key(event), event])).values()];
    if (wanted.length > 0) {
      const answers = await this.#store.read(() =>
        batch(
          wanted.map(({ message, org }) => ({
            sql: "select data from events.event where message = ? and org = ? and kind = 'accepted' order by seq limit 1",
            params: [message, org],
          })),
        ),
      );
      wanted.forEach((event, i) => {
        const data = answers[i]?.[0]?.['data'];
        const facts =
          typeof data === 'string' ? factsOf(JSON.parse(data) as EventData['accepted']) : undefined;
        this.#facts.set(key(event), facts);
      });
    }
    const given = new Map(events.map((event) => [key(event), this.#facts.get(key(event))]));
    for (const oldest of this.#facts.keys()) {
      if (this.#facts.size <= factsMax) break;
      this.#facts.delete(oldest);
    }
    return (event) => given.get(key(event));
  }
}
