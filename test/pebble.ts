/** For tests: a certificate authority that speaks ACME (Let's Encrypt's pebble), on the loopback interface, with a DNS of the test's own. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { testAuthority } from '../src/net/testing-authority.ts';

export const pebbleMissing =
  spawnSync('pebble', ['-h']).error === undefined
    ? false
    : 'pebble is not installed (apt-get install pebble)';

export interface PebbleOptions {
  readonly dns: { readonly ip: string; readonly port: number };
  /** Where it looks for http-01 and tls-alpn-01. */
  readonly httpPort: number;
  readonly tlsPort: number;
  readonly externalAccounts?: Readonly<Record<string, string>>;
  /** Lifetime of its certificates. */
  readonly validSeconds?: number;
}

export interface Pebble extends AsyncDisposable {
  readonly directory: string;
  /** Who vouches for its own HTTPS. */
  readonly authority: string;
  /** The root of what it issues. */
  root(): Promise<string>;
  log(): string;
}

export async function startPebble(options: PebbleOptions, triesLeft = 3): Promise<Pebble> {
  const folder = mkdtempSync(join(tmpdir(), 'pebble-'));
  const authority = await testAuthority('Of pebble');
  const { chain, key } = await authority.issue({ names: ['localhost', '127.0.0.1'] });
  const [port, management] = await Promise.all([freePort(), freePort()]);
  writeFileSync(join(folder, 'cert.pem'), chain);
  writeFileSync(join(folder, 'key.pem'), key);
  const { dns, httpPort, tlsPort, externalAccounts, validSeconds } = options;
  const pebble = {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${management}`,
    certificate: join(folder, 'cert.pem'),
    privateKey: join(folder, 'key.pem'),
    httpPort,
    tlsPort,
    ocspResponderURL: '',
    externalAccountBindingRequired: externalAccounts !== undefined,
    ...(externalAccounts ? { externalAccountMACKeys: externalAccounts } : {}),
    ...(validSeconds ? { certificateValidityPeriod: validSeconds } : {}),
  };
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ pebble }));
  // It refuses good nonces and waits before it looks, unless told otherwise: the first is worth testing.
  const env = {
    ...process.env,
    PEBBLE_VA_NOSLEEP: '1',
    PEBBLE_WFE_NONCEREJECT: '20',
    PEBBLE_AUTHZREUSE: '0',
  };
  const child = spawn(
    'pebble',
    ['-config', join(folder, 'config.json'), '-dnsserver', `${dns.ip}:${dns.port}`, '-strict'],
    { env },
  );
  const gone = once(child, 'close');
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (log += chunk.toString()));
  for (let i = 0; i < 500 && child.exitCode === null && !log.includes('ACME directory available'); i++)
    await sleep(10);
  const stop = async (): Promise<void> => {
    child.kill();
    await gone;
    rmSync(folder, { recursive: true, force: true });
  };
  if (!log.includes('ACME directory available')) {
    await stop();
    if (triesLeft <= 1) throw new Error(`pebble does not start: ${log}`);
    return startPebble(options, triesLeft - 1);
  }
  return {
    directory: `https://localhost:${port}/dir`,
    authority: authority.certificate,
    root: () => get(`https://127.0.0.1:${management}/roots/0`, authority.certificate),
    log: () => log,
    [Symbol.asyncDispose]: stop,
  };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

async function get(url: string, ca: string): Promise<string> {
  const sent = request(url, { ca, agent: false }).end();
  const [response] = (await once(sent, 'response')) as [AsyncIterable<Buffer>];
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
