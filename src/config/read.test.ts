import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSettings, readSettingsFile } from './read.ts';
import { settingsReference } from './reference.ts';

test('a host name is enough, and everything else has a default', () => {
  const read = readSettings({ hostname: 'mail.example.jp' });
  assert.equal(read.is, 'settings');
  assert(read.is === 'settings');
  assert.equal(read.settings.smtp.messageMiB, 50);
  assert.deepEqual(read.settings.listeners, []);
});

test('all problems are reported at once, each with its path', () => {
  const read = readSettings({
    smtp: { messageMiB: 0, mesageMiB: 3 },
    listeners: [{ kind: 'smtp' }, { kind: 'mx', port: 25, extra: 1 }],
    colour: 'red',
  });
  assert(read.is === 'problems');
  const found = read.problems.map((p) => `${p.path}: ${p.text}`).sort();
  assert.deepEqual(
    found.map((line) => line.split(':')[0]),
    ['', 'colour', 'listeners.0.kind', 'listeners.1.extra', 'smtp.mesageMiB', 'smtp.messageMiB'],
  );
  assert(found.some((line) => line.includes('lacks hostname')));
  assert(found.some((line) => line.startsWith('listeners.0.kind: must be one of: mx,')));
});

test('settings that do not go together are refused', () => {
  const read = readSettings({
    hostname: 'x.test',
    store: { engine: 'postgres' },
    listeners: [
      { kind: 'relay', port: 25 },
      { kind: 'mx', port: 25, trustedNetworks: ['10.0.0.0/8'] },
    ],
    routes: [{ domain: '*', hosts: ['smart.test'], tls: 'none', username: 'u', password: 'p' }],
  });
  assert(read.is === 'problems');
  assert.deepEqual(read.problems.map((p) => p.path).sort(), [
    'listeners.0.trustedNetworks',
    'listeners.1.port',
    'listeners.1.trustedNetworks',
    'routes.0.tls',
    'store.url',
  ]);
});

test('a value of the environment is taken by name, and a missing one is a problem', () => {
  const raw = { hostname: 'x.test', store: { engine: 'postgres', url: 'env:DB' } };
  const read = readSettings(raw, { DB: 'postgres://here' });
  assert(read.is === 'settings');
  assert.equal(read.settings.store.url, 'postgres://here');
  const missing = readSettings(raw, {});
  assert(missing.is === 'problems');
  assert.equal(missing.problems[0]?.path, 'store.url');
});

test('a broken file is named with its line', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'hikyaku-')), 'h.toml');
  writeFileSync(path, 'hostname = "x"\nport = = 3\n');
  const read = readSettingsFile(path, {});
  assert(read.is === 'problems');
  assert.match(read.problems[0]!.text, /line 2/);
});

test('the reference page in docs is the one the schema gives', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/reference/settings.md'), 'utf8');
  assert.equal(page, settingsReference(), 'run: hikyaku settings > docs/reference/settings.md');
});
