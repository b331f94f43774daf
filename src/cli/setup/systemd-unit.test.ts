import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemdUnit, type Unit } from './systemd-unit.ts';

const unit: Unit = {
  node: process.execPath,
  program: '/opt/hikyaku/bin/hikyaku.ts',
  config: '/etc/hikyaku/hikyaku.toml',
  data: '/var/lib/hikyaku',
  user: 'root',
  canNotify: true,
};

const canVerify = spawnSync('systemd-analyze', ['--version']).status === 0;

/** What systemd says of the unit; empty when all is well. */
function complaints(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'hikyaku-unit-'));
  try {
    const file = join(folder, 'hikyaku.service');
    writeFileSync(file, text);
    const run = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' });
    // Other units of this machine are not ours to judge.
    return `${run.stdout}${run.stderr}`
      .split('\n')
      .filter((line) => line.includes('hikyaku'))
      .join('\n');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('systemd takes the unit as it is', {
  skip: canVerify ? false : 'systemd-analyze is not installed',
}, () => {
  assert.equal(complaints(systemdUnit(unit)), '');
  assert.equal(complaints(systemdUnit({ ...unit, canNotify: false, data: '/srv/mail of "us" 100%' })), '');
  assert.match(complaints(systemdUnit({ ...unit, node: '/nowhere/node' })), /nowhere/, 'it does look');
});

test('data below /var/lib are a folder of the unit, others are opened to it', () => {
  assert.match(systemdUnit(unit), /^StateDirectory=hikyaku$/m);
  assert.match(systemdUnit({ ...unit, data: '/srv/mail' }), /^ReadWritePaths=\/srv\/mail$/m);
  assert.match(systemdUnit({ ...unit, data: '/var/lib/../mail' }), /^ReadWritePaths=/m);
});

test('words with spaces, quotes, dollars and percent signs stay one word', () => {
  const text = systemdUnit({ ...unit, config: '/etc/a b/$x"100%.toml' });
  assert.match(text, /--config "\/etc\/a b\/\$\$x\\"100%%\.toml" serve$/m);
});

test('a program in a home folder can be read there', () => {
  assert.match(systemdUnit(unit), /^ProtectHome=(yes|read-only)$/m);
  assert.match(
    systemdUnit({ ...unit, program: '/home/me/hikyaku/bin/hikyaku.ts' }),
    /^ProtectHome=read-only$/m,
  );
});
