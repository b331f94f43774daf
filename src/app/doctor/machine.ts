/** The machine itself: clock, disk, open files, certificates. */
import { readFileSync, statfsSync } from 'node:fs';
import { systemClock } from '../../base/clock.ts';
import type { Settings } from '../../config/schema.ts';
import { certificateFacts } from '../../net/certificate-facts.ts';
import type { Resolver } from '../../net/resolver.ts';
import { clockOffset } from '../../net/sntp.ts';
import { CertificateFiles } from '../certificate-files.ts';
import { silentLog } from '../../base/log.ts';
import { finding, type Finding } from './finding.ts';

const askMs = 3_000;
/** DKIM, DMARC reports, one-time passwords and certificates all stand this much, and hardly more. */
const clockOffMaxMs = 30_000;
/** Below either, and a day's mail may fill it. */
const freeLowPart = 0.1;
const freeLowGiB = 2;
/** Of files and connections that may be open at one time. */
const filesWanted = 16_384;
const gib = 1024 ** 3;
const dayMs = 86_400_000;
const soonDays = 14;

export async function clockFindings({ doctor }: Settings, resolver: Resolver): Promise<readonly Finding[]> {
  for (const server of doctor.timeServers) {
    const [, host = server, port] = /^(.*?)(?::(\d+))?$/.exec(server) ?? [];
    const answers = await Promise.all([resolver.a(host), resolver.aaaa(host)]);
    const found = answers.flatMap((answer) => (answer.is === 'records' ? answer.records : []));
    const ip = /^[\d.]+$/.test(host) ? host : found[0];
    if (ip === undefined) continue;
    const offset = await clockOffset(
      { ip, ...(port === undefined ? {} : { port: Number(port) }) },
      systemClock,
      askMs,
    );
    if (offset === undefined) continue;
    const facts = { seconds: (Math.abs(offset) / 1000).toFixed(1), server };
    return [
      Math.abs(offset) > clockOffMaxMs
        ? finding('bad', 'clockWrong', facts)
        : finding('good', 'clockRight', facts),
    ];
  }
  if (doctor.timeServers.length === 0) return [];
  return [finding('note', 'clockUnknown', { servers: doctor.timeServers.join(', ') })];
}

export function diskFindings(folder: string): readonly Finding[] {
  try {
    const { bavail, bsize, blocks } = statfsSync(folder);
    const free = bavail * bsize;
    const part = blocks === 0 ? 0 : bavail / blocks;
    const facts = { folder, free: `${(free / gib).toFixed(1)} GiB`, percent: Math.round(part * 100) };
    const low = part < freeLowPart || free / gib < freeLowGiB;
    return [low ? finding('warning', 'diskLow', facts) : finding('good', 'diskRoom', facts)];
  } catch (error) {
    return [finding('bad', 'diskUnknown', { folder, why: (error as Error).message })];
  }
}

export function fileFindings(): readonly Finding[] {
  let limits: string;
  try {
    limits = readFileSync('/proc/self/limits', 'latin1');
  } catch {
    return [];
  }
  // Node.js raises the soft limit to the hard one by itself.
  const limit = Number(/^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1] ?? Infinity);
  if (!Number.isFinite(limit)) return [];
  return [
    limit < filesWanted
      ? finding('warning', 'filesFew', { limit, wanted: filesWanted })
      : finding('good', 'filesEnough', { limit }),
  ];
}

/** Those that the settings name by files; what an authority issues is the running server's to tell. */
export function certificateFindings({ hostname, tls }: Settings): readonly Finding[] {
  if (tls.certificates.length === 0)
    return tls.acme.directory === ''
      ? [finding('warning', 'certificateSelfSigned', { names: hostname })]
      : [];
  try {
    using files = new CertificateFiles(tls.certificates, silentLog, () => {});
    const facts = files.current.map(({ chain }) => certificateFacts(chain));
    const named = facts.some(({ names }) => names.some((name) => covers(name, hostname.toLowerCase())));
    return [
      ...facts.map(({ names, issuer, selfSigned, expiresAtMs }) =>
        certificateFinding({ names, issuer, selfSigned, expiresAtMs }),
      ),
      ...(named ? [] : [finding('bad', 'certificateOtherName', { hostname })]),
    ];
  } catch (error) {
    return [finding('bad', 'certificateUnusable', { problem: (error as Error).message })];
  }
}

interface ShownCertificate {
  readonly names: readonly string[];
  readonly issuer: string;
  readonly selfSigned: boolean;
  readonly expiresAtMs: number;
}

function certificateFinding({ names: all, issuer, selfSigned, expiresAtMs }: ShownCertificate): Finding {
  const names = all.join(', ');
  const days = Math.floor((expiresAtMs - systemClock.nowMs()) / dayMs);
  if (expiresAtMs < systemClock.nowMs()) return finding('bad', 'certificateExpired', { names });
  if (selfSigned) return finding('warning', 'certificateSelfSigned', { names });
  if (days < soonDays) return finding('warning', 'certificateSoon', { names, days });
  return finding('good', 'certificateGood', { names, days, issuer });
}

const covers = (name: string, hostname: string): boolean =>
  name === hostname || (name.startsWith('*.') && hostname.slice(hostname.indexOf('.')) === name.slice(1));
