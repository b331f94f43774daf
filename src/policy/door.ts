/**
 * What is asked about a mail before it is sent: for each recipient, whether the address that brings it is let in at all. What lists of addresses say may be
 * enough to refuse it; greylisting may put it off.
 */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Finding } from './check.ts';
import type { Greylist } from './greylist.ts';
import type { LineFinder } from './line-check.ts';
import type { ReputationLists } from './reputation-lists.ts';
import { judge, type VerdictRules } from './verdict.ts';

export interface DoorParts {
  readonly lists: ReputationLists;
  /** What kind of line an address is; absent: nobody looks. */
  readonly lines?: LineFinder;
  /** Of an organisation. */
  readonly rulesOf: (org: string) => Promise<DoorRules>;
  readonly greylist: Greylist;
  readonly clock: Clock;
  readonly log: Log;
}

export interface DoorRules extends VerdictRules {
  readonly greylisting: boolean;
  /** The organisation has rules that speak for a mail: lists alone do not decide before its text. */
  readonly mayVouch: boolean;
}

export interface AtDoor {
  readonly ip: string;
  readonly sender: string;
  readonly recipient: string;
  /** Whose the recipient is. */
  readonly org: string;
}

/** Why a recipient is refused: for the sender, without codes. */
export interface TurnedAway {
  readonly reply: string;
  readonly temporary: boolean;
}

/** What lists have not said by then is heard with the text. */
const listsWaitMs = 5000;
const minuteMs = 60_000;

export class Door {
  readonly #parts: DoorParts;

  constructor(parts: DoorParts) {
    this.#parts = parts;
  }

  /** Undefined: come in. */
  async admit({ ip, sender, recipient, org }: AtDoor): Promise<TurnedAway | undefined> {
    const { rulesOf, greylist } = this.#parts;
    const rules = await rulesOf(org);
    const findings = await this.#known(ip);
    const { action, decisive, findings: weighed } = judge(org, { findings, failures: [] }, rules);
    if (action === 'refuse' && !rules.mayVouch) {
      const told = decisive ?? weighed.find(({ weight }) => weight > 0);
      return { reply: told?.reply ?? `${ip} is on lists of addresses that send spam`, temporary: false };
    }
    // Who has a good name somewhere is no stranger.
    if (!rules.greylisting || weighed.some(({ weight }) => weight < 0)) return undefined;
    const waitMs = await this.#wait(greylist, { ip, sender, recipient });
    if (waitMs === 0) return undefined;
    const minutes = Math.ceil(waitMs / minuteMs);
    return {
      reply: `Greylisted: come again in ${minutes} minute${minutes === 1 ? '' : 's'}`,
      temporary: true,
    };
  }

  /** What lists say, and of what kind the line is. */
  async #known(ip: string): Promise<readonly Finding[]> {
    const { lists, lines } = this.#parts;
    const asked = [...(lists.has('address') ? [lists.address(ip)] : []), ...(lines ? [lines(ip)] : [])];
    return (await Promise.all(asked.map((one) => this.#inTime(one)))).flat();
  }

  async #inTime(asked: Promise<readonly Finding[]>): Promise<readonly Finding[]> {
    const { clock, log } = this.#parts;
    const { promise: late, resolve } = Promise.withResolvers<readonly Finding[]>();
    using timer = clock.after(listsWaitMs, () => resolve([]));
    void timer;
    try {
      return await Promise.race([asked, late]);
    } catch (error) {
      log.warn({ error }, 'an address could not be looked at');
      return [];
    }
  }

  /** Without the store nobody is kept out. */
  async #wait(greylist: Greylist, stranger: Parameters<Greylist['waitMs']>[0]): Promise<number> {
    try {
      return await greylist.waitMs(stranger);
    } catch (error) {
      this.#parts.log.warn({ error }, 'greylisting could not be asked');
      return 0;
    }
  }
}
