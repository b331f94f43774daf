/**
 * The certificates that this server shows, wherever they come from: files of the settings, an authority (ACME), and a self-signed one where
 * neither has one for the name of the server. Told of anew when any of them changes; threads then show them without a restart.
 */
import { execFile } from 'node:child_process';
import { systemClock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import { CertificateKeeper, type IssuedCertificate } from '../certificate/keeper.ts';
import type { DnsHook } from '../certificate/solvers.ts';
import type { Settings } from '../config/schema.ts';
import { certificateFacts } from '../net/certificate-facts.ts';
import type { Resolver } from '../net/resolver.ts';
import { TlsContexts, type Certificate } from '../net/tls-contexts.ts';
import type { Store } from '../store/store.ts';
import { CertificateFiles } from './certificate-files.ts';
import { CertificateNames } from './certificate-names.ts';
import { readAuthorities } from './part-options.ts';
import { selfSignedIn } from './self-signed.ts';

export interface CertificateStatus {
  readonly names: readonly string[];
  readonly source: 'file' | 'acme' | 'selfSigned';
  readonly issuer: string;
  readonly expiresAtMs: number;
  /** SHA-256 of its public key in hex; `''` when there is no certificate. */
  readonly keyDigest: string;
  /** What keeps it from being there or from being renewed; `''` for nothing. */
  readonly problem: string;
}

export interface DeskParts {
  readonly settings: Settings;
  /** Where the self-signed one is. */
  readonly folder: string;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly store: Store;
  readonly resolver: Resolver;
  /** This node among those that share the store. */
  readonly node: string;
  readonly onChange: (certificates: readonly Certificate[]) => void;
}

/** A program that publishes a DNS record may take so long. */
const hookWithinMs = 5 * 60_000;
/** A part of its life before the end in which a certificate that was not renewed is a trouble. */
const lateAfterPart = 0.9;

export class CertificateDesk implements Disposable {
  readonly #parts: DeskParts;
  readonly #files: CertificateFiles;
  readonly #names: CertificateNames;
  #settings: Settings;
  #selfSigned: Certificate;
  #keeper: CertificateKeeper | undefined;
  #begun = false;

  private constructor(parts: DeskParts, selfSigned: Certificate) {
    this.#parts = parts;
    this.#settings = parts.settings;
    this.#selfSigned = selfSigned;
    this.#files = new CertificateFiles(parts.settings.tls.certificates, parts.log, () => this.#changed());
    this.#names = new CertificateNames(parts.store, parts.resolver);
  }

  /** Rejects when files of the settings cannot be used. */
  static async open(parts: DeskParts): Promise<CertificateDesk> {
    const { settings, folder } = parts;
    const desk = new CertificateDesk(parts, await selfSignedIn(folder, settings.hostname));
    await desk.#startKeeper();
    desk.#measure();
    return desk;
  }

  /** From now on authorities are asked: they come to our listeners, which must be there. */
  begin(): void {
    this.#begun = true;
    this.#keeper?.begin();
  }

  /** What to show, the standard one first. */
  get current(): readonly Certificate[] {
    const files = this.#files.current;
    const issued = this.#issued();
    if (files.length > 0) return [...files, ...issued];
    const { hostname } = this.#settings;
    const own = issued.some(({ chain }) => certificateFacts(chain).names.includes(hostname.toLowerCase()));
    return own ? issued : [this.#selfSigned, ...issued];
  }

  /** Other settings. Rejects, and keeps what there is, when their files cannot be used. */
  async reload(settings: Settings): Promise<void> {
    this.#files.reload(settings.tls.certificates);
    this.#selfSigned = await selfSignedIn(this.#parts.folder, settings.hostname);
    this.#settings = settings;
    this.#keeper?.[Symbol.dispose]();
    this.#keeper = undefined;
    await this.#startKeeper();
    this.#measure();
  }

  status(): readonly CertificateStatus[] {
    const troubles = this.#keeper?.troubles ?? [];
    const shown = new Set(this.current);
    const of = (
      certificate: Certificate,
      source: CertificateStatus['source'],
      name = '',
    ): CertificateStatus => {
      const { names, issuer, validFromMs, expiresAtMs, keyDigest } = certificateFacts(certificate.chain);
      const nowMs = systemClock.nowMs();
      const late = nowMs > validFromMs + (expiresAtMs - validFromMs) * lateAfterPart;
      const trouble = troubles.find((one) => one.name === name)?.problem;
      const problem = nowMs > expiresAtMs ? 'has expired' : (trouble ?? (late ? 'runs out soon' : ''));
      return { names, source, issuer, expiresAtMs, keyDigest, problem };
    };
    const issued = this.#issued();
    const missing = troubles.filter(({ name }) => !issued.some((one) => one.name === name));
    return [
      ...this.#files.current.map((one) => of(one, 'file')),
      ...issued.map((one) => of(one, 'acme', one.name)),
      ...(shown.has(this.#selfSigned) ? [of(this.#selfSigned, 'selfSigned')] : []),
      ...missing.map(
        ({ name, problem }): CertificateStatus => ({
          names: [name],
          source: 'acme',
          issuer: '',
          expiresAtMs: 0,
          keyDigest: '',
          problem,
        }),
      ),
    ];
  }

  [Symbol.dispose](): void {
    this.#files[Symbol.dispose]();
    this.#keeper?.[Symbol.dispose]();
  }

  /** That of the host first. */
  #issued(): readonly IssuedCertificate[] {
    const { hostname } = this.#settings;
    return (this.#keeper?.issued ?? []).toSorted(
      (a, b) => Number(b.name === hostname) - Number(a.name === hostname),
    );
  }

  async #startKeeper(): Promise<void> {
    const { acme } = this.#settings.tls;
    if (acme.directory === '') return;
    const { store, log, resolver, node } = this.#parts;
    const external = acme.accountId === '' ? {} : { external: { id: acme.accountId, key: acme.accountKey } };
    const keeper = new CertificateKeeper({
      store,
      clock: systemClock,
      log,
      https: {
        resolver,
        clock: systemClock,
        ...(acme.authorities === '' ? {} : { ca: readAuthorities(acme.authorities) }),
      },
      acme: { directory: acme.directory, contact: acme.contact, ...external },
      challenge: acme.challenge,
      keepKey: acme.keepKey,
      hook: acme.dnsHook === '' ? undefined : hookOf(acme.dnsHook),
      dnsWaitMs: acme.dnsWaitSeconds * 1000,
      node,
      wanted: () => this.#names.wanted(this.#settings),
      onChange: () => this.#changed(),
    });
    this.#keeper = keeper;
    await keeper.open();
    if (this.#begun) keeper.begin();
  }

  /** What cannot be used is told and not shown: the threads would refuse it too. */
  #changed(): void {
    const { log, onChange } = this.#parts;
    const { current } = this;
    try {
      void new TlsContexts({ certificates: current });
    } catch (error) {
      return log.error({ error }, 'new certificates cannot be used');
    }
    this.#measure();
    onChange(current);
  }

  #measure(): void {
    const gauge = this.#parts.metrics.gauge(
      'hikyaku_tls_certificate_expires_timestamp_seconds',
      'When each certificate runs out, as Unix time.',
      ['name', 'source'],
    );
    for (const { names, source, expiresAtMs } of this.status())
      gauge.set(expiresAtMs / 1000, { name: names[0] ?? '', source });
  }
}

/** Without a shell: the name is a domain's and the text the authority's, but neither is to be trusted with one. */
function hookOf(program: string): DnsHook {
  return (action, name, text) =>
    new Promise((resolve, reject) => {
      execFile(program, [action, name, text], { timeout: hookWithinMs }, (error, _, stderr) => {
        if (error === null) resolve();
        else reject(new Error(`${program} ${action}: ${stderr.trim() || error.message}`, { cause: error }));
      });
    });
}
