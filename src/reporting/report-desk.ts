/** Reports of a domain, for people: lists, sources with names, and the path to reject. */
import type { Clock } from '../base/clock.ts';
import { parseDmarcRecord } from '../proto/dmarc/record.ts';
import { recordsOf, type TxtLookup } from '../proto/dns/lookup.ts';
import { pathToReject, type PathAnswer, type Policy } from './path-to-reject.ts';
import type { Coverage, DmarcHead, ReceivedReports, Taken, TlsHead } from './received-reports.ts';
import { nameSource, type NamedSource } from './source-kind.ts';

export type { Coverage, DmarcHead, NamedSource, PathAnswer, Taken, TlsHead };

export interface ReportDeskParts {
  readonly received: ReceivedReports;
  readonly clock: Clock;
  readonly dns: TxtLookup;
  /** A name of an address that leads back to it; `''` without one. Never rejects. */
  readonly hostOf: (ip: string) => Promise<string>;
  /** Of this server, as the world sees them. */
  readonly ownAddresses: () => Promise<readonly string[]>;
}

export interface DomainKey {
  readonly org: string;
  /** In A-labels. */
  readonly domain: string;
}

export interface PathReport extends PathAnswer {
  readonly coverage: Coverage;
  readonly policy: Policy | undefined;
  /** Those whose mail would be refused. */
  readonly sources: readonly NamedSource[];
}

const dayMs = 86_400_000;
const sourcesMax = 500;
/** Sources whose names are looked up for one answer. */
const namedMax = 50;
const detailsMax = 50;

export class ReportDesk {
  readonly #parts: ReportDeskParts;

  constructor(parts: ReportDeskParts) {
    this.#parts = parts;
  }

  dmarcReports(key: DomainKey, days: number, limit: number): Promise<readonly DmarcHead[]> {
    return this.#parts.received.dmarcReports({ ...key, fromMs: this.#from(days), limit });
  }

  tlsReports(key: DomainKey, days: number, limit: number): Promise<readonly TlsHead[]> {
    return this.#parts.received.tlsReports({ ...key, fromMs: this.#from(days), limit });
  }

  /** Sources with the most unproven mail first, named. */
  async sources(key: DomainKey, days: number, limit = sourcesMax): Promise<readonly NamedSource[]> {
    const { received, hostOf, ownAddresses } = this.#parts;
    const span = { ...key, fromMs: this.#from(days), limit };
    const sums = await received.sources(span);
    const own = await ownAddresses();
    const hosts = new Map(
      await Promise.all(
        sums.slice(0, namedMax).map(async ({ sourceIp }) => [sourceIp, await hostOf(sourceIp)] as const),
      ),
    );
    const known = { domain: key.domain, ownAddresses: own, hosts };
    const named: NamedSource[] = [];
    for (const sum of sums) {
      const asked = sum.passed < sum.messages || named.length < namedMax;
      const details = asked ? await received.source({ ...span, limit: detailsMax }, sum.sourceIp) : [];
      named.push(nameSource(sum, details, known));
    }
    return named;
  }

  async path(key: DomainKey, days: number): Promise<PathReport> {
    const { received, clock } = this.#parts;
    const fromMs = this.#from(days);
    const [coverage, sources, published] = await Promise.all([
      received.coverage({ ...key, fromMs }),
      this.sources(key, days),
      this.#published(key.domain),
    ]);
    const { policy, testing } = published;
    const answer = pathToReject({ coverage, sources, policy, testing }, clock.nowMs());
    return {
      ...answer,
      coverage,
      policy,
      sources: sources.filter(({ messages, passed }) => passed < messages),
    };
  }

  /** A file that came in another way. */
  take(key: DomainKey, file: Uint8Array): Promise<readonly Taken[]> {
    return this.#parts.received.take(key.org, 'file', async () => file);
  }

  async #published(domain: string): Promise<{ policy: Policy | undefined; testing: boolean }> {
    const texts = recordsOf(await this.#parts.dns.txt(`_dmarc.${domain}`));
    const record = texts?.map((text) => parseDmarcRecord(text)).find((one) => one !== undefined);
    return { policy: record?.p, testing: record?.testing ?? false };
  }

  #from(days: number): number {
    return this.#parts.clock.nowMs() - days * dayMs;
  }
}
