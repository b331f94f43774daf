import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pass, Wait } from '../queue/gate.ts';
import type { QueuedMessage } from '../queue/message.ts';
import type { SiteGate } from './gate.ts';
import { explain } from './explain.ts';
import { Shaper } from './shaper.ts';
import { SharedTable, tableBytes } from './shared-table.ts';
import {
  gmail,
  rateOf,
  refusedResult,
  StandingClock,
  takenResult,
  testMail,
  testRule,
  testShaper,
} from './testing-mail.ts';

const source = (name: string, more: object = {}) => ({
  name,
  addresses: [],
  hostname: '',
  proxy: undefined,
  warmUpFrom: '',
  ...more,
});

function passOf(answer: Pass | Wait): Pass {
  assert(answer.is === 'pass');
  return answer;
}

/** Sends as long as it may; gives what went. */
function drain(gate: SiteGate, mail: QueuedMessage, nowMs: number, most = 1000): Pass[] {
  const passes: Pass[] = [];
  while (passes.length < most) {
    const answer = gate.ask(mail, 'gmail.com', nowMs);
    if (answer.is === 'wait') break;
    answer.go(1, mail);
    answer.over(mail, takenResult);
    passes.push(answer);
  }
  return passes;
}

test('a rate lets so many through in any stretch of time, and opens by itself', () => {
  const { shaper, clock } = testShaper({ rules: [testRule({}, { messageRate: rateOf('10/s') })] });
  const gate = shaper.gate(gmail);
  let sent = 0;
  for (let ms = 0; ms < 10_000; ms += 10) {
    sent += drain(gate, testMail(), clock.now).length;
    clock.now += 10;
  }
  assert.ok(sent >= 99 && sent <= 101, String(sent));
  drain(gate, testMail(), clock.now);
  const wait = gate.ask(testMail(), 'gmail.com', clock.now) as Wait;
  assert.deepEqual([wait.is, wait.whole], ['wait', true]);
  assert.ok(wait.untilMs > clock.now && wait.untilMs <= clock.now + 100);
});

test('a limit of one organisation holds besides that for all, and does not hold others back', () => {
  const { shaper, clock } = testShaper({
    rules: [
      testRule({}, { messageRate: rateOf('100/s burst 100') }),
      testRule({ org: 'loud' }, { messageRate: rateOf('1/min') }),
    ],
  });
  const gate = shaper.gate(gmail);
  const loud = testMail({ org: 'loud' });
  assert.equal(drain(gate, loud, clock.now).length, 1);
  const wait = gate.ask(loud, 'gmail.com', clock.now) as Wait;
  assert.deepEqual([wait.is, wait.whole], ['wait', false]);
  assert.equal(drain(gate, testMail({ org: 'other' }), clock.now).length, 99);
});

test('`*` counts each organisation by itself', () => {
  const { shaper, clock } = testShaper({
    rules: [testRule({ org: '*' }, { messageRate: rateOf('1/h burst 3') })],
  });
  const gate = shaper.gate(gmail);
  for (const org of ['a', 'b']) assert.equal(drain(gate, testMail({ org }), clock.now).length, 3);
  assert.equal(drain(gate, testMail({ org: '' }), clock.now, 50).length, 50, 'mail of nobody is not counted');
});

test('a limit across the sites of a provider is one limit for all of them', () => {
  const { shaper, clock } = testShaper({
    rules: [
      testRule({ provider: 'google', across: true }, { messageRate: rateOf('1/h burst 10'), connections: 3 }),
    ],
  });
  const one = shaper.gate(gmail);
  const hosted = { site: 'aspmx.l.google.com', hosts: ['aspmx.l.google.com'], destination: 'hosted.example' };
  const other = shaper.gate(hosted);
  assert.equal(drain(one, testMail(), clock.now, 6).length, 6);
  assert.equal(drain(other, testMail(), clock.now).length, 4);
  const [way] = one.paths.map((path) => path.way);
  const [otherWay] = other.paths.map((path) => path.way);
  assert.deepEqual([way!.open(), way!.open(), otherWay!.open(), otherWay!.open()], [true, true, true, false]);
  way!.closed();
  assert.equal(otherWay!.open(), true);
});

