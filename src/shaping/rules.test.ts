import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shapingDefaults } from './defaults.ts';
import { namedWaitMs, readReply } from './learning/replies.ts';
import { lint } from './lint.ts';
import type { ShapingOptions } from './options.ts';
import { perSecond, readRate, tellRate } from './rate.ts';
import { inForce, type Mail } from './rules/merge.ts';
import { providerOf } from './rules/providers.ts';
import { shippedReplies, shippedRules } from './rules/shipped.ts';
import { rateOf, testRule } from './testing-mail.ts';

test('rates are read in every unit, and what is none is not', () => {
  assert.deepEqual(readRate('30/min burst 5'), { amount: 30, perMs: 60_000, burst: 5 });
  assert.equal(perSecond(readRate('10M/s')!), 10 * 1024 * 1024);
  assert.equal(readRate('86400/d')!.burst, 1);
  for (const wrong of ['', '10', '10/w', '-1/s', '0/s', '10 /s', '1e9/s'])
    assert.equal(readRate(wrong), undefined);
  assert.deepEqual([2, 0.5, 0.01, 0.0001].map(tellRate), ['2/s', '30/min', '36/h', '8.64/d']);
});

test('providers are known by all of the mail servers of a site, or by the domain', () => {
  const cases: [readonly string[], string, string][] = [
    [['gmail-smtp-in.l.google.com', 'alt1.gmail-smtp-in.l.google.com'], 'gmail.com', 'google'],
    [['aspmx.l.google.com', 'alt1.aspmx.l.google.com'], 'shop.example', 'google'],
    [['aspmx.l.google.com', 'mx.evil.example'], 'evil.example', ''],
    [['example-jp.mail.protection.outlook.com'], 'example.jp', 'microsoft'],
    [['mta5.am0.yahoodns.net'], 'aol.com', 'yahoo'],
    [['mx1.mail.yahoo.co.jp'], 'yahoo.co.jp', 'yahoo-japan'],
    [['mfsmax.docomo.ne.jp'], 'docomo.ne.jp', 'docomo'],
    [['lsean.ezweb.ne.jp'], 'ezweb.ne.jp', 'au'],
    [[], 'd.vodafone.ne.jp', 'softbank'],
    [['smart.here.test'], 'softbank.ne.jp', 'softbank'],
    [['mx.notgoogle.com'], 'notgoogle.com', ''],
    [[], 'hotmail.co.uk', 'microsoft'],
  ];
  for (const [hosts, domain, provider] of cases) assert.equal(providerOf(hosts, domain), provider, domain);
});

const receiver = { site: 'mx1.google.com', hosts: ['mx1.google.com'], provider: 'google' };
const mail: Mail = { domain: 'gmail.com', org: 'shop', stream: 'bulk', campaign: 'spring' };
const won = (rules: Parameters<typeof inForce>[0], source = '') =>
  inForce(rules, receiver, { source, mail }).map(({ limit, rule, beaten }) => [
    limit,
    rule.name,
    beaten.map((b) => b.name),
  ]);

test('of rules that count the same mail the most precise wins, limit by limit', () => {
  const any = testRule({ name: 'any' }, { connections: 9, messageRate: rateOf('9/s') });
  const provider = testRule({ name: 'provider', provider: 'google' }, { connections: 8 });
  const below = testRule({ name: 'below', host: '.google.com' }, { connections: 7 });
  const host = testRule({ name: 'host', host: 'mx1.google.com' }, { connections: 6 });
  assert.deepEqual(won([host, any, below, provider]), [
    ['connections', 'host', ['below', 'provider', 'any']],
    ['messageRate', 'any', []],
  ]);
});

test('of equals the one for the source wins, then that of the settings, then the later', () => {
  const shipped = testRule({ name: 'shipped', provider: 'google', from: 'shipped' }, { connections: 1 });
  const early = testRule({ name: 'early', provider: 'google' }, { connections: 2 });
  const late = testRule({ name: 'late', provider: 'google' }, { connections: 3 });
  const sourced = testRule({ name: 'sourced', provider: 'google', source: 'ip1' }, { connections: 4 });
  assert.deepEqual(won([early, late, shipped]), [['connections', 'late', ['early', 'shipped']]]);
  assert.deepEqual(won([sourced, early, late, shipped], 'ip1')[0]!.slice(0, 2), ['connections', 'sourced']);
  assert.deepEqual(won([sourced, early], 'ip2'), [['connections', 'early', []]]);
});

test('rules that count other mail hold besides', () => {
  const all = testRule({ name: 'all' }, { messageRate: rateOf('9/s') });
  const each = testRule({ name: 'each', org: '*' }, { messageRate: rateOf('5/s') });
  const own = testRule({ name: 'own', org: 'shop' }, { messageRate: rateOf('7/s') });
  const across = testRule(
    { name: 'across', provider: 'google', across: true },
    { messageRate: rateOf('99/s') },
  );
  assert.deepEqual(won([all, each, own, across]), [
    ['messageRate', 'all', []],
    ['messageRate', 'own', ['each']],
    ['messageRate', 'across', []],
  ]);
  const counts = inForce([all, own, across], receiver, { source: '', mail }).map((one) => one.counts);
  assert.deepEqual(counts, ['mx1.google.com', 'mx1.google.com org=shop', 'all of google']);
});

