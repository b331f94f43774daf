/** What can be told of the machine before a server runs on it. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { systemClock } from '../base/clock.ts';
import { canBind, type BindAnswer } from '../net/bind-check.ts';
import { onlyPublic } from '../net/dialer.ts';

export type { BindAnswer } from '../net/bind-check.ts';

/** Addresses of this machine that others on the Internet can reach, IPv4 first. Behind NAT there are none. */
export function publicAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const found = all.filter(({ internal, address }) => !internal && onlyPublic(address));
  return [...new Set(found.map(({ address }) => address))].sort(
    (a, b) => Number(a.includes(':')) - Number(b.includes(':')),
  );
}

export interface Place {
  readonly host: string;
  readonly port: number;
}

/** What cannot be listened on, and why; a port of 0 always can. */
export async function unbindable(
  places: readonly Place[],
): Promise<readonly (Place & { readonly why: Exclude<BindAnswer, 'free'> })[]> {
  const found: (Place & { why: Exclude<BindAnswer, 'free'> })[] = [];
  for (const { host, port } of places.filter((place) => place.port > 0)) {
    const answer = await canBind(host, port);
    if (answer !== 'free') found.push({ host, port, why: answer });
  }
  return found;
}

/** All addresses, by IPv6 where this machine has it. */
export async function anyAddress(): Promise<string> {
  return (await canBind('::', 0)) === 'free' ? '::' : '0.0.0.0';
}

export type CertificateProblem =
  | { readonly is: 'unreadable'; readonly file: string; readonly why: string }
  | { readonly is: 'otherKey' | 'expired' | 'otherName' };

/** Whether a certificate and its key go together, and are good for this host now. */
export function certificateProblems(
  files: { readonly certificate: string; readonly key: string },
  hostname: string,
): CertificateProblem[] {
  const problems: CertificateProblem[] = [];
  const read = <T>(file: string, parse: (text: string) => T): T | undefined => {
    try {
      return parse(readFileSync(file, 'utf8'));
    } catch (error) {
      problems.push({ is: 'unreadable', file, why: (error as Error).message });
      return undefined;
    }
  };
  const certificate = read(files.certificate, (text) => new X509Certificate(text));
  const key = read(files.key, (text) => createPrivateKey(text));
  if (certificate === undefined || key === undefined) return problems;
  if (!certificate.checkPrivateKey(key)) problems.push({ is: 'otherKey' });
  if (certificate.validToDate.getTime() < systemClock.nowMs()) problems.push({ is: 'expired' });
  if (certificate.checkHost(hostname) === undefined) problems.push({ is: 'otherName' });
  return problems;
}