test('one limit is one limit over the threads of a process', () => {
  const clock = new StandingClock();
  const buffer = new SharedArrayBuffer(tableBytes(3, 256));
  const rules = [testRule({}, { connections: 4, messageRate: rateOf('1/h burst 9') })];
  const gates = [0, 1, 2].map((thread) =>
    testShaper({ rules }, { clock, table: new SharedTable(buffer, 3, thread) }).shaper.gate(gmail),
  );
  const sent = gates.map((gate) => drain(gate, testMail(), clock.now, 4).length);
  assert.equal(
    sent.reduce((sum, n) => sum + n),
    9,
  );
  const opened = gates.flatMap((gate) => [1, 2, 3].map(() => gate.paths[0]!.way.open()));
  assert.equal(opened.filter(Boolean).length, 4);
  new SharedTable(buffer, 3, 0).forgetThread(0);
  assert.equal(gates[2]!.paths[0]!.way.open(), true, 'what a thread held ends with it');
});

test('connections open no faster than a rule says', () => {
  const { shaper, clock } = testShaper({
    rules: [testRule({}, { connectionRate: rateOf('6/min burst 2') })],
  });
  const { way } = shaper.gate(gmail).paths[0]!;
  assert.deepEqual([way.open(), way.open(), way.open()], [true, true, false]);
  clock.now += 10_000;
  assert.deepEqual([way.open(), way.open()], [true, false]);
});

test('a block suspends for the time that the reply names, for this source and provider only, and ends by one probe', () => {
  const { shaper, clock } = testShaper({
    sources: [source('one'), source('two')],
    pools: [{ name: 'all', orgs: [], streams: [], members: [{ source: 'one', weight: 1 }] }],
  });
  const gate = shaper.gate(gmail);
  const mail = testMail();
  const pass = passOf(gate.ask(mail, 'gmail.com', clock.now));
  pass.go(1, mail);
  pass.over(mail, refusedResult('554 Blocked, listed at zen.spamhaus.org, try again in 30 minutes'));
  const wait = gate.ask(mail, 'gmail.com', clock.now) as Wait;
  assert.equal(wait.untilMs, clock.now + 1_800_000);
  const yahoo = { site: 'mta5.am0.yahoodns.net', hosts: ['mta5.am0.yahoodns.net'], destination: 'yahoo.com' };
  assert.equal(shaper.gate(yahoo).ask(mail, 'yahoo.com', clock.now).is, 'pass');
  clock.now += 1_800_001;
  const probe = passOf(gate.ask(mail, 'gmail.com', clock.now));
  probe.go(1, mail);
  assert.equal(gate.ask(mail, 'gmail.com', clock.now).is, 'wait', 'one at a time');
  clock.now += 1500;
  probe.over(mail, takenResult);
  assert.equal(gate.ask(mail, 'gmail.com', clock.now + 600_000).is, 'pass');
});

test('what is said of an organisation slows that organisation', () => {
  const { shaper, clock } = testShaper();
  const gate = shaper.gate(gmail);
  const mail = testMail({ org: 'spammy' });
  const reply =
    '421 4.7.28 Our system has detected an unusual rate of unsolicited mail originating from your SPF domain [spammy.test]. Wait 10 minutes.';
  const pass = passOf(gate.ask(mail, 'gmail.com', clock.now));
  pass.go(1, mail);
  pass.over(mail, refusedResult(reply, 'dot'));
  const wait = gate.ask(mail, 'gmail.com', clock.now) as Wait;
  assert.deepEqual([wait.is, wait.whole], ['wait', false]);
  assert.equal(gate.ask(testMail({ org: 'good' }), 'gmail.com', clock.now).is, 'pass');
});

test('what was learned is kept, and taken up by the next process', () => {
  const { shaper, clock } = testShaper();
  const gate = shaper.gate(gmail);
  const mail = testMail();
  const pass = passOf(gate.ask(mail, 'gmail.com', clock.now));
  pass.go(1, mail);
  pass.over(mail, refusedResult('421 4.7.28 unusual rate', 'dot'));
  const kept = shaper.changed();
  assert.equal(kept.length, 1);
  assert.deepEqual(shaper.changed(), []);
  const next = testShaper({}, { clock });
  const again = new Shaper({
    options: next.shaper.options,
    table: SharedTable.alone(),
    clock,
    log: { info() {} } as never,
    kept,
  });
  const wait = again.gate(gmail).ask(mail, 'gmail.com', clock.now) as Wait;
  assert.equal(wait.untilMs, clock.now + 600_000);
});

