import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'smol-toml';
import { scenarioReference } from './reference.ts';
import { readScenario, type ReadScenario } from './sink-scenario.ts';

const shipped: Readonly<Record<string, unknown>> = {
  base: { providers: [{ name: 'one', domains: ['one.test'], limits: [{ of: 'connections', max: 3 }] }] },
};
const read = (toml: string): ReadScenario => readScenario(parse(toml), (name) => shipped[name]);

test('a scenario of two lines has everything by default', () => {
  const got = read('[[providers]]\nname = "a"\ndomains = ["a.test"]');
  assert(got.is === 'scenario');
  const [provider] = got.scenario.providers;
  assert.equal(got.scenario.seed, 1);
  assert.equal(provider!.accepted, '250 2.0.0 OK {id}');
  assert.deepEqual(provider!.limits, []);
  assert.equal(provider!.greylist.seconds, 0);
});

test('all problems are told at once, each with its path', () => {
  const got = read(`
    include = ["nobody"]
    speed = 3
    [[providers]]
    name = "A b"
    domains = ["a.test"]
    limits = [{ of = "connexions", max = 0 }]
    [[providers]]
    name = "b"
    domains = ["b.test"]
    faults = [{ phase = "connect", percent = 130, color = "red" }]
  `);
  assert(got.is === 'problems');
  assert.deepEqual(got.problems.map(({ path }) => path).sort(), [
    'include.0',
    'providers.0.limits.0.max',
    'providers.0.limits.0.of',
    'providers.0.name',
    'providers.1.faults.0.color',
    'providers.1.faults.0.percent',
    'speed',
  ]);
});

test('what a schema cannot say is told too, also of stages', () => {
  const got = read(`
    [[providers]]
    name = "a"
    pattern = "s*.test"
    sites = 4
    limits = [{ of = "connections", max = 1, reply = "250 Fine" }, { of = "connections", max = 2 }]
    recipients = [{ reply = "550-one\\n551 two" }]
    [[providers]]
    name = "b"
    accepted = "Good"
    faults = [{ phase = "rcpt", does = "close" }]
    [[stages]]
    atSeconds = 5
    [[stages.providers]]
    name = "c"
  `);
  assert(got.is === 'problems');
  for (const path of [
    'providers.0.count',
    'providers.0.sites',
    'providers.0.limits.0.reply',
    'providers.0.limits.1.of',
    'providers.0.recipients.0.reply',
    'providers.1.domains',
    'providers.1.accepted',
    'providers.1.faults.0.reply',
    'stages.0.providers.0.name',
  ])
    assert(
      got.problems.some((one) => one.path === path),
      path,
    );
});

test('a provider of a shipped scenario is taken, and changed by what the file says of it', () => {
  const got = read('include = ["base"]\n[[providers]]\nname = "one"\naddresses = 2');
  assert(got.is === 'scenario');
  assert.equal(got.scenario.providers.length, 1);
  assert.equal(got.scenario.providers[0]!.addresses, 2);
  assert.equal(got.scenario.providers[0]!.limits[0]!.max, 3);
});

test('each stage goes on from the one before it, in the order of time, and can make all as it was', () => {
  const got = read(`
    include = ["base"]
    [[stages]]
    atSeconds = 20
    restore = true
    [[stages]]
    atSeconds = 10
    [[stages.providers]]
    name = "one"
    faults = [{ phase = "connect", does = "reset" }]
    [[stages]]
    atSeconds = 15
    [[stages.providers]]
    name = "one"
    limits = []
  `);
  assert(got.is === 'scenario');
  assert.deepEqual(
    got.scenario.stages.map(({ atSeconds, providers: [one] }) => [
      atSeconds,
      one!.faults.length,
      one!.limits.length,
    ]),
    [
      [10, 1, 1],
      [15, 1, 0],
      [20, 0, 1],
    ],
  );
});

test('a name is there once in a file', () => {
  const one = '[[providers]]\nname = "a"\ndomains = ["a.test"]\n';
  assert.deepEqual(read(one + one), {
    is: 'problems',
    problems: [{ path: 'providers.1.name', text: 'is there twice' }],
  });
});

test('the reference page in docs is the one the schema gives', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/reference/sink.md'), 'utf8');
  assert.equal(page, scenarioReference(), 'run: hikyaku sink reference > docs/reference/sink.md');
});
