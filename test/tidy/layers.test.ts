import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { test } from 'node:test';

/** Part -> the parts it may import, besides itself. This table is the architecture; change it in its own commit. */
const mayImport: Record<string, readonly string[]> = {
  base: [],
  proto: ['base'],
  net: ['base'],
  store: ['base'],
  events: ['base', 'store', 'search'],
  directory: ['base', 'proto', 'net', 'store', 'events'],
  search: ['base', 'store'],
  mailbox: ['base', 'proto', 'store', 'events', 'search'],
  sieve: ['base', 'proto', 'store'],
  contact: ['base', 'proto', 'store', 'events', 'search'],
  profile: ['base', 'store'],
  parcel: ['base', 'store'],
  queue: ['base', 'store', 'events'],
  shaping: ['base', 'net', 'store', 'queue'],
  policy: ['base', 'proto', 'net', 'store'],
  suppression: ['base', 'proto', 'store', 'events'],
  certificate: ['base', 'net', 'store'],
  webhook: ['base', 'net', 'store', 'events'],
  records: ['base', 'proto', 'net'],
  moving: ['base', 'proto', 'net'],
  intake: ['base', 'proto', 'store', 'directory', 'policy', 'queue', 'events'],
  delivery: ['base', 'proto', 'net', 'store', 'directory', 'mailbox', 'sieve', 'policy', 'queue', 'events'],
  relay: ['base', 'net', 'store'],
  reporting: ['base', 'proto', 'store', 'directory', 'intake'],
  smtpd: ['base', 'proto', 'net', 'directory', 'intake'],
  imapd: ['base', 'proto', 'net', 'directory', 'mailbox'],
  pop3d: ['base', 'proto', 'net', 'directory', 'mailbox'],
  sieved: ['base', 'proto', 'net', 'directory', 'sieve'],
  httpd: [
    'base',
    'proto',
    'net',
    'directory',
    'mailbox',
    'contact',
    'profile',
    'parcel',
    'sieve',
    'moving',
    'intake',
    'queue',
    'shaping',
    'events',
    'delivery',
    'relay',
    'reporting',
    'webhook',
    'suppression',
  ],
  sink: ['base', 'proto', 'net'],
  config: ['base'],
  app: [
    'base',
    'proto',
    'net',
    'store',
    'events',
    'directory',
    'search',
    'mailbox',
    'contact',
    'profile',
    'parcel',
    'sieve',
    'queue',
    'shaping',
    'policy',
    'suppression',
    'certificate',
    'records',
    'moving',
    'intake',
    'delivery',
    'relay',
    'reporting',
    'smtpd',
    'imapd',
    'pop3d',
    'sieved',
    'httpd',
    'sink',
    'config',
    'webhook',
  ],
  cli: ['base', 'config', 'app'],
};

/** Settings of a part are plain values in its `options.ts`, which `config` turns into the settings file. */
const configMayImport = /^[a-z0-9]+\/options\.ts$/;

/** Within `proto`, which library builds on which. */
const protoMayImport: Record<string, readonly string[]> = {
  imap: ['mime'],
  smtp: [],
  mime: [],
  sasl: [],
  pop3: ['smtp'],
  sieve: ['mime'],
  dns: [],
  srs: ['smtp'],
  spf: ['dns'],
  dkim: ['dns', 'mime'],
  arc: ['dkim', 'mime'],
  dmarc: ['dns', 'mime', 'smtp'],
  authres: [],
  bimi: ['dkim', 'dns'],
  reports: ['mime'],
  bounce: ['mime'],
  tnef: ['mime'],
  vcard: ['mime'],
  mdn: ['mime'],
  jscontact: ['vcard'],
  jmap: ['mime'],
};

const source = join(import.meta.dirname, '../../src');
const files = globSync('**/*.ts', { cwd: source });
const importLine = /^(?:import|export)\b[^;]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm;

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(source, file), 'utf8');
  return [...text.matchAll(importLine)].map((m) => ({
    file,
    target: (m[1] ?? m[2] ?? m[3])!,
    typeOnly: m[0].startsWith('import type') || m[0].startsWith('export type'),
  }));
}

/** Test-only modules that tests load in processes or threads of their own are told by their names. */
const isTest = (file: string): boolean =>
  /\.(test|bench)\.ts$|testing|crash-child|faults-operations/.test(file);
const inside = (file: string, target: string): string =>
  relative(source, join(source, dirname(file), target));

test('every import follows the layer table', () => {
  const wrong: string[] = [];
  for (const file of files.filter((f) => !isTest(f))) {
    const part = file.split(sep)[0]!;
    for (const { target } of importsOf(file)) {
      if (!target.startsWith('.')) continue;
      const path = inside(file, target);
      const [other, library] = path.split(sep) as [string, string];
      if (other === part) {
        const own = file.split(sep)[1]!;
        const fine = part !== 'proto' || own === library || protoMayImport[own]?.includes(library);
        if (!fine) wrong.push(`${file} imports proto/${library}`);
      } else if (part === 'config' && configMayImport.test(path)) continue;
      else if (!mayImport[part]?.includes(other)) wrong.push(`${file} imports ${other}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('the sub-folders of a part are private to it', () => {
  const wrong: string[] = [];
  for (const file of files.filter((f) => !isTest(f))) {
    const part = file.split(sep)[0]!;
    for (const { target } of importsOf(file)) {
      if (!target.startsWith('.')) continue;
      const path = inside(file, target).split(sep);
      const depth = path[0] === 'proto' ? 3 : 2;
      if (path[0] !== part && path.length > depth) wrong.push(`${file} reaches into ${path.join('/')}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('sockets and names only in net, process only in bin and cli, time and chance only in base', () => {
  const rules: { pattern: RegExp; where: RegExp; what: string }[] = [
    { pattern: /from 'node:(net|tls|dns|dgram)(\/promises)?'/, where: /^net\//, what: 'sockets' },
    { pattern: /\bprocess\.(env|argv|exit)\b/, where: /^cli\//, what: 'process' },
    {
      pattern: /\bDate\.now\(|\bnew Date\(\)|(?<![.\w])set(Timeout|Interval)\(|\bMath\.random\(/,
      where: /^base\/(clock|ids)\.ts$/,
      what: 'time or chance',
    },
  ];
  const wrong: string[] = [];
  for (const file of files.filter((f) => !isTest(f))) {
    const text = readFileSync(join(source, file), 'utf8').replaceAll(/\/\*[^]*?\*\/|\/\/.*$/gm, '');
    for (const rule of rules) {
      if (rule.pattern.test(text) && !rule.where.test(file.replaceAll(sep, '/')))
        wrong.push(`${file}: ${rule.what}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('no import cycle, also within a part', () => {
  const graph = new Map(
    files.map((file) => [
      file,
      importsOf(file)
        .filter((i) => i.target.startsWith('.') && !i.typeOnly)
        .map((i) => inside(i.file, i.target)),
    ]),
  );
  const state = new Map<string, 'open' | 'done'>();
  const cycles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open')
      return void cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
    state.set(file, 'open');
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    state.set(file, 'done');
  };
  for (const file of files) visit(file, []);
  assert.deepEqual(cycles, []);
});

test('no barrels, and no file or folder whose name says nothing', () => {
  const vague = /(^|\/)(index|utils?|helpers?|common|misc|types?|manager|handlers?)(\.ts$|\/)/;
  assert.deepEqual(
    files.filter((file) => vague.test(file.replaceAll(sep, '/'))),
    [],
  );
});
