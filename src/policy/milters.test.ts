import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as fc from 'fast-check';
import { sleep, systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { packet } from '../proto/milter/packet.ts';
import { openFileBodies } from '../store/file-bodies.ts';
import { testDialer } from './engine-testing.ts';
import type { MilterOptions } from './milter-options.ts';
import {
  addHeader,
  changeHeader,
  goOn,
  insertHeader,
  testMilter,
  texts,
  words,
  type TestMilter,
  type TestMilterOptions,
} from './milter-testing.ts';
import { Milters, type MilterMail, type MilterOutcome, type MilterRun } from './milters.ts';

const folder = mkdtempSync(join(tmpdir(), 'hikyaku-milters-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const mega = 1024 * 1024;

const incoming: MilterMail = {
  id: 'abc',
  direction: 'in',
  via: 'mx',
  ip: '192.0.2.1',
  localIp: '192.0.2.2',
  helo: 'there.test',
  tls: { version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' },
  login: '',
};

type Given = readonly (Pick<TestMilter, 'address'> & Partial<MilterOptions>)[];

function run(milters: Given, mail = incoming): MilterRun {
  return made(milters).begin(mail)!;
}

function made(milters: Given): Milters {
  return new Milters({
    milters: milters.map(({ address, ...more }, i) => ({
      name: `m${i}`,
      address,
      timeouts: { commandMs: 5000, contentMs: 5000 },
      onFailure: 'defer',
      direction: 'both',
      keepsConnections: false,
      ...more,
    })),
    dialer: testDialer,
    bodies: openFileBodies(folder),
    log: silentLog,
    hostName: 'mx.here.test',
    messageMaxBytes: mega,
  });
}

const header = 'Received: from a\r\nFrom: bob@there.test\r\nSubject: Hi\r\n there\r\nX-A: 1\r\nX-A: 2\r\n';
const bodyText = '\r\nHello\r\n';

/** The source gives the body from behind the blank line. */
async function* bodyOf(text: string, size = 64 * 1024): AsyncGenerator<Buffer, void, void> {
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function whole(milters: MilterRun, body = bodyText.slice(2)): Promise<MilterOutcome> {
  assert.equal(await milters.sender('bob@there.test', ['SIZE=100']), undefined);
  assert.equal(await milters.recipient('alice@here.test', []), undefined);
  return milters.text(Buffer.from(header), () => bodyOf(body));
}

async function textOf({ text }: MilterOutcome): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of text!.body()) pieces.push(Uint8Array.from(piece));
  return `${text!.top.toString('latin1')}[Received]\r\n${text!.header.toString('latin1')}\r\n${Buffer.concat(pieces).toString('latin1')}`;
}

test('a milter hears all of a mail in its order, with macros, and need change nothing', async () => {
  await using milter = await testMilter();
  using milters = run([milter]);
  const outcome = await whole(milters);
  assert.deepEqual(outcome, {
    refusal: undefined,
    findings: [],
    failures: [],
    text: undefined,
    sender: undefined,
    added: [],
    deleted: [],
    changed: [],
  });
  assert.deepEqual(milter.heard.slice(0, 15), [
    'C [192.0.2.1]|4||192.0.2.1|',
    'H there.test|',
    'M <bob@there.test>|SIZE=100|',
    'R <alice@here.test>|',
    'T',
    'L Received|from a|',
    'L From|bob@there.test|',
    'L Subject|Hi\n there|',
    'L X-A|1|',
    'L X-A|2|',
    'N',
    'B Hello\r\n',
    'E',
  ]);
  assert.match(milter.macros.get('C')!, /^j\|mx\.here\.test\|\{daemon_name\}\|mx\|/);
  assert.match(milter.macros.get('H')!, /^\{tls_version\}\|TLSv1\.3\|\{cipher\}\|/);
  assert.match(
    milter.macros.get('M')!,
    /^i\|abc\|\{mail_addr\}\|bob@there\.test\|\{mail_host\}\|there\.test\|/,
  );
  assert.match(milter.macros.get('R')!, /^\{rcpt_addr\}\|alice@here\.test\|/);
});

test('what a milter does not want is not said, and where it does not answer nothing is waited for', async () => {
  const quiet = 0x1 | 0x2 | 0x200 | 0x40;
  const silent = 0x80 | 0x4000 | 0x8000 | 0x80000;
  await using milter = await testMilter({ steps: quiet | silent });
  using milters = run([milter]);
  assert.equal((await whole(milters)).text, undefined);
  assert.deepEqual(
    milter.heard.slice(0, 9).map((line) => line[0]),
    ['M', 'R', 'L', 'L', 'L', 'L', 'L', 'B', 'E'],
  );
});

test('a milter may choose its macros, and skip the rest of a body', async () => {
  const chosen = Buffer.concat([words(6, 0x1, 0x400), words(1), texts('j {auth_authen}')]);
  let pieces = 0;
  const options: TestMilterOptions = {
    greeting: packet('O', chosen),
    answers: { B: () => (++pieces === 2 ? [packet('s')] : undefined) },
  };
  await using milter = await testMilter(options);
  using milters = run([milter], { ...incoming, direction: 'out', login: 'alice@here.test' });
  await whole(milters, 'x'.repeat(500_000));
  assert.equal(pieces, 2);
  assert.equal(milter.macros.get('H'), 'j|mx.here.test|{auth_authen}|alice@here.test|');
});

test('header fields come where a milter puts them: around our own Received field, by their number, at the end', async () => {
  await using milter = await testMilter({
    answers: {
      E: () => [
        addHeader('X-End', 'end'),
        insertHeader(1, 'X-One', 'behind ours'),
        insertHeader(0, 'X-Zero', 'before ours'),
        insertHeader(99, 'X-Last', 'last'),
        changeHeader(2, 'x-a', 'two'),
        changeHeader(1, 'Subject', ''),
        changeHeader(1, 'X-None', 'new'),
        changeHeader(7, 'X-A', ''),
        packet('p'),
        goOn,
      ],
    },
  });
  using milters = run([milter]);
  const outcome = await whole(milters);
  assert.equal(
    await textOf(outcome),
    'X-Zero: before ours\r\n[Received]\r\nX-One: behind ours\r\nReceived: from a\r\nFrom: bob@there.test\r\nX-A: 1\r\nx-a: two\r\nX-End: end\r\nX-Last: last\r\nX-None: new\r\n\r\nHello\r\n',
  );
});

test('a new body takes the place of the old one, and the next milter sees it with all changes so far', async () => {
  const large = 'y'.repeat(60_000);
  await using first = await testMilter({
    answers: {
      E: () => [
        packet('b', Buffer.from(large)),
        packet('b', Buffer.from(large)),
        addHeader('X-First', 'was here'),
        packet('e', texts('<carol@there.test>')),
        packet('+', texts('<dave@here.test>')),
        packet('-', texts('<alice@here.test>')),
        goOn,
      ],
    },
  });
  await using second = await testMilter();
  using milters = run([first, second]);
  const outcome = await whole(milters);
  assert.equal(outcome.sender, 'carol@there.test');
  assert.deepEqual([outcome.added, outcome.deleted], [['dave@here.test'], ['alice@here.test']]);
  assert.deepEqual(outcome.changed, [{ by: 'm0', what: ['header', 'sender', 'recipients', 'body'] }]);
  assert((await textOf(outcome)).endsWith(`X-First: was here\r\n\r\n${large}${large}`));
  assert(second.heard.includes('L X-First|was here|'));
  const seen = second.heard.filter((line) => line.startsWith('B ')).map((line) => line.slice(2));
  assert.equal(seen.join(''), large + large);
  milters[Symbol.dispose]();
  const spooled = (): string[] => readdirSync(join(folder, 'bodies/tmp'));
  for (let tries = 0; tries < 200 && spooled().length > 0; tries++) await sleep(systemClock, 10);
  assert.deepEqual(spooled(), [], 'what was spooled is gone');
});

test('line ends of a new body are made CRLF, also between its pieces', async () => {
  const pieces = ['one\ntwo\r', '\nthree\r.\n', 'four\r'];
  await using milter = await testMilter({
    answers: { E: () => [...pieces.map((piece) => packet('b', Buffer.from(piece))), goOn] },
  });
  using milters = run([milter]);
  const text = await textOf(await whole(milters));
  assert(text.endsWith('\r\n\r\none\r\ntwo\r\nthree\r\n.\r\nfour\r\n'));
});

test('a verdict at each step: mail refused or put off, one recipient refused, the rest unseen', async () => {
  const cases: readonly [TestMilterOptions['answers'], RegExp, boolean][] = [
    [{ C: () => [packet('r')] }, /does not take/, false],
    [{ H: () => [packet('t')] }, /try again/, true],
    [{ M: () => [packet('y', texts('550 5.7.1 Not from you'))] }, /^Not from you$/, false],
    [{ M: () => [packet('4')] }, /try again/, true],
  ];
  for (const [answers, reply, temporary] of cases) {
    await using milter = await testMilter({ answers: answers! });
    using milters = run([milter]);
    const refusal = await milters.sender('bob@there.test', []);
    assert.match(refusal!.reply, reply);
    assert.equal(refusal!.temporary, temporary);
  }
  await using picky = await testMilter({
    answers: {
      R: (data) => (data.includes('bob') ? [packet('y', texts('451 4.7.1 Greylisted'))] : undefined),
    },
  });
  using milters = run([picky]);
  await milters.sender('x@there.test', []);
  assert.deepEqual(await milters.recipient('bob@here.test', []), {
    reply: 'Greylisted',
    temporary: true,
    by: 'm0',
    status: { code: 451, enhanced: '4.7.1' },
  });
  assert.equal(await milters.recipient('alice@here.test', []), undefined);
  const outcome = await milters.text(Buffer.from(header), () => bodyOf('x'));
  assert.deepEqual(outcome.findings, []);
});

test('at the end a milter refuses or puts off, with its codes: nothing is changed, and the next one is not asked', async () => {
  const cases: readonly [Buffer, unknown][] = [
    [packet('r'), { reply: 'A filter does not take this', temporary: false, by: 'm0' }],
    [packet('t'), { reply: 'Not now, try again later', temporary: true, by: 'm0' }],
    [
      packet('y', texts('554 5.7.0 Spam')),
      { reply: 'Spam', temporary: false, by: 'm0', status: { code: 554, enhanced: '5.7.0' } },
    ],
    [
      packet('y', texts('421 4.3.0 Bye')),
      { reply: 'Bye', temporary: true, by: 'm0', status: { code: 451, enhanced: '4.3.0' } },
    ],
  ];
  for (const [answer, refusal] of cases) {
    await using milter = await testMilter({ answers: { E: () => [addHeader('X', 'y'), answer] } });
    await using next = await testMilter();
    using milters = run([milter, next]);
    const outcome = await whole(milters);
    assert.deepEqual(outcome.refusal, refusal);
    assert.equal(outcome.text, undefined);
    assert.equal(next.heard.includes('E'), false);
  }
});

test('a milter quarantines, and what it would throw away is quarantined', async () => {
  const cases: readonly [readonly Buffer[], string][] = [
    [[packet('d')], 'would throw it away'],
    [[packet('q', texts('Looks odd')), goOn], 'Looks odd'],
  ];
  for (const [answers, detail] of cases) {
    await using milter = await testMilter({ answers: { E: () => answers } });
    await using next = await testMilter();
    using milters = run([milter, next]);
    const outcome = await whole(milters);
    assert.deepEqual(
      outcome.findings.map((one) => [one.rule, one.action, one.detail]),
      [['milter.m0', 'quarantine', detail]],
    );
    assert(next.heard.includes('E'));
  }
});

test('who accepts early hears no more; who would discard early has the mail quarantined', async () => {
  await using content = await testMilter({ answers: { M: () => [packet('a')], R: () => assert.fail() } });
  await using sink = await testMilter({ answers: { R: () => [packet('d')], E: () => assert.fail() } });
  using milters = run([content, sink]);
  const outcome = await whole(milters);
  assert.deepEqual(
    outcome.findings.map(({ rule, action }) => [rule, action]),
    [['milter.m1', 'quarantine']],
  );
});

test('a milter that fails is left out, as its policy says, wherever it fails; nothing of its changes is done', async () => {
  const silent = { timeouts: { commandMs: 50, contentMs: 50 } };
  const failing: readonly [string, TestMilterOptions][] = [
    ['greets with nonsense', { greeting: Buffer.from('HTTP/1.1 400\r\n\r\n') }],
    ['wants too much', { greeting: packet('O', words(6, 0x1000, 0)) }],
    ['is silent at connect', { answers: { C: () => [] } }],
    ['is silent at rcpt', { answers: { R: () => [] } }],
    ['is silent at the body', { answers: { B: () => [] } }],
    ['is silent at the end', { answers: { E: () => [addHeader('X', 'y')] } }],
    ['changes in the middle', { answers: { N: () => [addHeader('X', 'y')] } }],
    [
      'breaks the header',
      { answers: { E: () => [addHeader('X', 'y'), addHeader('Y', 'z\r\n\r\nq'), goOn] } },
    ],
    ['does what it may not', { actions: 0, answers: { E: () => [addHeader('X', 'y'), goOn] } }],
    [
      'too much body',
      { answers: { E: () => [...Array<Buffer>(20).fill(packet('b', Buffer.alloc(60_000))), goOn] } },
    ],
    ['a NUL in a body', { answers: { E: () => [packet('b', Buffer.from('a\0b')), goOn] } }],
    ['sends a packet without end', { answers: { E: () => [Buffer.from([0xff, 0xff, 0xff, 0xff])] } }],
  ];
  for (const [name, options] of failing) {
    await using milter = await testMilter(options);
    using milters = run([{ ...milter, ...silent, onFailure: 'mark' }]);
    const outcome = await whole(milters);
    assert.deepEqual([outcome.findings, outcome.text], [[], undefined], name);
    assert.deepEqual(
      outcome.failures.map(({ check, policy }) => [check, policy]),
      [['milter.m0', 'mark']],
      name,
    );
  }
  using gone = run([{ address: { is: 'unix', path: '/nowhere/at/all' } }]);
  assert.deepEqual(await gone.sender('bob@there.test', []), {
    reply: 'A filter does not answer now, try again later',
    temporary: true,
    by: 'm0',
  });
});

test('a connection is kept for the next mail where that is asked for, and made anew where the milter has closed it', async () => {
  const mails = async (milter: TestMilter, keepsConnections: boolean, count: number): Promise<void> => {
    const milters = made([{ ...milter, keepsConnections }]);
    for (let i = 0; i < count; i++) {
      using one = milters.begin(incoming)!;
      assert.deepEqual((await whole(one)).failures, []);
    }
  };
  const commands = ({ heard }: TestMilter): string => heard.map((line) => line[0]).join('');
  const one = 'CHMRTLLLLLNBE';
  await using kept = await testMilter();
  await mails(kept, true, 3);
  assert.equal(commands(kept), `${one}K${one}K${one}`);
  assert.equal(kept.connections(), 1);
  await using plain = await testMilter();
  await mails(plain, false, 2);
  assert.equal(plain.connections(), 2);
  // One that does not know the command hangs up.
  await using old = await testMilter({ hangsUpAt: 'K' });
  await mails(old, true, 4);
  assert.equal(old.connections(), 4);
});

test('a milter is asked about the mail it is meant for', async () => {
  await using milter = await testMilter();
  assert.equal(run([{ ...milter, direction: 'out' }]), undefined);
  assert.notEqual(run([{ ...milter, direction: 'in' }]), undefined);
});

test('whatever a milter answers, there is an outcome, and a text of which no header ends early', async () => {
  const piece = fc.constantFrom(
    '\0',
    'X-A',
    'v\r\n w',
    '\r\n\r\n',
    '<a@b.test>',
    '550 5.7.1 no',
    '\0\0\0\x01',
  );
  const answer = fc
    .tuple(fc.constantFrom(...Array.from('csparthimeb+-qyZ')), fc.array(piece, { maxLength: 4 }))
    .map(([kind, pieces]) => packet(kind, Buffer.from(pieces.join(''), 'latin1')));
  const commands = fc.dictionary(
    fc.constantFrom(...Array.from('CHMRTLNBE')),
    fc.array(answer, { minLength: 1, maxLength: 3 }),
    { maxKeys: 2 },
  );
  await fc.assert(
    fc.asyncProperty(commands, async (said) => {
      const answers = Object.fromEntries(
        Object.entries(said).map(([kind, packets]) => [kind, () => packets]),
      );
      await using milter = await testMilter({ answers });
      using milters = run([{ ...milter, timeouts: { commandMs: 30, contentMs: 30 }, onFailure: 'accept' }]);
      if (await milters.sender('bob@there.test', [])) return;
      await milters.recipient('alice@here.test', []);
      const outcome = await milters.text(Buffer.from(header), () => bodyOf('x'));
      if (outcome.text === undefined) return;
      const lines = Buffer.concat([outcome.text.top, outcome.text.header]).toString('latin1').split('\r\n');
      assert.equal(lines.pop(), '');
      assert(
        lines.every((line) => /^(?:[!-9;-~]+:|[ \t]+\S)/.test(line) && !/[\r\n\0]/.test(line)),
        lines.join('|'),
      );
    }),
    { numRuns: 60 },
  );
});
