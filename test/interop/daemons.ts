/** Scanners and filters of Debian as peers, each in a folder of its own, with rules made for the tests: what they have by default comes from the Internet. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { eventually, freePort, newFolder } from './programs.ts';

/** A string that every scanner knows, and of which the test database of ours has a signature. */
export const eicar = 'X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*';
/** What every filter takes for spam. */
export const gtube = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X';

export interface Daemon extends AsyncDisposable {
  /** As in our settings. */
  readonly address: string;
  stop(): Promise<void>;
}

type Folder = Disposable & { readonly path: string };

async function started(
  folder: Folder,
  address: string,
  [program, ...args]: readonly [string, ...string[]],
  isUp: () => boolean | Promise<boolean>,
): Promise<Daemon> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: folder.path });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  try {
    await eventually(
      `${program} listens`,
      () => {
        assert.equal(child.exitCode, null, `${program} ended:\n${said}`);
        return isUp();
      },
      () => said,
    );
  } catch (error) {
    await stop();
    folder[Symbol.dispose]();
    throw error;
  }
  return {
    address,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      folder[Symbol.dispose]();
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const done = (is: boolean): void => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', () => done(true)).once('error', () => done(false));
  });
}

/** ClamAV with one signature: that of EICAR. */
export async function startClamd(): Promise<Daemon> {
  const folder = newFolder('clamd');
  const path = (name: string): string => join(folder.path, name);
  mkdirSync(path('db'));
  const signature = Buffer.from('EICAR-STANDARD-ANTIVIRUS-TEST-FILE').toString('hex');
  writeFileSync(path('db/test.ndb'), `Test.Eicar:0:*:${signature}\n`);
  writeFileSync(
    path('clamd.conf'),
    [
      `LocalSocket ${path('socket')}`,
      `DatabaseDirectory ${path('db')}`,
      `TemporaryDirectory ${folder.path}`,
      'Foreground yes',
      'User root',
      '',
    ].join('\n'),
  );
  return started(folder, `unix:${path('socket')}`, ['/usr/sbin/clamd', '-c', path('clamd.conf')], () =>
    existsSync(path('socket')),
  );
}

/** SpamAssassin with the rules it comes with, without network. */
export async function startSpamd(): Promise<Daemon> {
  const folder = newFolder('spamd');
  const port = await freePort();
  const args = ['-x', '-L', '-i', '127.0.0.1', '-p', `${port}`, '--max-children', '1', '-s', 'stderr'];
  const home = ['-H', folder.path, '-r', join(folder.path, 'pid')];
  return started(folder, `127.0.0.1:${port}`, ['/usr/sbin/spamd', ...args, ...home], () => answers(port));
}

/** rspamd that knows its test string only: as a worker that is asked by HTTP, and as a milter. */
export async function startRspamd(): Promise<Daemon & { readonly milter: string }> {
  const folder = newFolder('rspamd');
  const path = (name: string): string => join(folder.path, name);
  const [http, milter] = [await freePort(), await freePort()];
  // With the list of all public suffixes it takes ten seconds to start.
  writeFileSync(path('suffixes'), 'test\nexample\n');
  writeFileSync(
    path('rspamd.conf'),
    `options {
  pidfile = "${path('pid')}"; tempdir = "${folder.path}"; hs_cache_dir = "${folder.path}"; url_tld = "${path('suffixes')}";
  dns { nameserver = ["127.0.0.1:1"]; timeout = 0.1s; retransmits = 1; }
  filters = "chartable"; explicit_modules = ["settings"]; gtube_patterns = "all";
}
logging { type = "console"; level = "notice"; }
metric { name = "default"; actions { reject = 15; add_header = 6; greylist = 4; } }
worker { type = "normal"; bind_socket = "127.0.0.1:${http}"; count = 1; }
worker { type = "rspamd_proxy"; bind_socket = "127.0.0.1:${milter}"; milter = yes; count = 1; timeout = 10s;
  upstream "local" { default = yes; self_scan = yes; } }
`,
  );
  const args = ['-f', '-i', '-c', path('rspamd.conf')];
  const daemon = await started(
    folder,
    `127.0.0.1:${http}`,
    ['/usr/bin/rspamd', ...args],
    async () => (await answers(http)) && (await answers(milter)),
  );
  return { ...daemon, milter: `127.0.0.1:${milter}` };
}

export interface OpenDkimOptions {
  /** Signs mail of this domain, with the key that is given as PEM; otherwise verifies, with the keys in `records`. */
  readonly sign?: { readonly domain: string; readonly key: string };
  /** TXT records by name. */
  readonly records?: Readonly<Record<string, string>>;
}

/** OpenDKIM as a milter. It asks no DNS: keys are in a file. */
export async function startOpenDkim({ sign, records = {} }: OpenDkimOptions): Promise<Daemon> {
  const folder = newFolder('opendkim');
  const path = (name: string): string => join(folder.path, name);
  if (sign) writeFileSync(path('key.pem'), sign.key, { mode: 0o600 });
  const keys = Object.entries(records).map(([name, text]) => `${name} ${text}\n`);
  writeFileSync(path('records'), keys.join(''));
  const signing = sign
    ? [
        'Mode s',
        `Domain ${sign.domain}`,
        'Selector milter',
        `KeyFile ${path('key.pem')}`,
        'InternalHosts 127.0.0.1',
      ]
    : ['Mode v', `TestDNSData ${path('records')}`, 'InternalHosts 192.0.2.1'];
  writeFileSync(
    path('opendkim.conf'),
    [
      `Socket local:${path('socket')}`,
      'Background no',
      'UserID root',
      `PidFile ${path('pid')}`,
      'Canonicalization relaxed/relaxed',
      'RequireSafeKeys no',
      ...signing,
      '',
    ].join('\n'),
  );
  return started(
    folder,
    `unix:${path('socket')}`,
    ['/usr/sbin/opendkim', '-f', '-x', path('opendkim.conf')],
    () => existsSync(path('socket')),
  );
}
