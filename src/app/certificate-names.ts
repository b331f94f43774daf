/** Which certificates an authority is asked for: one for this host, and one for each domain whose service names lead here. */
import type { WantedCertificate } from '../certificate/keeper.ts';
import { systemClock } from '../base/clock.ts';
import type { Settings } from '../config/schema.ts';
import { domainNames } from '../directory/domain-names.ts';
import type { Resolver } from '../net/resolver.ts';
import { domainToAscii } from '../proto/smtp/domain.ts';
import type { Store } from '../store/store.ts';

/** What is served by HTTPS under the name of a domain. */
export const serviceLabels = ['mta-sts', 'autoconfig', 'autodiscover'] as const;

/** DNS is asked about the names of all domains this often. */
const lookEveryMs = 10 * 60_000;
const domainsAtOnce = 200;

export class CertificateNames {
  readonly #store: Pick<Store, 'read'>;
  readonly #resolver: Resolver;
  #lookedAtMs = -Infinity;
  #ofDomains: readonly WantedCertificate[] = [];

  constructor(store: Pick<Store, 'read'>, resolver: Resolver) {
    this.#store = store;
    this.#resolver = resolver;
  }

  async wanted(settings: Settings): Promise<readonly WantedCertificate[]> {
    const { hostname, tls } = settings;
    const own = [hostname, ...tls.acme.extraNames].map((name) => domainToAscii(name) ?? name.toLowerCase());
    const host: WantedCertificate = { name: hostname, names: [...new Set(own)] };
    if (!tls.acme.domains) return [host];
    if (systemClock.monotonicMs() - this.#lookedAtMs > lookEveryMs) {
      this.#ofDomains = await this.#look(hostname);
      this.#lookedAtMs = systemClock.monotonicMs();
    }
    return [host, ...this.#ofDomains];
  }

  async #look(hostname: string): Promise<readonly WantedCertificate[]> {
    const here = await this.#addressesOf(hostname);
    const found: WantedCertificate[] = [];
    for (let after = ''; ; ) {
      const domains = await this.#store.read(() => domainNames(after, domainsAtOnce));
      for (const domain of domains) {
        const names = await this.#leadingHere(domain, here);
        if (names.length > 0) found.push({ name: domain, names });
      }
      const last = domains.at(-1);
      if (last === undefined || domains.length < domainsAtOnce) return found;
      after = last;
    }
  }

  /** An authority asked about a name that leads elsewhere only counts a failure against us. */
  async #leadingHere(domain: string, here: ReadonlySet<string>): Promise<readonly string[]> {
    const names = serviceLabels.map((label) => `${label}.${domain}`);
    const addresses = await Promise.all(names.map((name) => this.#addressesOf(name)));
    return names.filter((_, i) => addresses[i]!.size > 0 && [...addresses[i]!].every((ip) => here.has(ip)));
  }

  async #addressesOf(name: string): Promise<ReadonlySet<string>> {
    const answers = await Promise.all([this.#resolver.a(name), this.#resolver.aaaa(name)]);
    return new Set(answers.flatMap((answer) => (answer.is === 'records' ? answer.records : [])));
  }
}
