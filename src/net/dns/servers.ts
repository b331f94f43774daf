/**
 * Which servers to ask, and in which order: those configured or the system's (resolv.conf(5), read again when it changes), the ones
 * that lately did not answer last.
 */
import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { isLoopback } from '../address-block.ts';
import type { Clock } from '../../base/clock.ts';

export interface Server {
  readonly ip: string;
  readonly port: number;
  readonly trusted: boolean;
}

/** The AD bit of a resolver elsewhere can be forged on the way, so it is never believed (RFC 4035, 4.9.3). */
export const mayTrust = (ip: string): boolean => isLoopback(ip);

export interface ResolvConf {
  readonly servers: readonly Server[];
  readonly rotate: boolean;
}

/** glibc asks the first three; more make failing slower, not better. */
const serversMax = 3;
const dnsPort = 53;
/** How often the file is looked at. */
const lookAgainMs = 5_000;
/** How long a server that did not answer is asked last. */
const penaltyMs = 30_000;
/** How often a server may repeat a name in another case before it is asked in lower case, and for how long it then is. */
const otherCasesMax = 3;
const lowerCaseMs = 3_600_000;

/** Never throws: what it does not know it skips. Without a server it is the local one, as in resolv.conf(5). */
export function parseResolvConf(text: string, trust = false): ResolvConf {
  const lines = text.split('\n').map((line) =>
    line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/),
  );
  const options = new Set(lines.flatMap(([word, ...rest]) => (word === 'options' ? rest : [])));
  const ips = lines
    .filter(([word, ip]) => word === 'nameserver' && isIP(ip ?? '') !== 0)
    .map(([, ip]) => ip!);
  const used = ips.length === 0 ? ['127.0.0.1'] : ips.slice(0, serversMax);
  return {
    servers: used.map((ip) => ({
      ip,
      port: dnsPort,
      trusted: (trust || options.has('trust-ad')) && mayTrust(ip),
    })),
    rotate: options.has('rotate'),
  };
}

export class Servers {
  readonly #clock: Clock;
  readonly #path: string | undefined;
  readonly #trust: boolean;
  #conf: ResolvConf;
  #stamp = '';
  #lookedAtMs = -Infinity;
  #turn = 0;
  /** Servers that did not answer, and until when they are asked last. */
  readonly #silentUntilMs = new Map<Server, number>();
  readonly #otherCase = new Map<Server, { readonly times: number; readonly untilMs: number }>();

  /** Fixed servers, or the path of a resolv.conf to follow (`trust`: as if it said `trust-ad`). */
  constructor(source: readonly Server[] | string, clock: Clock, trust = false) {
    this.#clock = clock;
    this.#trust = trust;
    this.#path = typeof source === 'string' ? source : undefined;
    this.#conf = typeof source === 'string' ? parseResolvConf('', trust) : { servers: source, rotate: false };
  }

  /** All servers, the best first. */
  inOrder(): readonly Server[] {
    this.#follow();
    const { servers, rotate } = this.#conf;
    if (servers.length === 1) return servers;
    const shift = rotate ? this.#turn++ % servers.length : 0;
    const turned = [...servers.slice(shift), ...servers.slice(0, shift)];
    const nowMs = this.#clock.monotonicMs();
    const silent = (server: Server): boolean => (this.#silentUntilMs.get(server) ?? 0) > nowMs;
    return [...turned.filter((server) => !silent(server)), ...turned.filter(silent)];
  }

  /** No server has answered lately: another question would wait in vain, too. */
  get allSilent(): boolean {
    const nowMs = this.#clock.monotonicMs();
    return this.#conf.servers.every((server) => (this.#silentUntilMs.get(server) ?? 0) > nowMs);
  }

  noteSilent(server: Server): void {
    this.#silentUntilMs.set(server, this.#clock.monotonicMs() + penaltyMs);
  }

  noteAnswer(server: Server): void {
    this.#silentUntilMs.delete(server);
  }

  /** The server repeats names as they were asked, as far as is known. */
  keepsCase(server: Server): boolean {
    const seen = this.#otherCase.get(server);
    if (seen === undefined || seen.times < otherCasesMax) return true;
    if (seen.untilMs > this.#clock.monotonicMs()) return false;
    this.#otherCase.delete(server);
    return true;
  }

  noteOtherCase(server: Server): void {
    const { times } = this.#otherCase.get(server) ?? { times: 0 };
    this.#otherCase.set(server, { times: times + 1, untilMs: this.#clock.monotonicMs() + lowerCaseMs });
  }

  /** A file that cannot be read leaves the last known servers in place. */
  #follow(): void {
    const nowMs = this.#clock.monotonicMs();
    if (this.#path === undefined || nowMs - this.#lookedAtMs < lookAgainMs) return;
    this.#lookedAtMs = nowMs;
    try {
      const { mtimeMs, ino, size } = statSync(this.#path);
      const stamp = `${ino} ${mtimeMs} ${size}`;
      if (stamp === this.#stamp) return;
      this.#conf = parseResolvConf(readFileSync(this.#path, 'utf8'), this.#trust);
      this.#stamp = stamp;
      this.#silentUntilMs.clear();
      this.#otherCase.clear();
    } catch {
      this.#stamp = '';
    }
  }
}
