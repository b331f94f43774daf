/** Which pool of sources a mail leaves by, and whose turn it is within it. */
import type { PoolOption, SourceOption, Stream } from '../options.ts';

export interface Member {
  readonly source: SourceOption;
  readonly weight: number;
}

export interface Pool {
  readonly name: string;
  readonly members: readonly Member[];
}

/** The machine as delivery's own settings have it. */
export const ownSource: SourceOption = {
  name: '',
  addresses: [],
  hostname: '',
  proxy: undefined,
  warmUpFrom: '',
};

export class Pools {
  readonly #pools: readonly { readonly option: PoolOption; readonly pool: Pool }[];
  readonly #rest: Pool;

  constructor(pools: readonly PoolOption[], sources: readonly SourceOption[]) {
    const named = new Map(sources.map((source) => [source.name, source]));
    this.#pools = pools
      .map((option) => ({ option, pool: { name: option.name, members: membersOf(option, named) } }))
      .filter(({ pool }) => pool.members.length > 0)
      .sort((a, b) => precision(b.option) - precision(a.option));
    const all = sources.length > 0 ? sources : [ownSource];
    this.#rest = { name: '', members: all.map((source) => ({ source, weight: 1 })) };
  }

  /** A pool for the organisation comes before one for the stream, and one for both before either. */
  of(org: string, stream: Stream): Pool {
    for (const { option, pool } of this.#pools) if (fits(option, org, stream)) return pool;
    return this.#rest;
  }

  get all(): readonly Pool[] {
    return [...this.#pools.map(({ pool }) => pool), this.#rest];
  }
}

function membersOf({ members }: PoolOption, named: ReadonlyMap<string, SourceOption>): readonly Member[] {
  return members.flatMap(({ source: name, weight }) => {
    const source = named.get(name);
    return source ? [{ source, weight }] : [];
  });
}

const precision = ({ orgs, streams }: PoolOption): number =>
  (orgs.length > 0 ? 2 : 0) + (streams.length > 0 ? 1 : 0);

const fits = ({ orgs, streams }: PoolOption, org: string, stream: Stream): boolean =>
  (orgs.length === 0 || orgs.includes(org)) && (streams.length === 0 || streams.includes(stream));

/** Smooth weighted round robin: turns are spread, and over any stretch each has its part. */
export class Turns<T extends { readonly weight: number }> {
  readonly #members: readonly T[];
  readonly #credits: number[];
  readonly #total: number;

  constructor(members: readonly T[]) {
    this.#members = members;
    this.#credits = members.map(() => 0);
    this.#total = members.reduce((sum, { weight }) => sum + weight, 0);
  }

  /** Who goes: of those that `may`, the one whose turn it is most. */
  next(may: (member: T) => boolean): T | undefined {
    let best = -1;
    for (let i = 0; i < this.#members.length; i++) {
      const credit = this.#credits[i]! + this.#members[i]!.weight;
      if (best !== -1 && credit <= this.#credits[best]! + this.#members[best]!.weight) continue;
      if (may(this.#members[i]!)) best = i;
    }
    if (best === -1) return undefined;
    // Who could not go saves up no more than a round, and who went for others owes no more.
    for (let i = 0; i < this.#members.length; i++)
      this.#credits[i] = Math.min(this.#credits[i]! + this.#members[i]!.weight, this.#total);
    this.#credits[best] = Math.max(this.#credits[best]! - this.#total, -this.#total);
    return this.#members[best];
  }
}
