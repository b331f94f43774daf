import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../base/log.ts';
import { TestClock } from '../base/test-clock.ts';
import type { Authentication } from './authentication.ts';
import { headerCheck } from './header-check.ts';
import { impersonationCheck } from './impersonation-check.ts';
import type { FactsOf, OrgFacts } from './org-facts.ts';
import type { OwnRule } from './own-rule.ts';
import { ownRulesCheck } from './own-rules-check.ts';
import { ReputationLists } from './reputation-lists.ts';
import { testDns } from './testing.ts';
import { foundBy, told } from './testing-mail.ts';
import { urlCheck } from './url-check.ts';

const clock = new TestClock(Date.UTC(2026, 10, 24, 12));
const facts = (more: Partial<OrgFacts> = {}): FactsOf => {
  const own = {
    domains: ['example.co.jp'],
    protectedDomains: ['bank.test'],
    protectedNames: [],
    rules: [],
    ...more,
  };
  return async () => own;
};

const header = headerCheck({ clock, ownNames: ['mx.example.co.jp'] });
const good = `From: Bob <bob@there.test>
To: alice@example.co.jp
Subject: Hi
Date: Tue, 24 Nov 2026 11:59:00 +0000
Message-ID: <1@there.test>

`;

test('a header as mailers write it breaks no rule; what is missing, repeated or out of time does', async () => {
  assert.deepEqual(told(await foundBy(header, good)), []);
  const bare = await foundBy(header, 'From: b@there.test\n\n');
  assert.deepEqual(told(bare).toSorted(), [
    'header.no-date 1',
    'header.no-message-id 0.5',
    'header.no-recipient 0.3',
    'header.no-subject 0.3',
  ]);
  const at = async (date: string) => told(await foundBy(header, good.replace(/Date: .*/, `Date: ${date}`)));
  assert.deepEqual(await at('Fri, 27 Nov 2026 11:59:00 +0000'), ['header.future-date 1.5']);
  assert.deepEqual(await at('Sat, 24 Oct 2026 11:59:00 +0000'), ['header.old-date 0.5']);
  assert.deepEqual(await at('tomorrow'), ['header.no-date 1']);
  assert.deepEqual(told(await foundBy(header, `Subject: again\n${good}`)), ['header.repeated 1.5']);
});

test('who greets with our name, or with none, is told apart from who does not', async () => {
  const from = async (helo: string) => told(await foundBy(header, good, { helo }));
  assert.deepEqual(await from('MX.example.co.jp'), ['header.helo-is-ours 3']);
  for (const helo of ['localhost', 'PC-1', '8.0.2.3', ''])
    assert.deepEqual(await from(helo), ['header.helo-no-name 0.8']);
  for (const helo of ['[8.0.2.3]', 'mail.there.test']) assert.deepEqual(await from(helo), []);
});

test('another server of ours, which SPF knows, may greet with our name', async () => {
  const from = async (result: 'pass' | 'softfail', domain: string) => {
    const heloSpf = { result, domain, identity: 'helo' };
    const authentication = { heloSpf } as unknown as Authentication;
    return told(await foundBy(header, good, { helo: 'mx.example.co.jp', authentication }));
  };
  assert.deepEqual(await from('pass', 'mx.example.co.jp'), []);
  assert.deepEqual(await from('pass', 'other.test'), ['header.helo-is-ours 3']);
  assert.deepEqual(await from('softfail', 'mx.example.co.jp'), ['header.helo-is-ours 3']);
});

test('text that runs backwards hides the name of a file', async () => {
  const mail = good.replace(
    '\n\n',
    "\nContent-Disposition: attachment; filename*=utf-8''inv%E2%80%AEfdp.exe\n\n",
  );
  assert.deepEqual(told(await foundBy(header, mail)), ['header.direction-override 2']);
});

const from = impersonationCheck(
  facts({ protectedNames: ['Taro Yamada', '山田 太郎', 'Example Holdings'] }),
  1000,
);
const fromOf = async (value: string, more = '') => told(await foundBy(from, `From: ${value}\n${more}\n`));

test('a name that holds the address of somebody else is noticed', async () => {
  assert.deepEqual(await fromOf('"ceo@example.co.jp" <x@evil.test>'), ['from.name-holds-address 2.5']);
  assert.deepEqual(await fromOf('=?utf-8?q?pay=40bank=2Etest?= <x@evil.test>'), [
    'from.name-holds-address 2.5',
  ]);
  assert.deepEqual(await fromOf('"bob@mail.there.test" <bob@there.test>'), []);
});

test('a name of the organisation is told by its looks, in any order, unless it writes from home', async () => {
  const rule = ['from.protected-name 4 for org'];
  for (const name of [
    'Taro YAMADA',
    'Yamada, Taro',
    'Tаrо Yаmаdа (CEO)',
    '=?utf-8?b?5bGx55Sw5aSq6YOO?=',
    '社長 山田太郎',
    'Examp1e Holdings',
  ])
    assert.deepEqual(await fromOf(`"${name}" <x@evil.test>`), rule, name);
  assert.deepEqual(await fromOf('"Taro Yamada" <taro@example.co.jp>'), []);
  assert.deepEqual(
    await fromOf('"Taro Yamada" <taro@bank.test>'),
    [],
    'a partner whose people may have such names',
  );
  assert.deepEqual(await fromOf('"Yamada Shoten" <x@shop.test>'), []);
});

