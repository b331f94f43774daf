/**
 * DNSSEC for tests: zones signed with BIND's tools, served and validated by unbound on the loopback interface.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startDnsTestServer } from '../src/net/dns-test-server.ts';

const needed = ['unbound', 'dnssec-keygen', 'dnssec-signzone'];
const absent = needed.filter((name) => spawnSync(name, ['-V']).error !== undefined);
/** For `skip` of a test. */
export const signedZonesMissing =
  absent.length === 0 ? false : `${absent.join(', ')} not installed (apt-get install unbound bind9-utils)`;

export interface SignedZone {
  readonly name: string;
  /** Records in zone-file form, owner names relative to the zone: `mx IN A 127.0.0.1`. */
  readonly records: readonly string[];
  /** Unsigned when false. */
  readonly signed: boolean;
  /** Mends, or breaks, the zone after it was signed. */
  readonly afterSigning?: (text: string) => string;
}

export interface ValidatingResolver extends AsyncDisposable {
  readonly ip: string;
  readonly port: number;
}

export async function serveSignedZones(zones: readonly SignedZone[]): Promise<ValidatingResolver> {
  const folder = mkdtempSync(join(tmpdir(), 'signed-zones-'));
  const anchors = zones.flatMap((zone) => writeZone(folder, zone));
  writeFileSync(join(folder, 'anchors'), anchors.join(''));
  return startUnbound(folder, zones);
}

/** The zone's file; gives its trust anchor. */
function writeZone(folder: string, zone: SignedZone): readonly string[] {
  const { name, records, signed, afterSigning = (text) => text } = zone;
  const file = join(folder, name);
  const head = [
    `$ORIGIN ${name}.`,
    '$TTL 300',
    `@ IN SOA ns.${name}. admin.${name}. 1 3600 600 86400 60`,
    `@ IN NS ns.${name}.`,
    'ns IN A 127.0.0.1',
  ];
  writeFileSync(file, `${[...head, ...records].join('\n')}\n`);
  if (!signed) return [];
  run('dnssec-keygen', ['-q', '-K', folder, '-a', 'ECDSAP256SHA256', '-f', 'KSK', name]);
  run('dnssec-keygen', ['-q', '-K', folder, '-a', 'ECDSAP256SHA256', name]);
  run('dnssec-signzone', ['-S', '-O', 'full', '-K', folder, '-d', folder, '-o', name, '-f', file, file]);
  writeFileSync(file, afterSigning(readFileSync(file, 'utf8')));
  const keys = readdirSync(folder).filter((one) => one.startsWith(`K${name}.`) && one.endsWith('.key'));
  return keys
    .map((key) => readFileSync(join(folder, key), 'utf8'))
    .filter((text) => /DNSKEY 257/.test(text))
    .map((text) => text.replaceAll(/^;.*\n/gm, ''));
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
}

const settings = (folder: string, port: number, zones: readonly SignedZone[]): string => `server:
  interface: 127.0.0.1@${port}
  port: ${port}
  directory: "${folder}"
  pidfile: ""
  chroot: ""
  username: ""
  use-syslog: no
  do-ip6: no
  do-not-query-localhost: no
  module-config: "validator iterator"
  trust-anchor-file: "${join(folder, 'anchors')}"
  outgoing-range: 16
  num-queries-per-thread: 16
  local-zone: "test." nodefault
remote-control:
  control-enable: no
${zones
  .map(
    ({ name }) => `auth-zone:
  name: "${name}"
  zonefile: "${join(folder, name)}"
  for-downstream: no
  for-upstream: yes
  fallback-enabled: no
`,
  )
  .join('')}`;

/** A port that is free now may be taken a moment later: then another one is tried. */
async function startUnbound(
  folder: string,
  zones: readonly SignedZone[],
  triesLeft = 5,
): Promise<ValidatingResolver> {
  const probe = await startDnsTestServer();
  const { port } = probe.address;
  await probe[Symbol.asyncDispose]();
  writeFileSync(join(folder, 'unbound.conf'), settings(folder, port, zones));
  const child = spawn('unbound', ['-d', '-c', join(folder, 'unbound.conf')]);
  const gone = once(child, 'close');
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  for (let i = 0; i < 500 && child.exitCode === null && !log.includes('start of service'); i++)
    await sleep(10);
  if (log.includes('start of service')) {
    const stop = async (): Promise<void> => {
      child.kill();
      await gone;
      rmSync(folder, { recursive: true, force: true });
    };
    return { ip: '127.0.0.1', port, [Symbol.asyncDispose]: stop };
  }
  child.kill();
  await gone;
  if (triesLeft > 1) return startUnbound(folder, zones, triesLeft - 1);
  rmSync(folder, { recursive: true, force: true });
  throw new Error(`unbound does not start: ${log}`);
}