test('sources have their turns by weight; one that is shut out gives its turns to the others', () => {
  const { shaper, clock } = testShaper({
    sources: [source('a'), source('b')],
    pools: [
      {
        name: 'bulk',
        orgs: [],
        streams: ['bulk'],
        members: [
          { source: 'a', weight: 3 },
          { source: 'b', weight: 1 },
        ],
      },
      { name: 'own', orgs: ['vip'], streams: [], members: [{ source: 'b', weight: 1 }] },
    ],
  });
  const gate = shaper.gate(gmail);
  const count = (mail: QueuedMessage): Record<string, number> => {
    const by: Record<string, number> = {};
    for (const { way } of drain(gate, mail, clock.now, 40)) by[way.source] = (by[way.source] ?? 0) + 1;
    return by;
  };
  assert.deepEqual(count(testMail({ stream: 'bulk' })), { a: 30, b: 10 });
  assert.deepEqual(count(testMail({ org: 'vip' })), { b: 40 });
  shaper.setPulled('a', 'google', 1);
  assert.deepEqual(count(testMail({ stream: 'bulk' })), { b: 40 });
  shaper.setPulled('b', 'google', 1);
  assert.deepEqual(
    Object.keys(count(testMail({ stream: 'bulk' }))).sort(),
    ['a', 'b'],
    'none is worse than one that is listed',
  );
});

test('a new source sends its part of the day to each provider, the rest goes by a warm one; good days count, bad ones do not', () => {
  const { shaper, clock } = testShaper({
    warmUpFirst: 10,
    warmUpGrowth: 2,
    warmUpDays: 3,
    sources: [source('cold', { warmUpFrom: '2026-01-01' }), source('warm')],
  });
  const gate = shaper.gate(gmail);
  const day = (): number =>
    drain(gate, testMail(), clock.now, 100).filter(({ way }) => way.source === 'cold').length;
  const parts: number[] = [];
  for (let i = 0; i < 4; i++) {
    parts.push(day());
    clock.now += 86_400_000;
  }
  assert.deepEqual(parts.slice(0, 3), [10, 20, 40]);
  assert.ok(parts[3]! >= 45, 'warm: its full turn');
});

test('a bad sign freezes the warm-up', () => {
  const { shaper, clock } = testShaper({
    warmUpFirst: 10,
    warmUpGrowth: 2,
    warmUpDays: 9,
    sources: [source('cold', { warmUpFrom: '2026-01-01' })],
  });
  const gate = shaper.gate(gmail);
  assert.equal(drain(gate, testMail(), clock.now).length, 10);
  const path = gate.paths[0]!;
  path.inHand += 1;
  path.heard(testMail(), refusedResult('421 4.7.28 unusual rate', 'dot'));
  clock.now += 86_400_000;
  const probe = passOf(gate.ask(testMail(), 'gmail.com', clock.now));
  probe.go(1, testMail());
  clock.now += 2000;
  probe.over(testMail(), takenResult);
  assert.equal(path.warmUp!.part, 10);
});

test('it is told why mail waits, and by which rules', () => {
  const { shaper, clock } = testShaper({
    rules: [
      testRule({ name: 'wide', provider: 'google' }, { messageRate: rateOf('100/s') }),
      testRule({ name: 'close', host: '.google.com' }, { messageRate: rateOf('1/h') }),
    ],
  });
  drain(shaper.gate(gmail), testMail(), clock.now);
  const asked = { org: 'shop', stream: 'transactional', campaign: '', language: 'en' } as const;
  const told = explain(shaper, gmail, asked);
  assert.deepEqual([told.provider, told.providerTitle, told.hosts], ['google', 'Google', gmail.hosts]);
  const [limit] = told.sources[0]!.limits;
  assert.deepEqual(
    [limit!.limit, limit!.value, limit!.rule, limit!.beaten],
    ['messageRate', '1/h', 'close', ['wide']],
  );
  assert.match(
    told.now[0]!,
    /^Limit on copies sent \(1\/h, gmail-smtp-in\.l\.google\.com\): the next at \d{4}-/,
  );
  assert.match(explain(shaper, gmail, { ...asked, language: 'ja' }).now[0]!, /^送信数の制限/);
});

test('a domain that is new to receivers has its part of the day, whichever way it goes; others are not held back', () => {
  const from = '2026-01-01';
  const { shaper, clock } = testShaper({
    warmUpFirst: 5,
    domains: [{ domain: 'new.test', warmUpFrom: from }],
    sources: [source('a'), source('b')],
  });
  const gate = shaper.gate(gmail);
  const mail = testMail({ sender: 'hello@new.test' });
  assert.equal(drain(gate, mail, clock.now).length, 5);
  const wait = gate.ask(mail, 'gmail.com', clock.now) as Wait;
  assert.equal(wait.untilMs % 86_400_000, 0);
  assert.equal(drain(gate, testMail(), clock.now, 50).length, 50);
});

test('a source whose warm-up begins later sends nothing before', () => {
  const { shaper, clock } = testShaper({ sources: [source('cold', { warmUpFrom: '2030-05-01' })] });
  const wait = shaper.gate(gmail).ask(testMail(), 'gmail.com', clock.now) as Wait;
  assert.equal(wait.untilMs, Date.UTC(2030, 4, 1));
});
