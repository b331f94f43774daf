/**
 * What the servers that a zone itself names say: the truth about its records, without any cache in between. Each server is asked, for one that
 * was forgotten at the last change is a common fault.
 */
import type { Clock } from '../base/clock.ts';
import type { DialGuard } from '../net/dialer.ts';
import type { Zone as OwnZone } from '../net/zone.ts';
import {
  createResolver,
  type Answer,
  type RecordType,
  type RecordTypes,
  type Resolver,
} from '../net/resolver.ts';

export interface AuthorityParts {
  readonly resolver: Resolver;
  readonly clock: Clock;
  /** Of authoritative servers: 53 but in tests. */
  readonly port: number;
  readonly timeoutMs: number;
  /** Records that the operator has given for names that no name server may have: it is asked there instead. */
  readonly ownZone?: Pick<OwnZone, 'find'>;
  /** Which addresses may be asked: strangers choose the servers of their zones. */
  readonly guard?: DialGuard;
}

/** Names that are for tests and examples, or of this machine, and have no name servers (RFC 2606, RFC 6761). */
const reserved = /(?:^|\.)(?:test|example|invalid|localhost|127\.in-addr\.arpa)$/;

/** What one server says of a name. */
export interface ServerSays {
  readonly server: string;
  /** Records in zone-file form, or the name that it is an alias of; undefined: it did not answer, see `problem`. */
  readonly records: readonly string[] | undefined;
  readonly problem: string;
}

interface Authority {
  readonly name: string;
  readonly resolver: Resolver;
}

interface Zone {
  readonly servers: readonly Authority[];
  /** Why there are none. */
  readonly problem: string;
}

/** Servers of one zone that are asked. */
const serversMax = 8;

export class Authorities {
  readonly #parts: AuthorityParts;
  readonly #zones = new Map<string, Promise<Zone>>();

  constructor(parts: AuthorityParts) {
    this.#parts = parts;
  }

  /** One entry for each server of the zone that holds the name; a single one without a server's name when the zone cannot be found. */
  async ask(name: string, type: RecordType): Promise<readonly ServerSays[]> {
    const own = await this.#ownRecords(name, type);
    if (own !== undefined) return [{ server: '', records: own, problem: '' }];
    const { servers, problem } = await this.#zoneOf(name);
    if (servers.length === 0) return [{ server: '', records: undefined, problem }];
    return Promise.all(servers.map((one) => this.#askOne(one, name, type)));
  }

  /** Of a name for examples that stands in a zone of the settings, or below one that does. */
  async #ownRecords(name: string, type: RecordType): Promise<readonly string[] | undefined> {
    const { ownZone, resolver } = this.#parts;
    if (!reserved.test(name) || ownZone?.find(name, type) === undefined) return undefined;
    const answer = await resolver.lookup(name, type);
    return answer.is === 'records' ? answer.step.answer : [];
  }

  async #askOne({ name: server, resolver }: Authority, name: string, type: RecordType): Promise<ServerSays> {
    const answer = await resolver.lookup(name, type);
    if (answer.is === 'records') return { server, records: answer.step.answer, problem: '' };
    if (answer.is === 'noData' || answer.is === 'nxDomain') return { server, records: [], problem: '' };
    // An alias that leads out of the zone ends there for its server; where it leads is another zone's to say.
    const alias = type === 'CNAME' ? undefined : await resolver.cname(name);
    if (alias?.is !== 'records')
      return { server, records: undefined, problem: `${answer.reason}: ${answer.detail}` };
    const behind = await this.#parts.resolver.lookup(alias.records[0]!, type);
    if (behind.is === 'failure')
      return { server, records: undefined, problem: `${behind.reason}: ${behind.detail}` };
    return { server, records: behind.is === 'records' ? behind.step.answer : [], problem: '' };
  }

  /** The nearest name above that has NS records. */
  async #zoneOf(name: string): Promise<Zone> {
    for (let at = name; at.includes('.'); at = at.slice(at.indexOf('.') + 1)) {
      const zone = await this.#zone(at);
      if (zone !== undefined) return zone;
    }
    return { servers: [], problem: `no zone of ${name} is found` };
  }

  async #zone(apex: string): Promise<Zone | undefined> {
    const known = this.#zones.get(apex);
    if (known !== undefined) return known;
    const answer = await this.#parts.resolver.lookup(apex, 'NS');
    if (answer.is === 'failure') return { servers: [], problem: `${apex}: ${answer.reason}` };
    // An alias is no zone, whatever it leads to.
    if (answer.is !== 'records' || answer.canonicalName !== apex) return undefined;
    const zone = this.#serversOf(answer);
    this.#zones.set(apex, zone);
    return zone;
  }

  async #serversOf(answer: Extract<Answer<RecordTypes['NS']>, { is: 'records' }>): Promise<Zone> {
    const names = answer.records.slice(0, serversMax);
    const found = await Promise.all(names.map((name) => this.#serverNamed(name)));
    const servers = found.filter((one) => one !== undefined);
    return {
      servers,
      problem: servers.length === 0 ? `no name server of ${answer.step.name} has an address` : '',
    };
  }

  async #serverNamed(name: string): Promise<Authority | undefined> {
    const { resolver, clock, port, timeoutMs, guard = () => true } = this.#parts;
    const [a, aaaa] = await Promise.all([resolver.a(name), resolver.aaaa(name)]);
    const ips = [a, aaaa].flatMap((one) => (one.is === 'records' ? one.records.filter(guard) : []));
    if (ips.length === 0) return undefined;
    return {
      name,
      resolver: createResolver({
        clock,
        servers: ips.slice(0, 2).map((ip) => ({ ip, port })),
        tryTimeoutMs: timeoutMs,
        deadlineMs: timeoutMs * 3,
        cacheEntriesMax: 0,
      }),
    };
  }
}
