import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'smol-toml';
import { firstSettings, type FirstSettings } from './first-settings.ts';
import { readSettings } from './read.ts';

const wish: FirstSettings = {
  hostname: 'mail.example.jp',
  data: '/var/lib/a "quoted"\\folder \u007f\u0001日本',
  language: 'en',
  store: { engine: 'sqlite', url: '' },
  listeners: [
    { kind: 'mx', host: '::', port: 25 },
    { kind: 'http', host: '127.0.0.1', port: 8080 },
  ],
  certificate: undefined,
};

function read(text: string) {
  const result = readSettings(parse(text));
  assert(result.is === 'settings', JSON.stringify(result));
  return result.settings;
}

test('the first settings are read back as they were chosen, in either language', () => {
  for (const language of ['en', 'ja'] as const) {
    const settings = read(firstSettings({ ...wish, language }));
    assert.equal(settings.hostname, wish.hostname);
    assert.equal(settings.data, wish.data);
    assert.equal(settings.language, language);
    assert.deepEqual(
      settings.listeners.map(({ kind, host, port }) => ({ kind, host, port })),
      wish.listeners,
    );
    assert.deepEqual([settings.tls.certificates, settings.routes], [[], []]);
  }
});

test('a store of its own and a certificate are named', () => {
  const certificate = { certificate: '/c.pem', key: '/k.pem' };
  const store = { engine: 'postgres', url: 'postgres://u:p@db/mail' } as const;
  const settings = read(firstSettings({ ...wish, store, certificate }));
  assert.equal(settings.store.url, store.url);
  assert.deepEqual(settings.tls.certificates, [certificate]);
});

test('what is only proposed is right too: without its remark signs it is settings', () => {
  const text = firstSettings(wish).replaceAll(/^# (\[\[|\w+ = )/gm, '$1');
  const result = readSettings(parse(text), { SMART_HOST_PASSWORD: 'x' });
  assert(result.is === 'settings', JSON.stringify(result));
  assert.equal(result.settings.routes[0]?.username, 'me');
});
