/**
 * The servers that are compared, each as a relay that takes mail on one port and sends all of it to another, with a durable queue.
 * Postfix comes from Debian's package, Haraka from npm (installed once into a folder of its own).
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { listening } from './load.ts';

export interface Relay extends AsyncDisposable {
  readonly name: string;
  /** Root of its tree of processes. */
  readonly pid: number;
}

export interface RelayPorts {
  readonly port: number;
  readonly sinkPort: number;
  /** Mail is taken and kept: nothing is sent on. */
  readonly held?: boolean;
  /** Host of the sink; 127.0.0.1 when absent. */
  readonly sinkHost?: string;
  /** Port of a milter on loopback that sees all mail. */
  readonly milterPort?: number;
}

export type StartRelay = (ports: RelayPorts) => Promise<Relay>;

/** A peer whose queue can be looked at and worked on. */
export interface QueueingRelay extends Relay {
  /** Mails in its queue. */
  queued(): number;
}

const root = join(import.meta.dirname, '..');
export const newFolder = (name: string): string => mkdtempSync(join(tmpdir(), `hikyaku-bench-${name}-`));

/** Servers that run now. A benchmark that is stopped takes them along: one left behind would share the port and swallow connections. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGTERM');
  for (const stop of stopping) stop();
});
/** Servers that do not end with the process that was started. */
const stopping = new Set<() => void>();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

export function started(child: ChildProcess): ChildProcess {
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

export async function stopped(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null) {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await gone;
  }
  rmSync(folder, { recursive: true, force: true });
}

/** This server: stock settings, a trusted network, everything routed to the sink. */
export const startHikyaku: StartRelay = async ({ port, sinkPort }) => {
  const folder = newFolder('hikyaku');
  writeFileSync(
    join(folder, 'hikyaku.toml'),
    [
      'hostname = "mx.example.net"',
      `data = "${join(folder, 'data')}"`,
      '[[listeners]]\nkind = "relay"\nhost = "127.0.0.1"',
      `port = ${port}`,
      'trustedNetworks = ["127.0.0.0/8"]',
      '[[routes]]\ndomain = "*"',
      `hosts = ["127.0.0.1:${sinkPort}"]`,
      '[delivery]\nownNetworksAllowed = true',
      '[log]\nlevel = "warn"',
    ].join('\n'),
  );
  const child = started(
    spawn(
      process.execPath,
      [join(root, 'bin/hikyaku.ts'), '--config', join(folder, 'hikyaku.toml'), 'serve'],
      { stdio: ['ignore', 'inherit', 'inherit'] },
    ),
  );
  await listening(port);
  return { name: 'hikyaku', pid: child.pid!, [Symbol.asyncDispose]: () => stopped(child, folder) };
};

export const havePostfix = (): boolean => existsSync('/usr/sbin/postfix') && process.getuid!() === 0;

const postfixServices = [
  'cleanup unix n - n - 0 cleanup',
  'qmgr unix n - n 300 1 qmgr',
  'tlsmgr unix - - n 1000? 1 tlsmgr',
  'rewrite unix - - n - - trivial-rewrite',
  'bounce unix - - n - 0 bounce',
  'defer unix - - n - 0 bounce',
  'trace unix - - n - 0 bounce',
  'proxymap unix - - n - - proxymap',
  'smtp unix - - n - - smtp',
  'relay unix - - n - - smtp',
  'error unix - - n - - error',
  'retry unix - - n - - error',
  'anvil unix - - n - 1 anvil',
  'scache unix - - n - 1 scache',
  'showq unix n - n - - showq',
];

/** Debian's Postfix with its stock limits. Its master process is kept in the foreground, so that it is a child of ours. */
export interface PostfixRelay extends QueueingRelay {
  /** `stop`, `flush` and the like. */
  control(command: string): void;
  /** Starts it again after `stop`. */
  again(): Promise<void>;
}

