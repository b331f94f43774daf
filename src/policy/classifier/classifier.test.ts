import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseHeaders } from '../../proto/mime/headers.ts';
import { headerTokens } from './header-tokens.ts';
import { seenHtml } from './html.ts';
import { linkTokens } from './links.ts';
import { routeOfStored, routeTokens } from './route-tokens.ts';
import { scoreOf, speaksFrom } from './score.ts';
import { storedTokens } from './stored-tokens.ts';
import { Tally } from './tally.ts';
import { packHashes, tokenHash, unpackHashes } from './token-hash.ts';
import { wordsOf } from './words.ts';

const mail = (text: string): Buffer => Buffer.from(text.trim().replaceAll('\n', '\r\n'));
const header = (text: string): string[] => {
  const bytes = mail(`${text.trim()}\n\n.`);
  const block = parseHeaders(bytes);
  return headerTokens(bytes.subarray(0, block.end), block);
};

describe('words', () => {
  test('Japanese, Chinese, Korean and Thai give overlapping pairs; widths and half-width kana are folded', () => {
    assert.deepEqual(wordsOf('東京タワー'), ['東京', '京タ', 'タワ', 'ワー']);
    assert.deepEqual(wordsOf('ﾀﾜｰ'), wordsOf('タワー'));
    assert.deepEqual(wordsOf('ＦＲＥＥ　Ｍｏｎｅｙ'), ['free', 'money']);
    assert.deepEqual(wordsOf('안녕하세요'), ['안녕', '녕하', '하세', '세요']);
    assert.deepEqual(wordsOf('今 x'), ['今']);
  });

  test('what hides a word is not seen, and told', () => {
    assert.deepEqual(wordsOf('via\u200bgra'), ['odd:hidden-letters', 'viagra']);
    assert.deepEqual(wordsOf('p\u0430ypal'), ['p\u0430ypal', 'odd:mixed-alphabets']);
    assert.deepEqual(wordsOf('ﬁne'), ['fine']);
  });

  test('long runs and long numbers are counted by their kind', () => {
    assert.deepEqual(wordsOf(`${'x'.repeat(45)} 12345678 2026 buy!!!!!`), [
      'long:x4',
      'digits:8',
      '2026',
      'buy!!',
    ]);
  });
});

describe('HTML and links', () => {
  test('a reader sees no markup; links, forms and hidden text are told', () => {
    const { text, links, marks } = seenHtml(
      '<p>V<b>ia</b>gra</p><div style="display:none">x</div><form action="http://a.test/go"><a href="https://evil.test/x">www.bank.test/login</a></form>' +
        '<img src="https://t.test/p.gif" width="1" height=1>',
    );
    assert.match(text, /Viagra/);
    assert.deepEqual(links, ['http://a.test/go', 'https://evil.test/x', 'https://t.test/p.gif']);
    for (const mark of ['form', 'hidden-text', 'link-elsewhere', 'remote-image', 'pixel'])
      assert.ok(marks.includes(mark), mark);
  });

  test('a link is counted by its host, its domain, its path and how it is written', () => {
    assert.deepEqual(linkTokens('https://shop.example.co.jp:8443/sale/item?id=77'), [
      'host:example.co.jp',
      'link:https',
      'host:shop.example.co.jp',
      'link:port-8443',
      'path:sale',
      'path:item',
      'path:id',
      'path:77',
    ]);
    assert.ok(linkTokens('http://192.0.2.7/a').includes('link:address'));
    assert.ok(linkTokens('http://bank.test@192.0.2.7/a').includes('link:user'));
    assert.deepEqual(linkTokens('mailto:x@a.test?subject=y'), ['mailto:a.test']);
    assert.deepEqual(linkTokens('cid:1234'), ['link:cid:']);
  });

  test('hostile pages take time in proportion to their length', () => {
    for (const hostile of ['ﷺ', '<a href="', '<', '<!--', '<a '.repeat(2), '&#', '<a href=x>www.'])
      seenHtml(hostile.repeat((64 * 1024) / hostile.length));
  });
});

describe('headers', () => {
  test('subject, author, mailer and how the header is built are counted; recipients and our own results are not', () => {
    const tokens = header(`
Authentication-Results: mx.here.test; spf=pass
X-Spam-Status: Yes
Delivered-To: alice@here.test
From: =?utf-8?B?6Yqt5bmj?= <info99999@shop.example.co.jp>
To: alice@here.test
Reply-To: other@third.test
Subject: =?utf-8?B?5b2T6YG45Y+W5aWW?=
X-Mailer: MassMailer 2
Message-ID: <1@mailer.test>
Date: Tue, 24 Nov 2026 10:00:00 +0900
Content-Type: text/plain; charset=iso-2022-jp`);
    for (const token of [
      'from-domain:example.co.jp',
      'reply-to-is:other',
      'mailer:massmailer',
      'zone:+0900',
      'charset:iso-2022-jp',
      'from-is:numbered',
      'id-is:other',
    ])
      assert.ok(tokens.includes(token), token);
    assert.ok(tokens.includes('subject:当選'));
    assert.ok(
      !tokens.some(
        (token) => token.includes('alice') || token.includes('here.test') || token.includes('spam'),
      ),
    );
  });

  test('oddities of the writing are told', () => {
    const tokens = header('From: a@b.test\nSubject: =?us-ascii?Q?FREE_MONEY?=\nDate: never');
    for (const odd of ['odd:needless-encoding', 'odd:capitals', 'odd:date'])
      assert.ok(tokens.includes(odd), odd);
    assert.ok(header('Subject: x').includes('odd:no-author'));
  });
});

