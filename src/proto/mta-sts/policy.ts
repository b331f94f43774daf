/**
 * MTA-STS policies (RFC 8461, 3.2): which hosts may be a domain's MX, and whether a sender must insist on it.
 */
import { createHash } from 'node:crypto';
import { trimmed, wsp } from '../../base/trimmed.ts';

export interface StsPolicy {
  /** `testing`: failures are reported, mail goes all the same. `none`: the domain takes its policy back. */
  readonly mode: 'enforce' | 'testing' | 'none';
  readonly maxAgeSeconds: number;
  /** Host names in lower case, or `*.` and a name. */
  readonly mx: readonly string[];
}

/** Where a domain's policy lies. */
export const stsPolicyHost = (domain: string): string => `mta-sts.${domain}`;
export const stsPolicyPath = '/.well-known/mta-sts.txt';

/** RFC 8461, 3.2: about a year. */
export const maxAgeMaxSeconds = 31_557_600;
/** More patterns than a domain has hosts; the file is bounded anyway (3.3). */
const patternsMax = 1000;

export class StsPolicyError extends Error {
  override readonly name = 'StsPolicyError';
}

const host = /^(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/;

/** Throws StsPolicyError. Unknown fields are for later versions; of a field that may come once the first counts. */
export function parseStsPolicy(text: string): StsPolicy {
  const fields = new Map<string, string>();
  const mx: string[] = [];
  for (const line of linesOf(text)) {
    const [start, name] = /^([A-Za-z0-9][A-Za-z0-9_.-]{0,31}):/.exec(line) ?? [];
    if (start === undefined || name === undefined)
      throw new StsPolicyError(`not a field: ${line.slice(0, 80)}`);
    const value = trimmed(line.slice(start.length), wsp);
    if (name === 'mx') mx.push(value.toLowerCase());
    else if (!fields.has(name)) fields.set(name, value);
  }
  if (fields.get('version') !== 'STSv1') throw new StsPolicyError('the version is not STSv1');
  const mode = fields.get('mode');
  if (mode !== 'enforce' && mode !== 'testing' && mode !== 'none')
    throw new StsPolicyError(`mode is ${mode === undefined ? 'missing' : `unknown: ${mode.slice(0, 40)}`}`);
  const maxAge = fields.get('max_age') ?? '';
  if (!/^\d{1,10}$/.test(maxAge)) throw new StsPolicyError('max_age is missing or no number');
  if (mx.length > patternsMax) throw new StsPolicyError('too many mx patterns');
  const odd = mx.find((pattern) => !host.test(pattern));
  if (odd !== undefined) throw new StsPolicyError(`not an mx pattern: ${odd.slice(0, 80)}`);
  if (mx.length === 0 && mode !== 'none') throw new StsPolicyError('no mx');
  return { mode, maxAgeSeconds: Math.min(Number(maxAge), maxAgeMaxSeconds), mx };
}

/** Empty ones at the end do not count. */
function linesOf(text: string): readonly string[] {
  const lines = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1);
}

/** The lines of the file, for the policy file itself and for reports (RFC 8460, 4.4). */
export function stsPolicyLines({ mode, maxAgeSeconds, mx }: StsPolicy): readonly string[] {
  return ['version: STSv1', `mode: ${mode}`, ...mx.map((one) => `mx: ${one}`), `max_age: ${maxAgeSeconds}`];
}

export const formatStsPolicy = (policy: StsPolicy): string => `${stsPolicyLines(policy).join('\r\n')}\r\n`;

/** An id that changes whenever the policy does, and only then: senders fetch the policy anew when they see another one. */
export function stsPolicyId(policy: StsPolicy): string {
  return createHash('sha256').update(formatStsPolicy(policy)).digest('hex').slice(0, 20);
}

/** Whether the policy lets the host be an MX of its domain: a wildcard stands for exactly one label (RFC 8461, 4.1). */
export function isListedMx(policy: StsPolicy, mxHost: string): boolean {
  const name = mxHost.toLowerCase().replace(/\.$/, '');
  const dot = name.indexOf('.');
  const parent = dot === -1 ? undefined : `*${name.slice(dot)}`;
  return policy.mx.some((pattern) => pattern === name || pattern === parent);
}
