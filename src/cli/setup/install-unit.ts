/** Puts the systemd unit in its place, with the user it runs as and a command for everybody. Each step says whether it was needed. */
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { State } from '../../app/founding.ts';
import { CommandFailure } from '../failure.ts';
import { systemdUnit } from './systemd-unit.ts';

export const unitPath = '/etc/systemd/system/hikyaku.service';
const commandPath = '/usr/local/bin/hikyaku';
const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

export interface UnitOf {
  readonly config: string;
  readonly data: string;
  readonly user: string;
}

export const isRoot = (): boolean => process.getuid?.() === 0;

export function unitText({ config, data, user }: UnitOf): string {
  return systemdUnit({
    node: process.execPath,
    program: join(root, 'bin/hikyaku.ts'),
    config,
    data,
    user,
    canNotify: spawnSync('systemd-notify', ['--version']).status === 0,
  });
}

export interface Installed {
  readonly user: State;
  readonly unit: State;
  readonly command: State;
}

/** As root only. The settings and all data become the user's. */
export function installUnit(of: UnitOf, file: string): Installed {
  const user = ensureUser(of);
  giveTo(of);
  const text = unitText(of);
  const unit = existsSync(file) && readFileSync(file, 'utf8') === text ? 'there' : 'made';
  if (unit === 'made') {
    writeFileSync(file, text, { mode: 0o644 });
    if (file === unitPath) spawnSync('systemctl', ['daemon-reload']);
  }
  return { user, unit, command: file === unitPath ? ensureCommand() : 'missing' };
}

function ensureUser({ user, data }: UnitOf): State {
  if (idOf(user) !== undefined) return 'there';
  const flags = ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin'];
  const run = spawnSync('useradd', [...flags, '--home-dir', data, user], { encoding: 'utf8' });
  if (run.status !== 0) throw new CommandFailure(`useradd: ${run.error?.message ?? run.stderr.trim()}`);
  return 'made';
}

function idOf(user: string): { uid: number; gid: number } | undefined {
  const [uid, gid] = ['-u', '-g'].map((flag) => {
    const run = spawnSync('id', [flag, user], { encoding: 'utf8' });
    return run.status === 0 ? Number(run.stdout.trim()) : undefined;
  });
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

/** The settings may have a password: root writes them, the service reads them, nobody else. */
function giveTo({ user, config, data }: UnitOf): void {
  const { uid, gid } = idOf(user)!;
  const run = spawnSync('chown', ['-R', `${uid}:${gid}`, data], { encoding: 'utf8' });
  if (run.status !== 0) throw new CommandFailure(`chown: ${run.error?.message ?? run.stderr.trim()}`);
  chownSync(config, 0, gid);
  chmodSync(config, 0o640);
}

function ensureCommand(): State {
  if (existsSync(commandPath)) return 'there';
  symlinkSync(join(root, 'bin/hikyaku'), commandPath);
  return 'made';
}