test('replies are read by provider, phase and text, and a wait that they name is obeyed', () => {
  const read = (provider: string, reply: string, phase = 'mail') => {
    const heard = readReply(shippedReplies, { provider, org: 'shop', campaign: '' }, { phase, reply });
    return heard && [heard.does, heard.about, heard.does === 'suspend' ? heard.forMs / 60_000 : 0];
  };
  assert.deepEqual(read('google', '421 4.7.28 unusual rate of mail'), ['suspend', 'source', 10]);
  assert.deepEqual(read('google', '421 4.7.28 unusual rate of mail originating from your DKIM domain'), [
    'slower',
    'org',
    0,
  ]);
  assert.deepEqual(
    read('google', '450 4.2.1 The user you are trying to contact is receiving mail too quickly'),
    ['ignore', 'source', 0],
  );
  assert.deepEqual(read('microsoft', '451 4.7.650 temporarily rate limited (S775)'), ['slower', 'source', 0]);
  assert.deepEqual(read('microsoft', '550 5.7.1 part of their network is on our block list (S3140)'), [
    'suspend',
    'source',
    60,
  ]);
  assert.deepEqual(read('', '421 Too many concurrent SMTP connections', 'banner'), ['fewer', 'source', 0]);
  assert.deepEqual(read('', '450 4.7.1 Greylisted for 300 seconds'), ['ignore', 'source', 0]);
  for (const reply of [
    '452 4.5.3 Error: too many recipients',
    '552 Too many recipients',
    '450 5.5.3 no more here',
  ])
    assert.deepEqual(read('', reply, 'rcpt'), ['ignore', 'source', 0], reply);
  assert.deepEqual(read('', '452 4.5.3 Too many recipients received this hour', 'rcpt')?.[0], 'slower');
  assert.deepEqual(read('', '451 Rate limit exceeded, try again in 15 minutes'), ['suspend', 'source', 15]);
  assert.deepEqual(read('au', '451 4.4.2 Connection lost: ECONNRESET', 'mail'), ['slower', 'source', 0]);
  assert.deepEqual(read('', '554 5.7.1 Client host blocked using zen.spamhaus.org', 'rcpt'), [
    'suspend',
    'source',
    60,
  ]);
  for (const phase of ['rcpt', 'dot'])
    assert.notEqual(
      read('', '554 5.7.1 Message contains a URL listed at dbl.spamhaus.org', phase)?.[0],
      'suspend',
      'what a mail says is not what its address is',
    );
  assert.equal(read('', '550 5.1.1 User unknown'), undefined);
  assert.equal(read('', '452 4.2.2 Mailbox full'), undefined);
  assert.deepEqual(
    [
      'try again in 300 seconds',
      'wait 10 minutes',
      'retry after 2 hours',
      'exceeded 100 messages in 1 hour',
      'please wait for at least 10 min',
      'never',
    ].map(namedWaitMs),
    [300_000, 600_000, 7_200_000, undefined, 600_000, undefined],
  );
});

const findings = (...rules: ShapingOptions['rules']) =>
  lint({ ...shapingDefaults, rules: [...shippedRules, ...rules] }).map(({ is, text }) => `${is}: ${text}`);

test('the linter says what a rule really does', () => {
  assert.deepEqual(
    findings(testRule({ provider: 'google' }, { connections: 10, messagesPerConnection: 50 })),
    [],
  );
  assert.deepEqual(
    findings(testRule({ host: 'mx.here.test' }, { connections: 1, messagesPerConnection: 10 })),
    ['slow: 1 connection × 10 messages at 5 s each = at most 12/min, 17,280 a day'],
  );
  assert.match(
    findings(testRule({ host: 'mx.test' }, { connections: 5, messageRate: rateOf('100/s') }))[0]!,
    /^contradicts: 5 connections at 0.5 s a message are at most 10\/s/,
  );
  assert.match(
    findings(
      testRule(
        { host: 'mx.test' },
        { connectionRate: rateOf('1/min'), messagesPerConnection: 10, messageRate: rateOf('5/s') },
      ),
    )[0]!,
    /^contradicts: 1\/min connections of 10 messages are at most 10\/min/,
  );
  assert.match(
    findings(testRule({ provider: 'google', host: 'mx.yahoo.test' }, { connections: 9 }))[0]!,
    /^neverApplies: no mail server of Google/,
  );
  assert.match(
    findings(testRule({ source: 'nobody' }, { connections: 9 }))[0]!,
    /^neverApplies: no source is called "nobody"/,
  );
  assert.match(
    findings(
      testRule({ name: 'a', provider: 'apple' }, { connections: 9 }),
      testRule({ name: 'b', provider: 'apple' }, { connections: 8 }),
    )[0]!,
    /^loses: connections 9 loses to b \(8\)/,
  );
  assert.match(
    findings(testRule({ provider: 'docomo', org: 'shop' }, { messageRate: rateOf('100/s') })).at(-1)!,
    /^holdsBeside: messageRate 100\/s burst 5 is never reached: shipped \d+ \(30\/s burst 2 for all of docomo\)/,
  );
});
