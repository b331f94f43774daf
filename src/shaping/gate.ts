/** The gate of one site: by which of its paths a mail may leave now, or when to ask again. */
import type { Gate, Pass, SiteFacts, Wait } from '../queue/gate.ts';
import type { QueuedMessage } from '../queue/message.ts';
import type { ShapingOptions, SourceOption } from './options.ts';
import { Path, type PathParts } from './path.ts';
import { providerOf } from './rules/providers.ts';
import { appliesTo, type Mail, type Receiver } from './rules/merge.ts';
import { Turns, type Pool, type Pools } from './sources/pools.ts';

export interface GateParts extends PathParts {
  readonly options: ShapingOptions;
  readonly pools: Pools;
  /** Taken out for this provider, because a block list names its address. */
  readonly isPulled: (source: string, provider: string) => boolean;
  readonly onClose: (gate: SiteGate) => void;
}

interface Turn {
  readonly path: Path;
  readonly weight: number;
}

interface PoolPaths {
  readonly paths: readonly Path[];
  readonly turns: Turns<Turn>;
}

type Told = keyof Mail;

export class SiteGate implements Gate {
  readonly receiver: Receiver;
  readonly destination: string;
  readonly connectionsMax: number | undefined;
  readonly #parts: GateParts;
  readonly #paths = new Map<string, Path>();
  readonly #pools = new Map<Pool, PoolPaths>();
  /** By what the rules that apply here tell mail apart. */
  readonly #tells: readonly Told[];
  /** The answer of the latest question, when it was a wait. */
  #wait: { is: 'wait'; untilMs: number; whole: boolean } = { is: 'wait', untilMs: 0, whole: true };

  constructor(parts: GateParts, { site, hosts, destination }: SiteFacts) {
    this.#parts = parts;
    this.destination = destination;
    this.receiver = receiverOf({ site, hosts, destination });
    const rules = parts.options.rules.filter(
      (rule) => rule.source !== undefined || appliesTo(rule, this.receiver, ''),
    );
    this.#tells = (['domain', 'org', 'stream', 'campaign'] as const).filter((field) =>
      rules.some((rule) => rule[field] !== undefined),
    );
    const paths = parts.pools.all.flatMap((pool) => this.#pathsOf(pool).paths);
    const most = Math.max(...paths.map(({ connections }) => connections));
    this.connectionsMax = Number.isFinite(most) ? most : undefined;
  }

  get ways(): number {
    return this.#paths.size;
  }

  get paths(): readonly Path[] {
    return [...this.#paths.values()];
  }

  ask(message: QueuedMessage, destination: string, nowMs: number): Pass | Wait {
    const { paths, turns } = this.#pathsOf(this.#parts.pools.of(message.org, message.stream));
    const wait = this.#wait;
    wait.untilMs = Infinity;
    wait.whole = this.#paths.size === paths.length;
    const key = this.#keyOf(message, destination);
    if (paths.length === 1) return this.#may(paths[0]!, { message, destination, key, nowMs }) ?? wait;
    let pass: Pass | undefined;
    const { provider } = this.receiver;
    const tryAll = (pulled: boolean) =>
      turns.next(({ path }) => {
        if (this.#parts.isPulled(path.source.name, provider) !== pulled) return false;
        const found = this.#may(path, { message, destination, key, nowMs });
        if (found) pass = found;
        return found !== undefined;
      });
    // With nothing else to send from, one that a list names is better than none: what its receiver thinks of it, it will say.
    const allPulled = paths.every(({ source }) => this.#parts.isPulled(source.name, provider));
    tryAll(allPulled);
    return pass ?? wait;
  }

  close(): void {
    this.#parts.onClose(this);
  }

  #may(
    path: Path,
    asked: { message: QueuedMessage; destination: string; key: string; nowMs: number },
  ): Pass | undefined {
    const { message, destination, key, nowMs } = asked;
    const wait = this.#wait;
    const openAt = path.openAtMs(nowMs);
    if (openAt > nowMs) {
      wait.untilMs = Math.min(wait.untilMs, openAt);
      return undefined;
    }
    const load = path.load(key, () => mailOf(message, destination));
    const closed = load.openAt(message, nowMs);
    if (closed === undefined) return load;
    wait.untilMs = Math.min(wait.untilMs, closed.untilMs);
    wait.whole &&= closed.whole;
    return undefined;
  }

  #keyOf(message: QueuedMessage, destination: string): string {
    const tells = this.#tells;
    if (tells.length === 0) return '';
    const mail = mailOf(message, destination);
    return tells.map((field) => mail[field]).join('\n');
  }

  #pathsOf(pool: Pool): PoolPaths {
    let found = this.#pools.get(pool);
    if (!found) {
      const turns = pool.members.map(({ source, weight }) => ({ path: this.#pathBy(source), weight }));
      found = { paths: turns.map(({ path }) => path), turns: new Turns(turns) };
      this.#pools.set(pool, found);
    }
    return found;
  }

  #pathBy(source: SourceOption): Path {
    let path = this.#paths.get(source.name);
    if (!path) {
      path = new Path(this.#parts, source, this.receiver);
      this.#paths.set(source.name, path);
    }
    return path;
  }
}

/**
 * What is counted together is who has the same servers, also where what domains ask of encryption keeps their connections apart. What the operator
 * named shares nothing with strangers who name the same servers as their MX.
 */
export function receiverOf({ site, hosts, destination }: SiteFacts): Receiver {
  const named = /^(?:route|lmtp) /.exec(site)?.[0] ?? '';
  const servers = hosts.length === 0 ? site : named + [...new Set(hosts)].sort().join(' ');
  return { site: servers, hosts, provider: providerOf(hosts, destination) };
}

const mailOf = ({ org, stream, campaign }: QueuedMessage, domain: string): Mail => ({
  domain,
  org,
  stream,
  campaign,
});