test('the way of a mail is the same from the session and from our Received line', () => {
  const bytes = mail(`
Return-Path: <a@b.test>
Received: from mail.sender.example.com ([198.51.100.7])
	by mx.here.test with ESMTPS id 01abc
	for <alice@here.test> tls TLS_AES_256_GCM_SHA384;
	Tue, 24 Nov 2026 10:00:00 +0000
Subject: x

.`);
  const block = parseHeaders(bytes);
  const stored = routeOfStored(bytes.subarray(0, block.end), block);
  assert.deepEqual(stored, { ip: '198.51.100.7', helo: 'mail.sender.example.com' });
  assert.deepEqual(routeTokens(stored), ['net:c63364/24', 'net:c633/16', 'greets-as:example.com']);
  assert.deepEqual(routeTokens({ ip: '2001:db8:1:2::3', helo: 'x' }), [
    'net:20010db80001/48',
    'net:20010db8/32',
    'greets-as:no-name',
  ]);
  assert.deepEqual(routeTokens({ ip: '', helo: '' }), []);
});

describe('the tally and the score', () => {
  test('tokens survive packing, also while the table grows', () => {
    const tokens = Array.from({ length: 5000 }, (_, at) => `t${at}`);
    const tally = new Tally();
    tally.add('spam', unpackHashes(packHashes(tokens)));
    tally.add('ham', unpackHashes(packHashes(tokens.slice(0, 10))));
    const again = Tally.unpack(structuredClone(tally.pack()));
    assert.deepEqual(again.countsOf(tokenHash('t5')), { spam: 1, ham: 1 });
    assert.deepEqual(again.countsOf(tokenHash('t4999')), { spam: 1, ham: 0 });
    assert.deepEqual(again.countsOf(tokenHash('never')), { spam: 0, ham: 0 });
    assert.equal(again.spamMails + again.hamMails, 2);
  });

  test('it says nothing before it has learned enough of both, less until it has learned more, and names what tells', () => {
    const tally = new Tally();
    const learn = (label: 'spam' | 'ham', words: string[], times: number): void => {
      for (let i = 0; i < times; i++) tally.add(label, unpackHashes(packHashes([...words, 'common'])));
    };
    learn('spam', ['cheap', 'pills'], speaksFrom);
    learn('ham', ['meeting', 'minutes'], speaksFrom - 1);
    assert.deepEqual(scoreOf(['cheap'], [{ tally, weight: 1 }]), { score: 0, trust: 0, evidence: [] });
    learn('ham', ['meeting', 'minutes'], 1);
    const spam = scoreOf(['cheap', 'pills', 'common', 'new'], [{ tally, weight: 1 }]);
    assert.ok(spam.score > 2 && spam.trust > 0 && spam.trust < 1);
    assert.deepEqual([...spam.evidence].sort(), ['cheap', 'pills']);
    assert.ok(scoreOf(['meeting', 'common'], [{ tally, weight: 1 }]).score < -2);
    assert.ok(Math.abs(scoreOf(['common', 'new'], [{ tally, weight: 1 }]).score) < 0.3);
    learn('spam', ['cheap'], 100);
    learn('ham', ['meeting'], 100);
    assert.equal(scoreOf(['cheap'], [{ tally, weight: 1 }]).trust, 1);
  });

  test('what an account has taught outweighs its organisation', () => {
    const org = new Tally();
    const own = new Tally();
    for (let i = 0; i < 40; i++) {
      org.add('spam', unpackHashes(packHashes(['newsletter', `s${i}`])));
      org.add('ham', unpackHashes(packHashes(['invoice', `h${i}`])));
    }
    for (let i = 0; i < 40; i++) own.add('ham', unpackHashes(packHashes(['newsletter'])));
    assert.ok(scoreOf(['newsletter'], [{ tally: org, weight: 1 }]).score > 1);
    const both = [
      { tally: org, weight: 1 },
      { tally: own, weight: 2 },
    ];
    assert.ok(
      scoreOf(['newsletter'], both).score < scoreOf(['newsletter'], [{ tally: org, weight: 1 }]).score / 2,
    );
  });
});

test('a message gives the same tokens as it comes in and as it lies in a mailbox', () => {
  const text =
    'From: a@b.test\nSubject: hello\nContent-Type: text/html\n\n<p>Come <a href="http://x.test/">here</a></p>';
  const received =
    'Received: from b.test ([192.0.2.1])\n\tby mx.here.test with ESMTP id 1;\n\tTue, 24 Nov 2026 10:00:00 +0000\n';
  const stored = storedTokens(mail(`X-Spam-Score: 3\n${received}${text}`));
  const plain = storedTokens(mail(text));
  const route = routeTokens({ ip: '192.0.2.1', helo: 'b.test' });
  assert.deepEqual([...stored].sort(), [...plain, ...route].sort());
});