test('domains that look like those of the organisation or its partners', async () => {
  assert.deepEqual(await fromOf('x@exarnple.co.jp'), ['from.likeness 4 for org']);
  assert.deepEqual(await fromOf('x@example-billing.com'), ['from.cousin 1.5 for org']);
  assert.deepEqual(await fromOf('x@exampel.co.jp'), ['from.typo 3 for org']);
  assert.deepEqual(await fromOf('x@mail.example.co.jp'), []);
});

test('answers that go to a mailbox of anybody', async () => {
  assert.deepEqual(await fromOf('x@firm.test', 'Reply-To: x.firm@gmail.com\n'), ['from.reply-elsewhere 1']);
  assert.deepEqual(await fromOf('x@gmail.com', 'Reply-To: y@outlook.com\n'), []);
  assert.deepEqual(await fromOf('x@firm.test', 'Reply-To: y@help.firm.test\n'), []);
});

function urls(addresses: Readonly<Record<string, readonly string[]>> = {}) {
  const dns = testDns({});
  for (const [name, records] of Object.entries(addresses)) dns.addresses.set(name, records);
  const list = { zone: 'dbl.test', of: 'domain' as const, weight: 5, answers: [] };
  const lists = new ReputationLists({ dns, clock, log: silentLog, lists: [list] });
  return urlCheck({ lists, factsOf: facts(), timeoutMs: 1000 });
}

test('links are looked at for where they lead', async () => {
  const html = (link: string) => `Content-Type: text/html\n\n<p>${link}</p>\n`;
  const of = async (link: string) => told(await foundBy(urls(), html(link)));
  assert.deepEqual(await of('<a href="http://8.0.2.7/login">x</a>'), ['url.address 1']);
  assert.deepEqual(await of('<a href="http://0x8000207/login">x</a>'), ['url.address 1']);
  assert.deepEqual(await of('<a href="https://bank.test@evil.test/">x</a>'), ['url.user 1.5']);
  assert.deepEqual(await of('<a href="https://evil.test/">https://bank.test/login</a>'), [
    'url.other-than-shown 1.2',
  ]);
  assert.deepEqual(await of('<a href="https://www.bank.test/">www.bank.test</a>'), []);
  assert.deepEqual(await of('<a href="https://www.example.co.jp/">x</a>'), []);
  assert.deepEqual(await of('<a href="https://exampIe.co.jp/">x</a>'), ['url.likeness 3 for org']);
  assert.deepEqual(await of('<a href="https://examp1e.co.jp/">x</a>'), ['url.likeness 3 for org']);
});

test('domains of links are asked for in lists, the registered part, each once', async () => {
  const check = urls({ 'bad.test.dbl.test': ['127.0.1.2'], 'worse.test.dbl.test': ['127.0.1.4'] });
  const text = 'See https://a.bad.test/1 https://b.bad.test/2 http://worse.test and https://good.test\n';
  const found = await foundBy(check, `Subject: x\n\n${text}`);
  assert.deepEqual(told(found), ['uribl.dbl.test 5']);
});

test('rules of an organisation: all conditions must fit, and `not` turns one round', async () => {
  const rule = (name: string, conditions: OwnRule['conditions'], more: Partial<OwnRule> = {}): OwnRule => ({
    name,
    weight: 2,
    conditions,
    ...more,
  });
  const rules = [
    rule('subject', [{ of: 'header', field: 'Subject', test: 'matches', value: '^未払い.*[0-9]+円$' }]),
    rule('both', [
      { of: 'sender', test: 'ends', value: '@THERE.test' },
      { of: 'size', test: 'below', value: '1000000' },
      { of: 'header', field: 'list-id', test: 'contains', value: 'news', not: true },
    ]),
    rule('text', [{ of: 'text', test: 'contains', value: 'bitcoin' }], { action: 'quarantine' }),
    rule('url', [{ of: 'url', test: 'matches', value: '\\.zip$' }]),
    rule('none', [
      { of: 'recipient', test: 'is', value: 'alice@example.co.jp' },
      { of: 'address', test: 'begins', value: '10.' },
    ]),
    rule('empty', []),
  ];
  const check = ownRulesCheck(facts({ rules }), 1000);
  const mail = `Subject: =?utf-8?b?5pyq5omV44GE44Gu5Luj6YeRMTAwMOWGhg==?=

Send BitCoin to http://x.test/a.zip
`;
  const found = await foundBy(check, mail);
  assert.deepEqual(told(found), [
    'own.subject 2 for org',
    'own.both 2 for org',
    'own.text 2 for org',
    'own.url 2 for org',
  ]);
  assert.equal(found.findings[2]?.action, 'quarantine');
});

test('an expression takes no more time than the text is long', async () => {
  const rules = [
    {
      name: 'evil',
      weight: 1,
      conditions: [{ of: 'text' as const, test: 'matches' as const, value: '(a+)+$' }],
    },
  ];
  const mail = `Subject: x\n\n${'a'.repeat(60_000)}b\n`;
  assert.deepEqual(told(await foundBy(ownRulesCheck(facts({ rules }), 1000), mail)), []);
});