export const startPostfix = async ({
  port,
  sinkPort,
  held,
  sinkHost = '127.0.0.1',
  milterPort,
}: RelayPorts): Promise<PostfixRelay> => {
  const folder = newFolder('postfix');
  const etc = join(folder, 'etc');
  for (const sub of [etc, join(folder, 'spool'), join(folder, 'data')]) mkdirSync(sub, { mode: 0o755 });
  spawnSync('chmod', ['755', folder]);
  spawnSync('chown', ['postfix', join(folder, 'data')]);
  for (const file of ['postfix-files', 'dynamicmaps.cf', 'post-install', 'postfix-script', 'makedefs.out']) {
    if (existsSync(`/etc/postfix/${file}`)) cpSync(`/etc/postfix/${file}`, join(etc, file));
  }
  writeFileSync(
    join(etc, 'main.cf'),
    `compatibility_level = 3.6\nqueue_directory = ${folder}/spool\ndata_directory = ${folder}/data\nmyhostname = mx.example.net\nmydestination =\nmynetworks = 127.0.0.0/8\ninet_interfaces = 127.0.0.1\ninet_protocols = ipv4\nrelayhost = [${sinkHost}]:${sinkPort}\nalias_maps =\nalias_database =\nlocal_recipient_maps =\nsmtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination\nmaillog_file = ${folder}/maillog\nmaillog_file_prefixes = ${folder}\nmessage_size_limit = 50000000\n${held === true ? 'defer_transports = smtp\n' : ''}${milterPort === undefined ? '' : `smtpd_milters = inet:127.0.0.1:${milterPort}\n`}`,
  );
  writeFileSync(
    join(etc, 'master.cf'),
    [
      `127.0.0.1:${port} inet n - n - - smtpd`,
      ...postfixServices,
      'postlog unix-dgram n - n - 1 postlogd',
      '',
    ].join('\n'),
  );
  const begin = (): ChildProcess =>
    started(spawn('/usr/sbin/postfix', ['-c', etc, 'start-fg'], { stdio: 'ignore' }));
  const control = (command: string): void =>
    void spawnSync('/usr/sbin/postfix', ['-c', etc, command], { stdio: 'ignore' });
  let child = begin();
  // The master process is a child of the script that was started.
  const stop = (): void => control('stop');
  stopping.add(stop);
  await listening(port);
  return {
    name: 'postfix',
    get pid() {
      return child.pid!;
    },
    control,
    again: async () => {
      child = begin();
      await listening(port);
    },
    queued: () =>
      globSync('{incoming,active,deferred}/**/*', { cwd: join(folder, 'spool') }).filter(isQueueFile).length,
    [Symbol.asyncDispose]: async () => {
      stop();
      stopping.delete(stop);
      await stopped(child, folder);
    },
  };
};

/** Folders of a spool have names of one letter. */
const isQueueFile = (path: string): boolean => path.slice(path.lastIndexOf('/') + 1).length > 5;

const harakaVersion = '3.3.4';

/** Installs Haraka once; false when npm cannot. */
function harakaCommand(): string | undefined {
  const home = process.env['HIKYAKU_BENCH_PEERS'] ?? join(tmpdir(), 'hikyaku-bench-peers');
  const command = join(home, 'node_modules/Haraka/bin/haraka');
  if (existsSync(command)) return command;
  mkdirSync(home, { recursive: true });
  if (!existsSync(join(home, 'package.json'))) writeFileSync(join(home, 'package.json'), '{"private":true}');
  spawnSync('npm', ['install', '--no-audit', '--no-fund', '--silent', `Haraka@${harakaVersion}`], {
    cwd: home,
    stdio: 'ignore',
  });
  return existsSync(command) ? command : undefined;
}

export const haveHaraka = (): boolean => harakaCommand() !== undefined;

/** One process, its shipped settings, its own outbound queue. */
export const startHaraka = async ({ port, sinkPort, held }: RelayPorts): Promise<QueueingRelay> => {
  const command = harakaCommand()!;
  const folder = newFolder('haraka');
  const config = join(folder, 'config');
  for (const sub of ['config', 'plugins', 'queue']) mkdirSync(join(folder, sub));
  // Only the .ini files: the folder's other files are examples with keys and lists of their own.
  for (const file of globSync('*.ini', { cwd: join(command, '../../config') }))
    cpSync(join(command, '../../config', file), join(config, file));
  const write = (file: string, text: string): void => writeFileSync(join(config, file), text);
  write('me', 'mx.example.net\n');
  write('smtp.ini', `listen=127.0.0.1:${port}\ninactivity_timeout=300\n`);
  write('plugins', 'relay\nto_sink\n');
  write('relay.ini', '[relay]\nacl=true\n');
  write('relay_acl_allow', '127.0.0.0/8\n');
  const disabled = held === true ? 'disabled=true\n' : '';
  write('outbound.ini', `${disabled}local_mx_ok=true\nenable_tls=false\ninet_prefer=v4\n`);
  write('log.ini', '[main]\nlevel=info\n');
  write('databytes', '50000000\n');
  writeFileSync(
    join(folder, 'plugins/to_sink.js'),
    `exports.hook_get_mx = function (next) { next(OK, '127.0.0.1:${sinkPort}') }\n`,
  );
  const child = started(spawn(process.execPath, [command, '-c', folder], { stdio: 'ignore', cwd: folder }));
  await listening(port);
  await wait(500);
  return {
    name: 'haraka',
    pid: child.pid!,
    queued: () => globSync('queue/*', { cwd: folder }).length,
    [Symbol.asyncDispose]: () => stopped(child, folder),
  };
};

/** What the machine is, for the head of a report. */
export const machineLine = (): string =>
  `${/model name\s*:\s*(.+)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? 'unknown processor'}, ${process.version}`;
